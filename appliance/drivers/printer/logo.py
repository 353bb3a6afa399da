"""The stall's logo: a picture file made fit for paper, and kept in the printer where that has a memory for it.

NV graphics stay when the power goes and are printed by a few bytes (Epson ESC/POS command reference, GS ( L functions
64, 67 and 69). The two letters that name it are made from the picture itself, so that another logo, or another printer
on the same line, is seen as one that is not stored yet; the flash is written only then.
"""

from __future__ import annotations

import functools
import hashlib
import logging
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)
MAX_ROWS = 240  # 30 mm: taller is wasted paper
ASK_STORED = b"\x1d(L\x04\x00\x30\x40KC"  # function 64: which names are taken
_STORE, _SHOW = 67, 69
_KEY_FIRST, _KEY_COUNT = 32, 95  # a name's letters are 32 to 126


class Logo:
    """One picture for a printer that is `dots` wide."""

    def __init__(self, path: str, dots: int) -> None:
        """Name the file; it is read when first needed."""
        self._path = Path(path)
        self._dots = dots

    @functools.cached_property
    def picture(self) -> Any:
        """A 1-bit Pillow image, its width a multiple of 8; None where the file cannot be used, which is logged."""
        from PIL import Image

        try:
            with Image.open(self._path) as file:
                return _for_paper(file, self._dots)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            log.warning("receipts are printed without the logo %s: %s", self._path, error)
            return None

    @property
    def name(self) -> bytes:
        """The two letters under which the printer keeps it."""
        digest = hashlib.sha256(_rows(self.picture)).digest()
        return bytes(_KEY_FIRST + digest[place] % _KEY_COUNT for place in (0, 1))

    def store(self) -> bytes:
        """Return the command that writes it into the printer's memory (function 67, raster, one colour)."""
        width, height = self.picture.size
        size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
        return _graphics(_STORE, b"\x30" + self.name + b"\x01" + size + b"\x31" + _rows(self.picture))

    def show(self) -> bytes:
        """Return the command that prints it from the memory (function 69) at its own size."""
        return _graphics(_SHOW, self.name + b"\x01\x01")


def _graphics(function: int, data: bytes) -> bytes:
    return b"\x1d(L" + (len(data) + 2).to_bytes(2, "little") + bytes([0x30, function]) + data


def _rows(picture: Any) -> bytes:
    """Return the picture as the printer takes it: a bit a dot, 1 is black."""
    return bytes(byte ^ 0xFF for byte in picture.tobytes())


def _for_paper(file: Any, dots: int) -> Any:
    """Lay a picture on white, shrink it to the paper, and make it black and white (Floyd-Steinberg)."""
    from PIL import Image

    coloured = file.convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", coloured.size, "white"), coloured).convert("L")
    flat.thumbnail((dots, MAX_ROWS), Image.Resampling.LANCZOS)
    width = min(-(-flat.width // 8) * 8, dots // 8 * 8)
    paper = Image.new("L", (width, flat.height), 255)
    paper.paste(flat, ((width - flat.width) // 2, 0))
    return paper.convert("1")
