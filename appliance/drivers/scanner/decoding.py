"""From a picture to the codes in it: zxing-cpp first, pyzbar (zbar) where it finds nothing, then the picture changed.

The order and the tries come from the bake-off (`make bench ARGS=decoding`, docs/benchmarks.md): each try reads some
pictures that those before it cannot, and costs what the table there says.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

from PIL import Image, ImageFilter, ImageOps

from appliance.core.errors import DeviceLost
from appliance.core.symbologies import FORMATS, IN_USE, LINEAR

MAX_CODE_BYTES = 4096
_TURN_DEG = 30  # a wide linear code is read within 15 degrees of upright or lying: 0, 30 and 60 cover all

# Our name -> zxing-cpp's (BarcodeFormat) and zbar's (ZBarSymbol), empty where zbar has no reader.
_NAMES = {
    "qr": ("QRCode", "QRCODE"), "aztec": ("Aztec", ""), "datamatrix": ("DataMatrix", ""), "pdf417": ("PDF417", ""),
    "ean13": ("EAN13", "EAN13"), "ean8": ("EAN8", "EAN8"), "upca": ("UPCA", "UPCA"), "upce": ("UPCE", "UPCE"),
    "code128": ("Code128", "CODE128"), "code39": ("Code39", "CODE39"), "code93": ("Code93", "CODE93"),
    "itf": ("ITF", "I25"), "codabar": ("Codabar", "CODABAR"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """A code in a picture. `sure`: it corrects its own errors, as square codes do.

    A linear code has one check digit at most: some blurred frames in a thousand pass for another product.
    """

    code: bytes
    sure: bool


Engine = Callable[[Image.Image], list[Reading]]
Try = tuple[str, Engine]


class Cascade:
    """Reads codes of the given formats in grey pictures (mode L). Raises DeviceLost if no engine is installed."""

    def __init__(self, formats: Sequence[str] = IN_USE) -> None:
        self.tries: list[Try] = list(_tries(formats))
        if not self.tries:
            raise DeviceLost(
                "not_installed",
                "Nothing is installed that reads codes in pictures.",
                "Install zxing-cpp: pip install 'stallbox[camera]'.",
            )
        self._further = itertools.cycle(self.tries[1:] or self.tries)

    def read(self, picture: Image.Image) -> list[Reading]:
        """Return the codes in a picture, after as many tries as it takes; none if there is none."""
        return next((found for _, engine in self.tries if (found := engine(picture))), [])

    def glance(self, picture: Image.Image) -> list[Reading]:
        """Return the codes in one frame of many: the first try, and one of the others in turn.

        So a frame without a code costs two tries, and a code that is hard to read gets every try within a second.
        """
        return self.tries[0][1](picture) or next(self._further)[1](picture)


def zxing_engine(formats: Sequence[str]) -> Engine | None:
    """Return zxing-cpp's reader; None if it is not installed."""
    try:
        import zxingcpp
    except ImportError:
        return None
    wanted = zxingcpp.BarcodeFormats([getattr(zxingcpp.BarcodeFormat, _NAMES[name][0]) for name in formats])
    plain = zxingcpp.TextMode.Plain  # control characters as they are, not spelt out
    sure = {getattr(zxingcpp.BarcodeFormat, _NAMES[name][0]) for name in FORMATS if name not in LINEAR}

    def read(picture: Image.Image) -> list[Reading]:
        found = zxingcpp.read_barcodes(picture, wanted, text_mode=plain)
        return _sound(Reading(code.text.encode(), code.symbology in sure) for code in found)

    return read


def zbar_engine(formats: Sequence[str]) -> Engine | None:
    """Return pyzbar's reader; None if it or libzbar is not installed, or reads none of the formats.

    zbar guesses the character set of what is not ASCII and often wrong (UTF-8 taken for Shift-JIS), so such codes
    are left to zxing-cpp.
    """
    zbar = _zbar()
    symbols = [zbar.ZBarSymbol[_NAMES[name][1]] for name in formats if _NAMES[name][1]] if zbar else []
    if zbar is None or not symbols:
        return None

    def read(picture: Image.Image) -> list[Reading]:
        found = zbar.decode((picture.tobytes(), *picture.size), symbols)
        return _sound(Reading(code.data, code.type == "QRCODE") for code in found if code.data.isascii())

    return read


def _zbar() -> ModuleType | None:
    try:
        from pyzbar import pyzbar
    except ImportError:
        return None
    module: ModuleType = pyzbar
    return module


def _tries(formats: Sequence[str]) -> Iterator[Try]:
    zxing, zbar = zxing_engine(formats), zbar_engine(formats)
    if zxing:
        yield "plain", zxing
    if zbar:
        yield "zbar", zbar
    if not zxing:
        return
    yield "smooth", _changed(_smooth, zxing)
    yield "even", _changed(_even, zxing)
    if linear := [name for name in formats if name in LINEAR]:
        # zxing-cpp itself turns and inverts for square codes; linear ones it reads upright or lying, black on white.
        lines = zxing_engine(linear) or zxing
        yield "negative", _changed(ImageOps.invert, lines)
        yield "turned right", _changed(lambda picture: _turned(picture, -_TURN_DEG), lines)
        yield "turned left", _changed(lambda picture: _turned(picture, _TURN_DEG), lines)


def _changed(change: Callable[[Image.Image], Image.Image], engine: Engine) -> Engine:
    return lambda picture: engine(change(picture))


def _smooth(picture: Image.Image) -> Image.Image:
    """Take out grain and stripes, and stretch what contrast there is."""
    return ImageOps.autocontrast(picture.filter(ImageFilter.BoxBlur(1)), cutoff=1)


def _even(picture: Image.Image) -> Image.Image:
    """Halve the picture and even out its light."""
    return ImageOps.equalize(picture.reduce(2))


def _turned(picture: Image.Image, angle_deg: float) -> Image.Image:
    return picture.rotate(angle_deg, Image.Resampling.BILINEAR, expand=True, fillcolor=128)


def _sound(readings: Iterator[Reading]) -> list[Reading]:
    return [reading for reading in readings if 0 < len(reading.code) <= MAX_CODE_BYTES]
