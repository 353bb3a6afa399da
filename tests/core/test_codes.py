"""One reader of codes: what scanners add, what they swap, what they read twice."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.codes import (
    DOUBLE_READ_S,
    MAX_CODE_BYTES,
    DoubleReads,
    barcode_key,
    cases,
    is_barcode,
    normalise,
)
from appliance.core.keyboard import CARD, CHARACTERS, Layout, read_card


@pytest.mark.parametrize(
    "raw",
    [
        "AB-12", b"AB-12", "AB-12\r\n", "\tAB-12 ", "\\000026AB-12", "]Q3AB-12", "]Q3\\000026AB-12", "]C1 AB-12",
        "\x1dAB-12\x1d", "\x02AB-12\x03", "ＡＢ－１２", b"\xef\xbb\xbfAB-12", "AB\u200b-12", "]Q1]Q1AB-12",
    ],
)  # fmt: skip
def test_what_scanners_add_is_taken_off(raw: str | bytes) -> None:
    assert normalise(raw) == "AB-12"


@pytest.mark.parametrize("kept", ["]Q3", "\\000026", "\\000099AB", "A]Q3B", "ab-12", "==a+/Z", "Grüße", "A B"])
def test_what_belongs_to_a_code_stays(kept: str) -> None:
    assert normalise(kept) == kept


@pytest.mark.parametrize("raw", [b"\xff\xfe", "", " \r\n", "\ud800", "x" * (MAX_CODE_BYTES + 1), "ﷺ" * MAX_CODE_BYTES])
def test_what_is_no_text_is_no_code(raw: str | bytes) -> None:
    assert normalise(raw) is None


@given(st.one_of(st.text(), st.binary(), st.text("]\\Q30026 \r\nA\u00a8\u037a")))
def test_a_normal_code_is_normal(raw: str | bytes) -> None:
    once = normalise(raw)
    if once is not None:
        assert normalise(once) == once
        assert once.isprintable()


def test_a_typed_code_is_also_looked_for_in_capitals() -> None:
    assert (cases("ab1"), cases("AB1"), cases("==12")) == (("ab1", "AB1"), ("AB1",), ("==12",))


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("4006381333931", True), ("96385074", True), ("036000291452", True), ("0036000291452", True),
        ("4006381333932", False), ("96385075", False), ("036000291453", False), ("", False), ("1234567", False),
        ("40063813339３1", False), ("00000000000000", False),
    ],
)  # fmt: skip
def test_a_barcode_is_known_by_its_check_digit(code: str, is_one: bool) -> None:
    assert is_barcode(code) is is_one


def test_a_upc_is_an_ean_with_a_zero() -> None:
    assert barcode_key("036000291452") == barcode_key("0036000291452") != barcode_key("96385074")


def test_a_scanner_is_told_the_same_again_for_two_seconds_and_no_longer() -> None:
    told: DoubleReads[str] = DoubleReads()
    told.remember("door", "A\r\n", 100.0, "first")
    assert told.recall("door", b"A", 100.0 + DOUBLE_READ_S - 0.01) == "first"
    assert told.recall("till", "A", 100.1) is None
    assert told.recall("door", "B", 100.1) is None
    assert told.recall("door", "A", 100.0 + DOUBLE_READ_S) is None


def test_what_is_no_text_is_remembered_by_its_bytes() -> None:
    told: DoubleReads[str] = DoubleReads()
    told.remember("door", b"\xff", 0.0, "unreadable")
    assert (told.recall("door", b"\xff", 1.0), told.recall("door", b"\xfe", 1.0)) == ("unreadable", None)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("XY"), st.floats(0, 3)), max_size=30))
def test_double_reads_agree_with_a_plain_list_of_what_was_told(steps: list[tuple[str, str, float]]) -> None:
    told: DoubleReads[int] = DoubleReads()
    history: list[tuple[str, str, float, int]] = []
    now = 0.0
    for number, (scanner, code, passed) in enumerate(steps):
        now += passed
        last = [one for one in history if one[:2] == (scanner, code)][-1:]
        expected = last[0][3] if last and now - last[0][2] < DOUBLE_READ_S else None
        assert told.recall(scanner, code, now) == expected
        if expected is None:
            told.remember(scanner, code, now, number)
            history.append((scanner, code, now, number))


def through(swaps: dict[str, str], text: str) -> str:
    """Type a text on a keyboard that swaps characters."""
    return "".join(swaps.get(char, char) for char in text)


def test_a_straight_keyboard_has_nothing_to_put_right() -> None:
    assert read_card(CARD) == Layout({})
    assert read_card(CARD + "\r\n") == Layout({})


@given(st.permutations(string.printable[:94]), st.text(CHARACTERS, max_size=80))
def test_whatever_is_swapped_is_put_right(shuffled: list[str], code: str) -> None:
    swaps = dict(zip(string.printable[:94], shuffled, strict=True))
    layout = read_card(through(swaps, CARD))
    assert layout is not None
    assert layout.lost == ""
    assert layout.undo(through(swaps, code)) == code


def test_what_arrives_alike_is_told_and_the_letter_wins() -> None:
    layout = read_card(through({"@": "q", "~": ""}, CARD))  # AltGr is not seen, a dead key types nothing
    assert layout is not None
    assert (layout.undo("q"), sorted(layout.lost)) == ("q", ["@", "~"])


@pytest.mark.parametrize("text", ["", "A B C", CARD[:-2], CARD + " x", CARD.replace(" ", ""), CARD.replace("7", "77")])
def test_what_is_not_the_card_teaches_nothing(text: str) -> None:
    assert read_card(text) is None
