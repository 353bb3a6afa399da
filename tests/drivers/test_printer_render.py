from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.document import Align, Block, Cut, Document, Drawer, Feed, Qr, Row, Rule, Text
from appliance.drivers.printer import layout, lettering
from appliance.drivers.printer.render import CODE_PAGES, Renderer
from appliance.sim.escpos.paper import Line, Paper, Picture, QrCode
from appliance.sim.escpos.reader import Reader

RENDERER = Renderer()
SIMULATED_PAGES = ["cp437", "cp850", "cp852", "cp858", "cp1252", "iso8859-15"]
anything = st.text(max_size=60)
blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Text, anything, st.booleans(), st.integers(-1, 12), st.sampled_from(Align)),
    st.builds(Row, anything, anything, st.booleans()),
    st.builds(Rule),
    st.builds(Feed, st.integers(-2, 600)),
    st.builds(Qr, st.one_of(anything, st.text(min_size=1000, max_size=3000)), anything),
    st.builds(Drawer),
    st.builds(Cut),
)


def printed(*content: Block, renderer: Renderer = RENDERER) -> Paper:
    paper = Paper(renderer.columns * 12)
    paper.apply(Reader().feed(b"".join(renderer.render(Document(content)))))
    return paper


def page_text(page: str) -> st.SearchStrategy[str]:
    chars = (bytes([byte]).decode(page, "ignore") for byte in range(0x21, 0x100))
    return st.text(st.sampled_from([c for c in chars if c and layout.clean(c).strip()]), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(blocks, max_size=6), st.booleans(), st.sampled_from([32, 48]))
def test_any_document_renders_to_commands_that_all_are_understood(
    content: list[Block], native_qr: bool, columns: int
) -> None:
    renderer = Renderer(columns, native_qr=native_qr)
    pieces = renderer.render(Document(content))
    paper = Paper(columns * 12)
    reader = Reader()
    for piece in pieces:
        operations = reader.feed(piece)
        # Each piece is whole commands: nothing of it is left waiting for the next.
        assert b"".join(operation.raw for operation in operations) == piece
        paper.apply(operations)
    assert paper.unknown == []
    assert paper.drawer_pulses == sum(isinstance(block, Drawer) for block in content)
    assert max(map(len, pieces)) <= 4096


@settings(deadline=None)
@given(st.sampled_from(SIMULATED_PAGES).flatmap(lambda page: st.tuples(st.just(page), page_text(page))))
def test_text_within_the_code_page_reads_back(case: tuple[str, str]) -> None:
    page, text = case
    renderer = Renderer(code_page=page)
    shown = layout.clean(text)
    paper = printed(Text(shown), Row(shown, "9,99"), renderer=renderer)
    lines = paper.text().split("\n")
    if shown.encode(page, "ignore").decode(page) != shown:
        return  # composing made a character that the page lacks: it is drawn
    assert lines[0] == shown.rstrip()
    assert lines[1] == shown.ljust(44) + "9,99"


def test_euro_goes_out_in_the_page_that_was_set() -> None:
    data = b"".join(RENDERER.render(Document((Text("2,50 €"),))))
    assert data.startswith(b"\x1b@\x1bt\x13")
    assert b"2,50 \xd5" in data
    assert data.count(b"\x1bt") == 1


def test_the_page_is_set_again_after_every_reset() -> None:
    first = RENDERER.render(Document((Text("€"),)))
    assert RENDERER.render(Document((Text("€"),))) == first


def test_a_chinese_character_spoils_no_line() -> None:
    paper = printed(Text("before €"), Row("日本のカード", "3,50 €"), Text("after €"))
    assert paper.text() == "before €\n[image 576x24]\n[image 576x6]\nafter €\n"
    pictures = [item for item in paper.sheets[0].items if isinstance(item, Picture)]
    assert any(picture.rows.strip(b"\0") for picture in pictures)


def test_typographic_marks_use_the_printers_own_letters() -> None:
    assert printed(Text("“Café” – it’s")).text() == '"Café" - it\'s\n'


def test_bold_big_centred() -> None:
    title, after = printed(Text("Hi", bold=True, scale=2, align=Align.CENTER), Text("x")).sheets[0].items
    assert isinstance(title, Line)
    assert isinstance(after, Line)
    assert title.align == "center"
    assert [(style.width, style.height, style.bold) for _, style in title.cells] == [(2, 2, True)] * 2
    assert (after.align, after.cells[0][1].width, after.cells[0][1].bold) == ("left", 1, False)


def test_double_size_halves_the_columns() -> None:
    lines = printed(Text("one two three four five six", scale=2)).text().split("\n")
    assert lines == ["one two three four five", "six", ""]


def test_a_native_qr_is_centred() -> None:
    paper = printed(Qr("https://example.org/é", "scan me"))
    code = next(item for item in paper.sheets[0].items if isinstance(item, QrCode))
    assert (code.data.decode(), code.level, code.align) == ("https://example.org/é", "M", "center")
    assert 120 <= code.module_dots * 25 <= 300
    assert "scan me" in paper.text()


def test_a_drawn_qr_holds_the_same_code(tmp_path: Path) -> None:
    paper = printed(Qr("HELLO"), renderer=Renderer(32, native_qr=False))
    bands = [item for item in paper.sheets[0].items if isinstance(item, Picture)]
    rows = b"".join(band.rows for band in bands)
    width = bands[0].width_bytes
    dark = [
        [rows[line * width + column // 8] >> (7 - column % 8) & 1 for column in range(width * 8)]
        for line in range(len(rows) // width)
    ]
    left = next(column for column in range(width * 8) if dark[0][column])
    module = next(column for column in range(left, width * 8) if not dark[0][column]) - left
    assert module % 7 == 0  # the finder pattern's edge is seven modules
    module //= 7
    drawn = [[dark[row * module][left + column * module] for column in range(21)] for row in range(len(dark) // module)]
    import qrcode

    expected = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    expected.add_data(b"HELLO")
    expected.make()
    assert drawn == [[int(cell) for cell in line] for line in expected.get_matrix()]


def test_data_too_long_for_a_qr_is_printed_as_text() -> None:
    assert printed(Qr("x" * 4000)).text().replace("\n", "").strip().count("x") == 4000


def test_cut_drawer_and_a_printer_without_a_knife() -> None:
    assert b"\x1bp\x00" in b"".join(RENDERER.render(Document((Drawer(),))))
    assert printed(Text("a"), Cut()).sheets[0].cut
    assert not printed(Text("a"), Cut(), renderer=Renderer(cutter=False)).sheets[0].cut


def test_people_cannot_steer_the_printer() -> None:
    paper = printed(Text("Eve\x1bp\x00\x32\x32\x1dV\x00\x1b@"), Row("\x10\x14\x01\x00\x01", "\x1d!\x77"))
    assert paper.drawer_pulses == 0
    assert len(paper.sheets) == 1


def test_kanji_mode_is_left_where_the_printer_starts_in_it() -> None:
    assert b"".join(Renderer(kanji_off=True).render(Document(()))).startswith(b"\x1b@\x1c.")


def test_an_unknown_code_page_is_refused() -> None:
    with pytest.raises(ValueError, match="cp858"):
        Renderer(code_page="ebcdic")
    for page in CODE_PAGES:
        Renderer(code_page=page).render(Document((Text("abc"),)))


def test_importing_leaves_nothing_behind(tmp_path: Path) -> None:
    script = (
        "import logging, sys\n"
        "from appliance.drivers.printer.render import Renderer\n"
        "assert 'escpos' not in sys.modules\n"
        "Renderer().prepare()\n"
        "assert 'escpos' in sys.modules and logging.root.handlers == []\n"
    )
    subprocess.run([sys.executable, "-c", script], env={"TMPDIR": str(tmp_path)}, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []
    assert logging.root is not None


def test_without_any_font_a_drawn_line_is_still_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lettering, "FONT_FOLDERS", (tmp_path,))
    caches = (lettering._find, lettering._fonts, lettering._font_for)
    for cache in caches:
        cache.cache_clear()
    try:
        assert "[image" in printed(Text("Łódź 日本")).text()
    finally:
        for cache in caches:
            cache.cache_clear()
