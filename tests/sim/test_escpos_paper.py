from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from appliance.sim.escpos import drawing
from appliance.sim.escpos.paper import Line, Paper, Picture, QrCode
from appliance.sim.escpos.reader import Reader

QR = b"\x1d(k\x03\x001C\x04\x1d(k\x03\x001E1\x1d(k\x08\x001P0hello\x1d(k\x03\x001Q0"


def paper_of(data: bytes, width_dots: int = 576) -> Paper:
    paper = Paper(width_dots)
    paper.apply(Reader().feed(data))
    return paper


def image_of(paper: Paper) -> Image.Image:
    return Image.open(io.BytesIO(drawing.png(paper.newest(), paper.width_dots)))


@pytest.mark.parametrize(
    ("page", "data", "text"),
    [
        (0, b"\x82\xe1\x9c", "éß£"),
        (2, b"\x9b\x9d", "øØ"),
        (16, b"\x80\xe9\x8c", "€éŒ"),
        (18, b"\x88\xa5\x9d", "łąŁ"),
        (19, b"\xd5\x82", "€é"),
        (40, b"\xa4\xbd", "€œ"),
        (99, b"A\xd5", "A\ufffd"),
    ],
)
def test_code_pages(page: int, data: bytes, text: str) -> None:
    assert paper_of(b"\x1bt" + bytes([page]) + data + b"\n").text() == text + "\n"


def test_styles_and_alignment_are_kept_with_the_line() -> None:
    paper = paper_of(b"\x1ba\x01\x1bE\x01\x1d!\x11Hi\x1bE\x00\x1d!\x00\x1b-\x01\x1dB\x01\x1bM\x01x\n")
    (line,) = paper.sheets[0].items
    assert isinstance(line, Line)
    (_, big), _, (_, small) = line.cells
    assert (big.width, big.height, big.bold, line.align) == (2, 2, True, "center")
    assert (small.cell, small.underline, small.reverse, small.bold) == ((9, 17), True, True, False)


def test_print_mode_sets_all_at_once_and_init_clears() -> None:
    first, second = (
        item for item in paper_of(b"\x1b!\xb9A\n\x1b@\x1b!\x00B\n").sheets[0].items if isinstance(item, Line)
    )
    style = first.cells[0][1]
    assert (style.width, style.height, style.bold, style.underline, style.font) == (2, 2, True, True, 1)
    assert second.cells[0][1].cell == (12, 24)


@pytest.mark.parametrize(("width_dots", "columns"), [(576, 48), (384, 32)])
def test_a_line_too_long_goes_on_below(width_dots: int, columns: int) -> None:
    text = paper_of(b"x" * 60 + b"\n", width_dots).text()
    assert text == "x" * columns + "\n" + "x" * (60 - columns) + "\n"


def test_text_shows_codes_pictures_and_cuts() -> None:
    paper = paper_of(b"one\n" + QR + b"\x1dv0\x00\x02\x00\x02\x00\xff\xff\xff\xff\x1dk\x04123\x00\n\x1dV\x00two\n")
    assert paper.text().split("\n") == [
        "one",
        "[QR: hello]",
        "[image 16x2]",
        "[barcode: 123]",
        "",
        ("- " * 24).rstrip(),
        "two",
        "",
    ]
    assert paper.text(last=1) == "two\n"
    assert paper.text(last=0) == ""


def test_only_the_newest_sheets_are_kept() -> None:
    paper = Paper(keep_sheets=3)
    for number in range(10):
        paper.apply(Reader().feed(b"%d\n\x1dV\x00" % number))
    assert "7" not in paper.text()
    assert "8" in paper.text()
    assert paper.raw() == b"8\n\x1dV\x009\n\x1dV\x00"


def test_a_qr_is_drawn_to_its_size_and_place() -> None:
    paper = paper_of(b"\x1ba\x01" + QR)
    (code,) = paper.sheets[0].items
    assert isinstance(code, QrCode)
    image = image_of(paper)
    dark = image.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert dark is not None
    left, top, right, bottom = dark
    assert (right - left, bottom - top) == (21 * 4, 21 * 4)  # version 1 has 21 modules
    assert left == (image.width - 21 * 4) // 2


def test_a_qr_too_long_for_any_code_prints_nothing() -> None:
    data = b"1P0" + b"x" * 5000
    store = b"\x1d(k" + len(data).to_bytes(2, "little") + data
    assert image_of(paper_of(store + b"\x1d(k\x03\x001Q0")).getextrema()[0] == drawing.WHITE


def test_a_raster_is_drawn_dot_for_dot() -> None:
    paper = paper_of(b"\x1dv0\x00\x01\x00\x02\x00\xf0\x0f")
    (picture,) = paper.sheets[0].items
    assert isinstance(picture, Picture)
    image = image_of(paper)
    dots = [[image.getpixel((drawing.MARGIN_DOTS + x, drawing.MARGIN_DOTS + y)) for x in range(8)] for y in range(2)]
    assert dots == [[20] * 4 + [255] * 4, [255] * 4 + [20] * 4]


def test_drawing_bolder_bigger_and_reversed_takes_more_ink() -> None:
    def ink(data: bytes) -> int:
        return sum(255 - level for level in image_of(paper_of(data + b"Total\n")).tobytes())

    plain = ink(b"")
    assert plain > 0
    assert ink(b"\x1bE\x01") > plain
    assert ink(b"\x1d!\x11") > 3 * plain
    assert ink(b"\x1dB\x01") > 3 * plain


def test_every_character_of_every_code_page_can_be_drawn() -> None:
    for page in (0, 2, 16, 18, 19, 40):
        data = b"\x1bt" + bytes([page]) + bytes(range(0x20, 0x100)) + b"\n"
        assert image_of(paper_of(data)).getextrema()[0] < 128


def test_without_the_usual_fonts_it_still_draws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(drawing, "FONT_FOLDER", tmp_path)
    caches = (drawing._font, drawing._glyph, drawing._holds)
    for cache in caches:
        cache.cache_clear()
    try:
        assert image_of(paper_of(b"\x1bt\x13\xd5 3,50 \x82\xc4\n")).getextrema()[0] < 128
    finally:
        for cache in caches:
            cache.cache_clear()
