"""What a code is worth, what comes out of it, and which names are alike."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.codes import ticket_id
from appliance.core.holders import WEAK_BELOW_BITS, entropy_bits, fast_secret, is_like, is_weak, slow_secret

SALT = b"s" * 16


@pytest.mark.parametrize(
    ("code", "bits"),
    [
        ("kfndgffgyw4tdgcacx6bb3bgemq69cxj", 160),  # pretix
        (str(uuid.UUID(int=0x0123456789ABCDEF0123456789ABCDEF)), 88),  # runs of digits or letters alone are worth less
        ("a7Kd2P", 34.8),  # Ticket Tailor
        ("168936570123602098330001", 48),  # Eventbrite: numbers of order and attendee, put together
        ("MARKET-0001", 8),
        ("STREET-GOOD-1", 2),
        ("ABCDEFGH2JKLM", 65),
        ("ABCDEFGH2JKL", 60),
        ("", 0),
        ("----", 0),
    ],
)
def test_a_code_is_worth_what_its_length_and_characters_say(code: str, bits: float) -> None:
    assert entropy_bits(code) == pytest.approx(bits)
    assert is_weak(code) == (bits < WEAK_BELOW_BITS)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_longer_run_is_never_worth_less(one: str, other: str) -> None:
    assert entropy_bits(one) >= 0
    assert entropy_bits("A1" + "B2" * len(other)) >= entropy_bits("A1")


def test_name_and_key_of_a_code_are_of_one_derivation() -> None:
    fast, slow = fast_secret("CODE"), slow_secret("CODE", SALT)
    assert fast.id == ticket_id("CODE")
    assert len({fast.id, slow.id, fast.key.hex(), slow.key.hex()}) == 4
    assert slow == slow_secret("CODE", SALT) != slow_secret("CODE", b"t" * 16)
    assert slow.id != slow_secret("CODF", SALT).id
    assert (len(slow.id), len(slow.key), len(fast.key)) == (64, 32, 32)
    assert slow.key.hex() not in repr(slow)


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        ("ang", True),
        ("ÅNGSTRÖM", True),
        ("angstrom zoe", True),
        ("zo", True),
        ("Zoe\u0308", True),
        ("zoe x", False),
        (" ", False),
        ("", False),
    ],
)
def test_accents_case_order_and_the_rest_of_a_word_do_not_matter(wanted: str, is_found: bool) -> None:
    assert is_like("Zoë Ångström", wanted) is is_found


@pytest.mark.parametrize(("name", "wanted"), [("Søren Łuk", "soren luk"), ("Strauß", "strauss"), ("Æsa", "aesa")])
def test_letters_that_do_not_come_apart_are_found_as_people_type_them(name: str, wanted: str) -> None:
    assert is_like(name, wanted)
    assert is_like(name, name)
