"""Draws one line of text as a picture, for characters that the printer's code page lacks.

Letters stand in the columns of the printer's own font. Where a script joins or reorders its letters (Arabic, Hebrew,
the Indic scripts, Thai) a whole run is shaped at once by Pillow's Raqm engine; its wheels bring HarfBuzz and look for
the system's FriBiDi, Debian's libfribidi0. Without that such runs are still drawn, letter by letter.

A line of a text that is read from right to left is shaped as a whole, up to the gap that sets it off from an amount:
its words, digits and marks come in another order than in a line that only quotes Arabic or Hebrew.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from appliance.drivers.printer.layout import GAP, SHAPED, character_width, width

log = logging.getLogger(__name__)
CELL_DOTS = (12, 24)  # font A at 203 dots an inch
LINE_GAP_DOTS = 6  # the printer moves 30 dots a line
BASELINE = 0.86  # of the cell's height: room for two marks above a capital
INK_BELOW = 140  # grey levels darker than this become black
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_INDIC = "Devanagari Bengali Tamil Telugu Gujarati Gurmukhi Kannada Malayalam".split()
# The first font that has a character draws it. Debian: fonts-dejavu-core, fonts-droid-fallback or fonts-noto-cjk,
# fonts-lohit-deva and its sisters or fonts-noto-core.
FONT_FILES = (
    ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
    ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("wqy-microhei.ttc", "wqy-microhei.ttc"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    *((f"Lohit-{script}.ttf", f"Lohit-{script}.ttf") for script in _INDIC),
    *((f"NotoSans{script}-Regular.ttf", f"NotoSans{script}-Bold.ttf") for script in ("Arabic", "Thai", *_INDIC)),
    ("Symbola_hint.ttf", "Symbola_hint.ttf"),
)
NO_SUCH_CHARACTER = "\U0010ffff"
# From the first shaped letter to the last one that only single spaces, digits and marks divide from it.
_SHAPED_RUN = re.compile(rf"[{SHAPED}](?:(?:[{SHAPED}\u200c\u200d\u0300-\u036f]|[\d.,:/%()-]| (?! ))*[{SHAPED}])?")
_GAP = re.compile(f"( {{{GAP},}})")
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_line(text: str, left_dots: int, bold: bool, scale: int, is_rtl: bool = False) -> Image.Image:
    """Return a 1-bit picture of the line, its text starting `left_dots` from the left edge.

    `is_rtl` tells that it belongs to a text which is read from right to left.
    """
    cell_width, cell_height = CELL_DOTS[0] * scale, CELL_DOTS[1] * scale
    canvas = Image.new("L", (left_dots + width(text) * cell_width, cell_height + LINE_GAP_DOTS * scale), 255)
    left, size = left_dots, round(cell_height * 5 / 6)
    for part in _GAP.split(text):
        is_whole = is_rtl and bool(_SHAPED_RUN.search(part)) and _holds_all(_font_for(part, bold, size), part)
        for run in [part] if is_whole else _runs(part):
            span = width(run) * cell_width
            is_centred = left == left_dots or len(run) == 1
            picture = _drawn(run, _font_for(run, bold, size), span, is_centred, canvas.height, is_whole)
            canvas.paste(picture, (left, 0))
            left += span
    return canvas.point(lambda level: 255 if level > INK_BELOW else 0).convert("1", dither=Image.Dither.NONE)


def _runs(text: str) -> Iterator[str]:
    """Cut a line into what is drawn at once: a shaped run, or a character with the marks upon it."""
    end = 0
    for found in _SHAPED_RUN.finditer(text):
        yield from _letters(text[end : found.start()])
        yield found.group()
        end = found.end()
    yield from _letters(text[end:])


def _letters(text: str) -> Iterator[str]:
    letter = ""
    for char in text:
        if letter and character_width(char):
            yield letter
            letter = ""
        letter += char
    if letter:
        yield letter


def _drawn(run: str, font: Font, span: int, is_centred: bool, height: int, is_rtl: bool) -> Image.Image:
    """Draw a run in its columns; squeezed where its letters are wider than those."""
    natural = max(1, round(font.getlength(run)))
    wide = max(natural, span)
    left = (wide - natural) // 2 if is_centred else 0
    baseline = round(height * CELL_DOTS[1] / (CELL_DOTS[1] + LINE_GAP_DOTS) * BASELINE)
    picture = Image.new("L", (wide, height), 255)
    direction = "rtl" if is_rtl and features.check("raqm") else None
    ImageDraw.Draw(picture).text((left, baseline), run, fill=0, font=font, anchor="ls", direction=direction)
    return picture if wide == span else picture.resize((max(1, span), height), Image.Resampling.LANCZOS)


@functools.lru_cache(maxsize=1024)
def _font_for(run: str, bold: bool, size: int) -> Font:
    """Return the first font that has every letter of the run, else the one that has most of them."""
    if len(run) > 1:
        _warn_of_unshaped()
    letters = _visible(run)
    return max(_fonts(bold, size), key=lambda font: sum(_holds(font, char) for char in letters))


def _visible(run: str) -> list[str]:
    return [char for char in run if character_width(char) and not char.isspace()]


def _holds_all(font: Font, run: str) -> bool:
    return all(_holds(font, char) for char in _visible(run))


@functools.cache
def _warn_of_unshaped() -> None:
    if not features.check("raqm"):
        log.warning("Arabic, Hebrew and Indic letters are printed unjoined: install libfribidi0")


def _holds(font: Font, char: str) -> bool:
    """What a font lacks looks like a code point that no font has."""
    return bytes(font.getmask(char)) != bytes(font.getmask(NO_SUCH_CHARACTER))


@functools.lru_cache(maxsize=8)
def _fonts(bold: bool, size: int) -> list[Font]:
    paths = (_find(names[bold]) for names in FONT_FILES)
    return [*(ImageFont.truetype(path, size) for path in paths if path), ImageFont.load_default(size)]


@functools.cache
def _find(name: str) -> Path | None:
    return next((path for folder in FONT_FOLDERS for path in folder.rglob(name)), None)
