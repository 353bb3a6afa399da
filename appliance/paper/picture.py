"""Pictures of offers: made small for tablets on one radio, and rid of where and when they were taken."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from appliance.core.errors import Refusal

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

WIDTH_PX = 800  # a card on a tablet, at twice its density
MOST_PIXELS = 40_000_000  # a telephone's camera
MOST_PIXELS_UNFOLDED = 13_000_000  # of one that is read in full (4080 x 3072); more would fill the memory of a Pi
QUALITY = 80


def fitted(data: bytes) -> bytes:
    """Return a picture as a small JPEG without any metadata. Raises Refusal if it is none."""
    from PIL import Image, ImageOps  # which a box that takes in no picture need not carry

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if picture.width * picture.height > _most_pixels(picture):
                raise Refusal("picture_large", "This picture has too many pixels: take a smaller one.")
            picture.draft("RGB", (WIDTH_PX, WIDTH_PX))  # a JPEG is then never unfolded in full
            picture.thumbnail((WIDTH_PX, WIDTH_PX))  # before it is turned, which takes a copy
            upright = ImageOps.exif_transpose(picture)
            small = Image.new("RGB", upright.size, "white")
            small.paste(upright, mask=upright.getchannel("A") if upright.mode in ("RGBA", "LA") else None)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise Refusal("no_picture", "This is no picture that the box can read: send a JPEG, PNG or WebP.") from error
    out = io.BytesIO()
    small.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _most_pixels(picture: Picture) -> int:
    """Return how many pixels a picture may have: fewer where it cannot be read small to begin with."""
    is_unfolded = picture.format in ("PNG", "WEBP") or "progressive" in picture.info
    return MOST_PIXELS_UNFOLDED if is_unfolded else MOST_PIXELS
