"""Cards on paper and screens: every code can be read off them, and every name is there."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from appliance.core.card import Card, cards_of
from appliance.core.errors import StallboxError
from appliance.core.event import read_event
from appliance.core.lot import IssuedCode, Lot, lot_of_csv, to_csv
from appliance.core.shortcode import complete
from appliance.core.trade import Voucher
from appliance.core.verdict import CodeKind
from appliance.paper import fonts, html, pdf
from appliance.paper.qr import modules_of, runs
from tests.books import EVENT_TEXT
from tests.paper.reading import codes_on, pages, text_of

EVENT = read_event(EVENT_TEXT)
CARD = Card("Ticket", "Event", "Place", "Title", "When", "Terms", "At the door.", "CODE", "ABCD-EFGH-JKMN")
SIGNED = "SB1:" + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*+-./:" * 2 + "A" * 32


def lot(count: int, **fields: object) -> Lot:
    codes = [complete([number % 31] * 11) for number in range(count)]
    return replace(Lot(CodeKind.TICKET, [IssuedCode(code, code) for code in codes], "workshop"), **fields)


def written(folder: Path, made: bytes) -> Path:
    file = folder / "cards.pdf"
    file.write_bytes(made)
    return file


def test_a_sheet_holds_ten_cards_and_each_code_can_be_read(tmp_path: Path) -> None:
    some = lot(13)
    drawn = pages(written(tmp_path, pdf.sheets(cards_of(some, EVENT), "Cards", fonts.find_fonts())))
    assert [len(codes_on(page)) for page in drawn] == [10, 3]
    assert {code for page in drawn for code in codes_on(page)} == {one.code for one in some.codes}


def test_a_single_page_is_for_one_card_and_says_all_of_it(tmp_path: Path) -> None:
    cards = [replace(CARD, code=SIGNED), CARD]
    file = written(tmp_path, pdf.singles(cards, "Cards", fonts.find_fonts()))
    assert [codes_on(page) for page in pages(file)] == [[SIGNED], ["CODE"]]
    text = text_of(file)
    for said in ("TICKET", "Event", "Place", "Title", "When", "Terms", "At the door.", "ABCD-EFGH-JKMN"):
        assert text.count(said) == 2


NAMES = ["Größe & Łódź", "Площадь Революции", "Ελλάδα", "東京の夕べ", "Þorlákshöfn – ẞ €"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_of_these_letters_is_drawn_and_no_letter_is_missing(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        made = pdf.sheets([replace(CARD, event=name, title=name, place=name)], name, fonts.find_fonts())
    assert "missing" not in caplog.text.lower()
    assert "".join(text_of(written(tmp_path, made)).split()).count("".join(name.split())) == 3


def test_a_second_line_keeps_its_font_after_a_line_that_began_in_another(tmp_path: Path) -> None:
    made = pdf.singles([replace(CARD, title="一日入場券 – Fußgängerzone & Łódź workshop")], "x", fonts.find_fonts())
    assert "Łódźworkshop" in "".join(text_of(written(tmp_path, made)).split())


def test_what_never_fits_is_cut_and_stays_on_its_card(tmp_path: Path) -> None:
    endless = replace(CARD, event="word " * 60, title="W" * 300, place="x" * 300, when="y" * 300, terms="z" * 200)
    file = written(tmp_path, pdf.sheets([endless] * 10, "x", fonts.find_fonts()))
    assert text_of(file).count("…") >= 40
    assert codes_on(pages(file)[0]) == ["CODE"] * 10


def test_without_fonts_it_says_which_package_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "FOLDERS", (tmp_path,))
    fonts._find.cache_clear()
    with pytest.raises(StallboxError, match="fonts-dejavu-core"):
        fonts.find_fonts()
    fonts._find.cache_clear()


def test_a_web_page_needs_nothing_else_and_escapes_what_has_a_meaning(tmp_path: Path) -> None:
    page = html.page(replace(CARD, event='<b>"Tom & Jerry"</b>', code=SIGNED))
    assert "&lt;b&gt;&quot;Tom &amp; Jerry&quot;&lt;/b&gt;" in page
    assert not re.search(r"(src|href)=|url\(|@import|<script", page)
    assert codes_on(picture_of(page)) == [SIGNED]


def picture_of(page: str) -> Image.Image:
    """Draw the page's QR code, module by module, from the path in its SVG."""
    side = int(re.findall(r'viewBox="0 0 (\d+) ', page)[0])
    picture = Image.new("L", (side * 4, side * 4), 255)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1", page):
        picture.paste(0, (int(x) * 4, int(y) * 4, (int(x) + int(length)) * 4, (int(y) + 1) * 4))
    return picture


def test_a_signed_ticket_takes_37_modules_and_a_short_code_21() -> None:
    assert (len(modules_of(SIGNED)), len(modules_of(complete([7] * 11)))) == (37, 21)
    assert sum(length for _, _, length in runs(modules_of("A"))) == sum(map(sum, modules_of("A")))


def said(some: Lot) -> tuple[str, ...]:
    card = next(cards_of(some, EVENT))
    return card.kind, card.title, card.when, card.terms


def test_the_words_on_a_card() -> None:
    evening = "Saturday, 5 December 2026\n16:00 – 22:30"
    assert said(lot(1)) == ("Ticket", "Workshop corner", evening, "")
    assert said(lot(1, entries=0))[3] == "Any number of entries"
    assert said(lot(1, entries=1))[3] == "Good for 1 entry"
    bound = lot(1, product="unheard of", valid_from="2026-12-05T17:00:00.000000Z")
    assert said(bound)[1:3] == ("unheard of", "From Saturday, 5 December 2026, 12:00")
    assert said(replace(bound, valid_until="2026-12-07T05:00:00.000000Z"))[2] == (
        "Saturday, 5 December 2026, 12:00 –\nMonday, 7 December 2026, 00:00"
    )
    voucher = replace(lot(1), kind=CodeKind.VOUCHER, series="WELCOME-3", uses=2)
    assert said(voucher) == ("Voucher", "$3.00 off", evening, "Good for 2 uses")
    assert said(replace(voucher, series="PRESS-50"))[1] == "50 % off"
    assert said(replace(voucher, kind=CodeKind.MEMBER))[0] == "Member card"
    assert next(cards_of(lot(1), None)).event == ""


def test_a_voucher_s_card_says_what_its_series_is_worth_and_when() -> None:
    series = (
        Voucher("FREECUP", item="cup"),
        Voucher("GIFT-25", balance_minor=2500),
        Voucher(
            "SEASON",
            percent_off=20,
            offers=("cup",),
            minimum_minor=3000,
            valid_from="2027-01-01T05:00:00.000000Z",
            valid_until="2027-02-01T05:00:00.000000Z",
        ),
    )
    event = replace(EVENT, vouchers=series)
    cards = [next(cards_of(replace(lot(1), kind=CodeKind.VOUCHER, series=one.code, uses=1), event)) for one in series]
    assert [(card.kind, card.title, card.terms) for card in cards] == [
        ("Voucher", "One Hand-thrown cup, free", "Good for 1 use"),
        ("Gift card", "$25.00", "Until it is spent"),
        ("Voucher", "20 % off 'Hand-thrown cup', from $30.00", "Good for 1 use"),
    ]
    assert cards[2].when == "Friday, 1 January 2027, 00:00 –\nMonday, 1 February 2027, 00:00"


@pytest.mark.parametrize("kind", [CodeKind.TICKET, CodeKind.VOUCHER, CodeKind.MEMBER])
def test_a_list_of_codes_comes_back_as_it_was(kind: CodeKind) -> None:
    some = replace(lot(3), kind=kind, series="PRESS-50", uses=4)
    read = lot_of_csv(to_csv(some))
    assert read is not None
    assert (read.kind, read.codes) == (kind, some.codes)
    assert (read.series, read.uses) == (("PRESS-50", 4) if kind is CodeKind.VOUCHER else ("", 1))


@pytest.mark.parametrize("text", ["", "code\nA\n", "kind,code\nmember,A\n", "\0"])
def test_another_list_is_none_of_ours(text: str) -> None:
    assert lot_of_csv(text) is None


def test_a_half_written_last_line_is_left_out() -> None:
    text = to_csv(lot(3))
    read = lot_of_csv(text[: -len(text.splitlines()[-1])])
    assert read is not None
    assert len(read.codes) == 2


def test_pictures_are_none_in_the_pdf() -> None:
    made = pdf.sheets(cards_of(lot(1), EVENT), "x", fonts.find_fonts())
    assert b"/Subtype /Image" not in made  # codes are drawn: sharp at every size
    assert io.BytesIO(made).read(5) == b"%PDF-"
