"""Draws one line of text as a picture, for characters that the printer's code page lacks."""

from __future__ import annotations

import functools
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from appliance.drivers.printer.layout import character_width, width

CELL_DOTS = (12, 24)  # font A at 203 dots an inch
LINE_GAP_DOTS = 6  # the printer moves 30 dots a line
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# The first font that has a character draws it. Debian: fonts-dejavu-core, fonts-droid-fallback, fonts-noto-cjk.
FONT_FILES = (
    ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
    ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("wqy-microhei.ttc", "wqy-microhei.ttc"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
)
NO_SUCH_CHARACTER = "\U0010ffff"
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_line(text: str, left_dots: int, bold: bool, scale: int) -> Image.Image:
    """Return a 1-bit picture of the line, its text starting `left_dots` from the left edge."""
    cell_width, cell_height = CELL_DOTS[0] * scale, CELL_DOTS[1] * scale
    canvas = Image.new("L", (left_dots + width(text) * cell_width, cell_height + LINE_GAP_DOTS), 255)
    draw = ImageDraw.Draw(canvas)
    left = left_dots
    for char in text:
        font = _font_for(char, bold, round(cell_height * 5 / 6))
        span = character_width(char) * cell_width
        offset = max(0, round((span - font.getlength(char)) / 2)) if span else 0
        draw.text((left + offset, round(cell_height * 0.79)), char, fill=0, font=font, anchor="ls")
        left += span
    return canvas.point(lambda level: 255 if level > 140 else 0).convert("1", dither=Image.Dither.NONE)


@functools.lru_cache(maxsize=1024)
def _font_for(char: str, bold: bool, size: int) -> Font:
    fonts = _fonts(bold, size)
    return next((font for font in fonts if _holds(font, char)), fonts[0])


def _holds(font: Font, char: str) -> bool:
    """What a font lacks looks like a code point that no font has."""
    return char.isspace() or bytes(font.getmask(char)) != bytes(font.getmask(NO_SUCH_CHARACTER))


@functools.lru_cache(maxsize=8)
def _fonts(bold: bool, size: int) -> list[Font]:
    paths = (_find(names[bold]) for names in FONT_FILES)
    return [*(ImageFont.truetype(path, size) for path in paths if path), ImageFont.load_default(size)]


@functools.cache
def _find(name: str) -> Path | None:
    return next((path for folder in FONT_FOLDERS for path in folder.rglob(name)), None)
