"""Short codes: every slip of one character or of two that change places is found."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.codes import cases
from appliance.core.shortcode import ALPHABET, CODE_CHARS, RANDOM_CHARS, canonical, complete, grouped, is_mistyped

codes = st.lists(st.integers(0, 30), min_size=RANDOM_CHARS, max_size=RANDOM_CHARS).map(complete)


def test_there_are_no_look_alikes_and_a_prime_number_of_characters() -> None:
    assert not set("01OIL") & set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert len(ALPHABET) ** RANDOM_CHARS > 2**50


def test_the_check_character_is_as_reckoned_by_hand() -> None:
    assert complete([0] * 11) == "222222222222"
    # only the first value, 1: 1 * 1 + 12 * v = 0 modulo 31, and 12 * 18 = 216 = 7 * 31 - 1
    assert complete([1] + [0] * 10) == "32222222222" + ALPHABET[18]


@given(codes)
def test_every_single_wrong_character_is_found(code: str) -> None:
    for place, char in itertools.product(range(CODE_CHARS), ALPHABET):
        typed = code[:place] + char + code[place + 1 :]
        assert (canonical(typed) == code) == (typed == code)
        assert is_mistyped(grouped_anyway(typed)) == (typed != code)


@given(codes)
def test_every_swap_of_two_characters_is_found(code: str) -> None:
    for one, other in itertools.combinations(range(CODE_CHARS), 2):
        typed = list(code)
        typed[one], typed[other] = typed[other], typed[one]
        assert (canonical("".join(typed)) is None) == (code[one] != code[other])


@given(codes, st.sampled_from(["{}-{}-{}", "{} {} {}", "{}{}{}", " {} - {}–{} ", "{}--{}  {}"]), st.booleans())
def test_however_it_is_typed_it_is_the_same_code(code: str, form: str, small: bool) -> None:
    typed = form.format(code[:4], code[4:8], code[8:])
    typed = typed.lower() if small else typed
    assert canonical(typed) == code
    assert code in cases(typed)
    assert not is_mistyped(typed)
    assert grouped(typed) == f"{code[:4]}-{code[4:8]}-{code[8:]}"


@given(st.text(max_size=20))
def test_any_text_is_answered(text: str) -> None:
    assert canonical(text) is None or len(canonical(text) or "") == CODE_CHARS
    is_mistyped(text)
    grouped(text)


@pytest.mark.parametrize("text", ["", "STREET-GOOD-1", "4006381333931", "012345678905", "234567892345", "WELCOME-3"])
def test_what_is_no_short_code_is_not_called_mistyped(text: str) -> None:
    assert canonical(text) is None
    assert not is_mistyped(text)
    assert grouped(text) == text


def test_a_look_alike_in_a_grouped_code_is_a_slip() -> None:
    assert is_mistyped("ABCD-EFGH-JKM0")
    assert is_mistyped("abcd efgh jkl1")


def grouped_anyway(code: str) -> str:
    return "-".join((code[:4], code[4:8], code[8:]))


def test_values_that_are_none_are_refused() -> None:
    for values in ([0] * 10, [31] + [0] * 10, [-1] + [0] * 10):
        with pytest.raises(ValueError, match="11 values below 31"):
            complete(values)
