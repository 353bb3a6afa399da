"""CSV lists: as programs and people save them, with everything that goes wrong on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.lists import words
from appliance.core.lists.listed import ListedStatus
from appliance.core.lists.mapping import FIELDS, PRESETS, map_columns
from appliance.core.lists.options import Options
from appliance.core.lists.reader import open_file, open_text
from appliance.core.lists.text import MAX_BYTES, decode
from tests.core.lists import listed, problems

TEXT = "code,product,status\nA1,Töpfern,valid\nB2,guest,cancelled\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("cp1252"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode("utf-16"),
        ("sep=;\r\n" + TEXT.replace(",", ";").replace("\n", "\r\n")).encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("status\n", "status,,\n").replace("d\n", "d,,\n").encode(),
        TEXT.replace("\n", ",,\n").replace("status,,", "status").encode(),
        TEXT.replace("A1,Töpfern", '"A1","Töpfern"').encode(),
        ("\n" + TEXT).encode().lstrip(b"\n"),
    ],
    ids="plain mark utf-16 cp1252 semicolon tab sep CRLF CR empty-columns trailing-separators quotes bare".split(),
)
def test_a_list_is_read_however_it_was_saved(data: bytes) -> None:
    one, two = listed(data)
    assert (one.code, one.product, one.status) == ("A1", "Töpfern", ListedStatus.VALID)
    assert (two.code, two.product, two.status) == ("B2", "guest", ListedStatus.CANCELLED)


def test_a_guessed_encoding_is_told_with_the_line_to_look_at() -> None:
    assert "see line 2" in open_file(TEXT.encode("cp1252")).notes[0]
    assert open_file(TEXT.encode()).notes == []


@pytest.mark.parametrize("data", [b"code\n\x81\x8d\n", b"\xff\xfea"], ids=["neither", "half a character"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    ((_, message),) = problems(data)
    assert "save it as UTF-8" in message


def test_a_file_too_large_for_a_list_is_refused_unread() -> None:
    ((_, message),) = problems(bytes(MAX_BYTES + 1))
    assert "larger than 64 MB" in message


def test_lines_are_counted_as_an_editor_does() -> None:
    text = 'sep=;\ncode;note\nA1;"two\nlines"\n\n;missing\n'
    assert problems(text) == [(6, "the code is missing or not readable")]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("1.68937E+23", "a spreadsheet has rounded this code"),
        ("1,68937E+23", "a spreadsheet has rounded this code"),
        ("A;;;tomorrow", "'tomorrow' is no time"),
        ("A;;;05/12/2026 18:00", "can only be read one way"),
        ("A;;;0001-01-01T00:00:00+14:00", "is no time"),
        ("A;;;;0", "'0' is no number of entries"),
        ("A;;;;-1", "'-1' is no number of entries"),
        ("A;;;;1.5", "'1.5' is no number of entries"),
        ("A;;;;²", "'²' is no number of entries"),
        ("A;;;;9999999999", "is no number of entries"),
        ("A;;;;;perhaps", "neither yes nor no"),
        ("A;;maybe", "the status 'maybe' is not one of valid, cancelled, blocked, unpaid, revoked"),
        ("A;;;;;;;;;x", "10 fields, but the first line names 6"),
    ],
)
def test_a_bad_field_is_named(row: str, sentence: str) -> None:
    ((line, message),) = problems(f"code;product;status;valid from;entries;paid\nOK;;;;;yes\n{row}\n")
    assert line == 3
    assert sentence in message


@pytest.mark.parametrize("word", sorted(words.STATUS))
def test_every_word_for_a_status_is_read_in_any_case(word: str) -> None:
    one, two = listed(f"code,status\nA,{word}\nB,{word.title()}\n")
    assert one.status is two.status is words.STATUS[word]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ("valid,yes,no", ListedStatus.VALID),
        ("valid,no,no", ListedStatus.UNPAID),
        ("valid,no,yes", ListedStatus.BLOCKED),
        ("cancelled,no,yes", ListedStatus.CANCELLED),
        ("cancelled,yes,no", ListedStatus.CANCELLED),
        ("valid,,", ListedStatus.UNPAID),
    ],
)
def test_columns_that_disagree_never_let_in(values: str, status: ListedStatus) -> None:
    (one,) = listed(f"code,status,paid,blocked\nA,{values}\n")
    assert one.status is status


@pytest.mark.parametrize(
    ("text", "exponent", "minor"),
    [("23.00", 2, 2300), ("23,5", 2, 2350), ("€ 23", 2, 2300), ("1500", 0, 1500), ("1.250", 3, 1250),
     ("9.99 USD", 2, 999), ("1.005", 2, None), ("free", 2, None), ("", 2, None),
     ("1,234.50", 2, None), ("12.50", 0, None), ("2.00", 0, 2), ("3,000", 0, None), ("$1,000", 2, None),
     ("1.500", 2, None)],
)  # fmt: skip
def test_prices_are_read_exactly_or_not_at_all(text: str, exponent: int, minor: int | None) -> None:
    assert words.minor_units(text, exponent) == minor


@pytest.mark.parametrize("day", ["2026-12-05", "05.12.2026"])
def test_a_day_without_a_time_is_all_of_it(day: str) -> None:
    text = f"code,valid_from,valid_until\nA,{day},{day}\n"
    (one,) = listed(text, Options(time_zone="America/New_York"))
    assert (one.valid_from, one.valid_until) == ("2026-12-05T05:00:00.000000Z", "2026-12-06T05:00:00.000000Z")


def test_the_user_may_tell_a_column() -> None:
    text = "Nummer;Sorte;Product\nA1;guest;x\n"
    assert "'code' among them" in problems(text)[0][1]
    (one,) = listed(text, Options(told={"code": "nummer", "product": "Sorte"}))
    assert (one.code, one.product) == ("A1", "guest")
    (one,) = listed(text, Options(told={"code": "Nummer", "product": ""}))
    assert one.product == ""


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (Options(told={"code": "Barcode"}), "there is no column 'Barcode'; there are 'code', 'product', 'status'"),
        (Options(told={"colour": "code"}), "a ticket has no field 'colour'; there are code, product"),
        (Options(preset="ticketmaster"), "there is no preset 'ticketmaster'; there are pretix, eventbrite"),
        (Options(preset="pretix"), "comes without the tickets' secrets"),
    ],
)
def test_a_wish_that_cannot_be_met_is_explained(options: Options, sentence: str) -> None:
    ((_, message),) = problems(TEXT, options)
    assert sentence in message


@given(st.text())
def test_whatever_the_text_a_list_is_read_or_its_problems_are_told(text: str) -> None:
    problems(text)


@given(st.text(st.sampled_from('aé1,;\t"\r\n \x00\ufeff{}[]:=')))
def test_whatever_follows_a_header(text: str) -> None:
    for opened in (
        open_text("code;status,valid from\tentries;paid\n" + text),
        open_text("code,paid,entries,from\n" + text),
    ):
        codes = [row.code for row in opened.rows() if hasattr(row, "code")]
        assert all(code and code.isprintable() for code in codes)


@given(st.binary())
def test_whatever_the_bytes(data: bytes) -> None:
    problems(data)


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_was_encoded_is_decoded(text: str, encoding: str) -> None:
    if text.startswith(("\ufeff", "\x00")):
        return
    assert decode(text.encode(encoding))[0] == text


_NAMES = sorted({name for preset in PRESETS.values() for names in preset.columns.values() for name in names})


@given(st.lists(st.sampled_from([*_NAMES, "order id", "order code", "attendee"]), unique=True), st.randoms())
def test_the_guess_is_stable(header: list[str], random: object) -> None:
    header = [*header, "code"]
    first = map_columns(header, "generic")
    shuffled = header[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    second = map_columns(shuffled, "generic")
    assert {field: header[column] for field, column in first.columns.items()} == {
        field: shuffled[column] for field, column in second.columns.items()
    }
    assert list(first.columns) == [field for field in FIELDS if field in first.columns]
