"""Lines that are drawn: scripts that join or reorder their letters, marks, and letters that no font has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, features

from appliance.drivers.printer import layout
from appliance.drivers.printer.lettering import draw_line


def ink(picture: Image.Image) -> int:
    return picture.histogram()[0]


def test_the_shaping_engine_is_there() -> None:
    """Pillow's wheels bring Raqm and HarfBuzz, and look for Debian's libfribidi0."""
    assert features.check("raqm"), "install libfribidi0"


@pytest.mark.parametrize("word", ["قهوة", "شكرا", "می‌خواهم"])
def test_arabic_letters_are_joined_and_run_from_right_to_left(word: str) -> None:
    cell = 12
    line = draw_line(word, 0, False, 1)
    apart = Image.new("1", line.size, 1)
    for place, char in enumerate(word.replace("\u200c", "")):
        apart.paste(draw_line(char, 0, False, 1), (place * cell, 0))
    assert ImageChops.difference(line, apart).getbbox() is not None
    assert ink(line) > 40


def test_a_price_beside_arabic_keeps_its_column() -> None:
    (line,) = layout.row("1 x قهوة عربية", "12,00 €", 48)
    alone = draw_line("12,00 €", 41 * 12, False, 1)
    drawn = draw_line(line, 0, False, 1)
    right_edge = (41 * 12, 0, 48 * 12, 30)
    assert ImageChops.difference(drawn.crop(right_edge), alone.crop(right_edge)).getbbox() is None
    left_edge = (0, 0, 3 * 12, 30)
    assert ImageChops.difference(drawn.crop(left_edge), draw_line("1 x", 0, False, 1).crop(left_edge)).getbbox() is None


def test_joiners_stay_between_letters_that_they_shape_and_nowhere_else() -> None:
    assert layout.clean("می\u200cخواهم") == "می\u200cخواهم"
    assert layout.clean("a\u200cb\u202ec") == "abc"
    assert layout.width("می\u200cخواهم") == 7


def test_marks_stand_on_their_letter() -> None:
    assert draw_line("Tiê\u0303ng", 0, False, 1).width == 5 * 12


@given(st.text(max_size=40), st.booleans(), st.integers(1, 3))
def test_whatever_people_write_is_drawn_in_its_columns(text: str, bold: bool, scale: int) -> None:
    line = layout.clean(text).replace("\n", " ")
    drawn = draw_line(line, 24, bold, scale)
    assert drawn.width == 24 + layout.width(line) * 12 * scale
    assert drawn.height == 30 * scale


@pytest.mark.parametrize(
    ("text", "last"), [("شكرا!", "!"), ("إيصال 21", "21"), ("منها Tax من 48.00", "48.00"), ("24.00 للقطعة", "للقطعة")]
)
def test_what_begins_in_arabic_ends_at_the_left(text: str, last: str) -> None:
    assert is_at(text, last, 0)


def test_arabic_within_another_language_keeps_the_line_from_left_to_right() -> None:
    assert is_at("2 x شكرا", "2 x", 0)
    assert is_at("2 x شكرا", "شكرا", 4)


def test_an_amount_stays_at_the_right_of_arabic_however_little_room_there_is() -> None:
    for letters in range(1, 24):
        for line in layout.row("ب" * letters + " 5", "AED 48.00", 32)[:1]:
            assert is_at(line, "AED 48.00", 23)


def test_a_line_that_no_single_font_has_is_drawn_in_parts() -> None:
    assert is_at("قهوة · 陶芸", "陶芸", 7)


def is_at(line: str, part: str, column: int) -> bool:
    """Tell whether a part stands at a column as if drawn alone, but for a few dots of how a run is spaced."""
    is_rtl = layout.is_right_to_left(line)
    there = draw_line(line, 0, False, 1, is_rtl).crop((column * 12, 0, (column + layout.width(part)) * 12, 30))
    alone = draw_line(part, 0, False, 1)
    return ink(ImageChops.invert(ImageChops.logical_xor(there, alone))) < ink(alone) / 5
