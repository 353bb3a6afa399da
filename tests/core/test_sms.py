"""Parts and PDUs of text messages, read by a decoder that shares nothing with their writer."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.core.errors import Refusal
from appliance.core.sms.numbers import e164, is_country, masked
from appliance.core.sms.parts import Alphabet, parts_of
from appliance.core.sms.pdu import Outcome, read_report, submit
from appliance.sim.sms import read_submit, status_report

GSM = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./019:;<=>?¡AZÄÖÑÜ§¿azäöñüà\n^{}\\[~]|€"
NUMBER = "+491705550123"
numbers = st.from_regex(r"\+[1-9][0-9]{3,14}", fullmatch=True)


def sent(text: str, reference: int = 7, number: str = NUMBER) -> str:
    """Read back what is sent for a text, and hold each part against what a message may be."""
    read = []
    for part in parts_of(text, reference):
        pdu = submit(number, part)
        assert pdu.tpdu_bytes <= 2 + 12 + 4 + 140
        read.append(read_submit(pdu.hex, pdu.tpdu_bytes))
    assert {one.number for one in read} == {number}
    assert all(one.wants_report for one in read)
    assert [one.part for one in read] == list(range(1, len(read) + 1))
    if len(read) > 1:
        assert {(one.reference, one.parts) for one in read} == {(reference, len(read))}
    return "".join(one.text for one in read)


@given(st.text(GSM, min_size=1, max_size=900), st.integers(0, 255), numbers)
@example("€" * 77, 0, "+4917")
@example("a" * 152 + "€" + "b", 255, NUMBER)
def test_a_text_of_the_default_alphabet_comes_back(text: str, reference: int, number: str) -> None:
    assert sent(text, reference, number) == text
    assert parts_of(text, reference)[0].alphabet is Alphabet.GSM7


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=330))
@example("😀" * 34 + "x")
@example("a" * 66 + "😀" + "b" * 10)
def test_any_text_comes_back(text: str) -> None:
    assert sent(text) == text


@pytest.mark.parametrize(
    ("text", "parts", "alphabet"),
    [
        ("a" * 160, 1, "gsm7"), ("a" * 161, 2, "gsm7"), ("a" * 306, 2, "gsm7"), ("a" * 307, 3, "gsm7"),
        ("€" * 80, 1, "gsm7"), ("€" * 81, 2, "gsm7"), ("a" * 152 + "€" * 5, 2, "gsm7"),
        ("ł" * 70, 1, "ucs2"), ("ł" * 71, 2, "ucs2"), ("ł" * 134, 2, "ucs2"), ("ł" * 135, 3, "ucs2"),
        ("😀" * 35, 1, "ucs2"), ("😀" * 36, 2, "ucs2"),
    ],
)  # fmt: skip
def test_the_limits_of_a_message(text: str, parts: int, alphabet: str) -> None:
    made = parts_of(text, 1)
    assert (len(made), made[0].alphabet) == (parts, alphabet)


def test_a_pdu_that_was_worked_out_by_hand() -> None:
    pdu = submit("+46708251358", parts_of("hellohello", 0)[0])
    assert pdu.hex == "0031000B916407281553F80000A70AE8329BFD4697D9EC37"
    assert pdu.tpdu_bytes == 23


def test_no_text_and_too_much_are_refused() -> None:
    for text, code in (("", "sms_empty"), ("a" * 1531, "sms_too_long")):
        with pytest.raises(Refusal) as refused:
            parts_of(text, 1)
        assert refused.value.code == code


@given(numbers, st.integers(0, 255), st.integers(0, 255))
def test_a_status_report_is_read(number: str, reference: int, status: int) -> None:
    report = read_report(*status_report(number, reference, status))
    assert (report.number, report.reference) == (number, reference)
    assert (report.outcome is Outcome.DELIVERED) is (status < 32)
    assert (report.outcome is Outcome.PENDING) is (32 <= status < 64)


@given(st.binary(max_size=60), st.integers(-2, 80))
def test_what_is_no_report_is_a_value_error(data: bytes, length: int) -> None:
    try:
        read_report(data.hex(), length)
    except ValueError:
        return
    assert data[len(data) - length] & 3 == 2


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("0170 5550123", "DE", NUMBER), ("+49 170 5550123", "US", NUMBER), ("0049 170 5550123", "DE", NUMBER),
        ("(917) 555-0123", "US", "+19175550123"), ("06 12 34 56 78", "FR", "+33612345678"),
        ("00 49 170 5550123", "", NUMBER),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, country: str, number: str) -> None:
    assert e164(text, country) == number


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("0170 5550123", "", "number_country"), ("call me", "DE", "number_wrong"), ("+49 170", "DE", "number_wrong"),
        ("030 901820", "DE", "number_no_texts"), ("+999 123456789", "DE", "number_wrong"),
        ("112", "DE", "number_wrong"),
        ("+49 170 5550123 ext. 5", "DE", "number_wrong"),
    ],
)  # fmt: skip
def test_what_is_refused_is_not_repeated(text: str, country: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        e164(text, country)
    assert refused.value.code == code
    assert text not in refused.value.message


def test_countries_and_masks() -> None:
    assert [is_country(code) for code in ("DE", "US", "de", "XX", "")] == [True, True, False, False, False]
    assert (masked(NUMBER), masked("")) == ("…123", "")
