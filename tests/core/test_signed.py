"""Stallbox's own signed tickets, against tickets that these tests put together by themselves."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import string
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import qrcode
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import signed
from appliance.core.admission import normalise
from appliance.core.signed import BadSignature, SignedTicket, Unverified
from appliance.store import keys as store_keys
from tests.core import codes
from tests.core.codes import is_signed

DOCS = Path(__file__).parents[2] / "docs" / "tickets.md"
SYMBOLS = string.digits + string.ascii_uppercase + "$*+-./:"
KEY = codes.private_key(11)  # its name begins with 22: the number stays far below 2 ** 640
PUBLIC = codes.public_bytes(KEY)
KEY_NAME = hashlib.sha256(PUBLIC).hexdigest()[:4]
KEYS = {KEY_NAME: PUBLIC}
EVENT, PRODUCT = hashlib.sha256(b"winter-market").digest()[:2], hashlib.sha256(b"day-pass").digest()[:2]
FROM, UNTIL = dt.datetime(2026, 12, 5, 16, tzinfo=dt.UTC), dt.datetime(2026, 12, 5, 23, 30, tzinfo=dt.UTC)
TICKET = SignedTicket(
    KEY_NAME, EVENT.hex(), PRODUCT.hex(), 4711, int(FROM.timestamp()), int(UNTIL.timestamp()), entries=3
)


def minutes(at: dt.datetime | None) -> bytes:
    since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return (int((at - since) / dt.timedelta(minutes=1)) if at else 0).to_bytes(3, "big")


def hand_payload(
    serial: int = 4711, since: dt.datetime | None = FROM, until: dt.datetime | None = UNTIL, entries: int = 3
) -> bytes:
    name = bytes.fromhex(KEY_NAME)
    return name + EVENT + PRODUCT + serial.to_bytes(3, "big") + minutes(since) + minutes(until) + bytes([entries])


def hand_text(raw: bytes, prefix: str = "SB1:") -> str:
    """The number in base 43, by powers from the top: another way than the code under test goes."""
    number = int(raw.hex(), 16)
    return prefix + "".join(SYMBOLS[number // 43**power % 43] for power in range(117, -1, -1))


def hand_ticket(payload: bytes) -> str:
    return hand_text(payload + KEY.sign(b"SB1:" + payload))


TEXT = hand_ticket(hand_payload())
RAW = hand_payload() + KEY.sign(b"SB1:" + hand_payload())


def admitted(text: str, keys: dict[str, bytes] = KEYS) -> SignedTicket | None:
    """What a door does with a text."""
    unverified = signed.parse(text)
    if unverified is None:
        return None
    verified = signed.verify(unverified, keys, is_signed)
    return None if isinstance(verified, BadSignature) else verified


def parsed(text: str) -> Unverified:
    unverified = signed.parse(text)
    assert unverified is not None
    return unverified


# Tickets made by hand


def test_a_ticket_made_by_hand_is_read_and_verified() -> None:
    assert admitted(TEXT) == TICKET


@pytest.mark.parametrize(("since", "until"), list(product([FROM, None], [UNTIL, None])))
@pytest.mark.parametrize("entries", [0, 1, 255])
def test_bounds_and_entries_may_be_left_open(
    since: dt.datetime | None, until: dt.datetime | None, entries: int
) -> None:
    ticket = admitted(hand_ticket(hand_payload(0, since, until, entries)))
    assert ticket is not None
    assert ticket.valid_from_unix_s == (int(since.timestamp()) if since else None)
    assert ticket.valid_until_unix_s == (int(until.timestamp()) if until else None)
    assert ticket.entries == (entries or None)


def test_it_is_written_as_by_hand() -> None:
    assert signed.encode_payload(TICKET) == hand_payload()
    assert signed.sign(TICKET, KEY.sign) == TEXT


def test_the_names_of_keys_events_and_products_are_hashes() -> None:
    assert signed.key_id(PUBLIC) == KEY_NAME
    assert signed.tag("winter-market") == EVENT.hex()


def test_the_boxs_own_key_signs_and_checks_it() -> None:
    key = store_keys.SigningKey(bytes(range(32)))
    ticket = replace(TICKET, key_id=signed.key_id(key.public_key))
    text = signed.sign(ticket, lambda message: key.sign(message)[0])
    assert signed.verify(parsed(text), {ticket.key_id: key.public_key}, store_keys.is_signed) == ticket


def test_the_normaliser_leaves_a_ticket_as_it_is() -> None:
    assert normalise(f"  {TEXT}\r\n".encode()) == TEXT


def test_its_identity_is_of_what_is_signed() -> None:
    assert parsed(TEXT).identity == hashlib.sha256(b"SB1:" + hand_payload()).hexdigest()
    other_signature = hand_text(hand_payload() + bytes(64))
    assert parsed(other_signature).identity == parsed(TEXT).identity
    assert parsed(hand_ticket(hand_payload(serial=4712))).identity != parsed(TEXT).identity


# What does not fit


def at(*when: int) -> int:
    return int(dt.datetime(*when, tzinfo=dt.UTC).timestamp())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"serial": -1}, "serial -1"),
        ({"serial": 2**24}, "serial 16777216"),
        ({"entries": 0}, "entries 0"),
        ({"entries": 256}, "entries 256"),
        ({"key_id": "abc"}, "hexadecimal"),
        ({"key_id": "abcdef"}, "four hex digits"),
        ({"product_tag": "wxyz"}, "hexadecimal"),
        ({"event_tag": "ABCD"}, "lower-case"),
        ({"event_tag": "ab cd"}, "lower-case"),
        ({"valid_from_unix_s": at(2026, 12, 5, 16, 0, 1)}, "whole minute"),
        ({"valid_from_unix_s": at(2026, 1, 1)}, "whole minute"),
        ({"valid_until_unix_s": at(2058, 1, 1)}, "whole minute"),
        ({"valid_until_unix_s": 0}, "whole minute"),
        ({"valid_until_unix_s": int(FROM.timestamp())}, "before it ends"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_never_written(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        signed.encode_payload(replace(TICKET, **change))


@pytest.mark.parametrize(("payload", "signature"), [(15, 64), (17, 64), (16, 63), (16, 65)])
def test_parts_of_another_length_are_never_put_together(payload: int, signature: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        signed.assemble(bytes(payload), bytes(signature))


def test_a_ticket_that_ends_before_it_begins_is_none() -> None:
    assert signed.parse(hand_ticket(hand_payload(since=UNTIL, until=FROM))) is None
    assert signed.parse(hand_ticket(hand_payload(since=FROM, until=FROM))) is None


# Altered copies


def test_a_text_cut_off_anywhere_is_none() -> None:
    assert not any(signed.parse(TEXT[:length]) for length in range(len(TEXT)))
    assert not any(signed.parse(TEXT[start:]) for start in range(1, len(TEXT)))


@pytest.mark.parametrize("extra", ["0", "A", " ", "\n", "\x00", ":", "=", TEXT])
def test_anything_before_or_after_is_refused(extra: str) -> None:
    assert signed.parse(TEXT + extra) is None
    assert signed.parse(extra + TEXT) is None


@pytest.mark.parametrize("prefix", ["SB0:", "SB2:", "SB10", "sb1:", "SB1;", "XB1:", "SB1 ", ":1BS"])
def test_another_version_is_refused(prefix: str) -> None:
    assert signed.parse(hand_text(RAW, prefix)) is None


def test_lower_case_is_refused() -> None:
    assert signed.parse(TEXT.lower()) is None
    assert not any(
        signed.parse(TEXT[:at] + TEXT[at].lower() + TEXT[at + 1 :]) for at, char in enumerate(TEXT) if char.isalpha()
    )


@pytest.mark.parametrize("char", ["%", " ", "_", ",", "٣", "Ａ", "\u0000", "\ud800"])
def test_characters_outside_the_alphabet_are_refused_everywhere(char: str) -> None:
    assert not any(signed.parse(TEXT[:at] + char + TEXT[at + 1 :]) for at in range(len(TEXT)))


def test_a_number_too_large_for_80_bytes_is_refused() -> None:
    largest = signed.PREFIX + ":" * 118
    assert signed.parse(largest) is None
    just_over = 2**640
    text = "SB1:" + "".join(SYMBOLS[just_over // 43**power % 43] for power in range(117, -1, -1))
    assert signed.parse(text) is None


def test_the_same_number_plus_a_turn_is_another_text_and_refused() -> None:
    number = int.from_bytes(RAW) + 2**640
    text = "SB1:" + "".join(SYMBOLS[number // 43**power % 43] for power in range(117, -1, -1))
    assert signed.parse(text) is None


def test_one_flipped_bit_anywhere_is_never_admitted() -> None:
    copies = [hand_text(raw) for raw in codes.flipped_bits(RAW)]
    assert len(copies) == 640
    assert not any(admitted(copy) for copy in copies)


def test_one_flipped_bit_of_the_text_is_never_admitted() -> None:
    assert not any(admitted(raw.decode("latin-1")) for raw in codes.flipped_bits(TEXT.encode()))


def test_a_signature_without_the_prefix_is_refused() -> None:
    bare = hand_text(hand_payload() + KEY.sign(hand_payload()))
    assert signed.verify(parsed(bare), KEYS, is_signed) == BadSignature(key_known=True)


def test_a_signature_in_its_second_form_is_refused() -> None:
    """S + L is the same number on the curve; RFC 8032, 5.1.7 has it refused."""
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(RAW[-32:], "little") + order
    assert admitted(hand_text(RAW[:-32] + scalar.to_bytes(32, "little"))) is None


def test_a_key_of_somebody_else_is_refused() -> None:
    other = codes.public_bytes(codes.private_key(8))
    assert signed.verify(parsed(TEXT), {KEY_NAME: other}, is_signed) == BadSignature(key_known=True)
    assert signed.verify(parsed(TEXT), {hashlib.sha256(other).hexdigest()[:4]: other}, is_signed) == BadSignature(False)
    assert signed.verify(parsed(TEXT), {}, is_signed) == BadSignature(key_known=False)


def test_several_keys_are_told_apart_by_their_names() -> None:
    others = [codes.public_bytes(codes.private_key(seed)) for seed in range(20, 25)]
    assert admitted(TEXT, KEYS | {hashlib.sha256(key).hexdigest()[:4]: key for key in others}) == TICKET


def test_the_signature_of_another_ticket_does_not_fit() -> None:
    other = hand_payload(serial=4712)
    assert admitted(hand_text(other + RAW[16:])) is None


# Any text


hex_tags = st.binary(min_size=2, max_size=2).map(bytes.hex)
bounds = st.none() | st.integers(1, 2**24 - 1).map(lambda minute: signed.EPOCH_UNIX_S + 60 * minute)
tickets = st.builds(
    SignedTicket,
    hex_tags,
    hex_tags,
    hex_tags,
    st.integers(0, signed.MAX_SERIAL),
    bounds,
    bounds,
    st.none() | st.integers(1, 255),
).filter(
    lambda t: t.valid_from_unix_s is None or t.valid_until_unix_s is None or t.valid_from_unix_s < t.valid_until_unix_s
)
near_texts = st.text(SYMBOLS, min_size=118, max_size=118).map(lambda body: "SB1:" + body)


@given(tickets, st.binary(min_size=64, max_size=64))
def test_what_is_written_is_read(ticket: SignedTicket, signature: bytes) -> None:
    payload = signed.encode_payload(ticket)
    assert signed.parse(signed.assemble(payload, signature)) == Unverified(ticket, payload, signature)


@given(near_texts)
def test_one_payload_and_signature_have_one_text(text: str) -> None:
    unverified = signed.parse(text)
    if unverified is not None:
        assert hand_text(unverified.payload + unverified.signature) == text
        assert signed.encode_payload(unverified.claims) == unverified.payload


@given(st.text() | st.text().map(lambda text: "SB1:" + text) | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_no_ticket(text: str) -> None:
    assert signed.parse(text) is None


EVERY_NAME = dict.fromkeys((f"{number:04x}" for number in range(0x10000)), PUBLIC)


@given(near_texts)
def test_no_text_is_admitted_by_chance(text: str) -> None:
    assert admitted(text, EVERY_NAME) is None


def fuzz(rounds: int) -> None:
    chance = random.Random(20261205)
    for _ in range(rounds):
        if chance.random() < 0.95:
            assert admitted(codes.spoilt(TEXT, chance)) is None
        else:  # a good text of spoilt bytes: the signature is all that stands in the way
            raw = bytearray(RAW)
            for _ in range(chance.randint(1, 4)):
                raw[chance.randrange(2, len(raw))] ^= chance.randint(1, 255)
            assert bytes(raw) == RAW or admitted(hand_text(bytes(raw))) is None


def test_no_spoilt_copy_is_admitted() -> None:
    fuzz(120_000)


@pytest.mark.soak
def test_no_spoilt_copy_of_a_campaign_is_admitted() -> None:
    fuzz(600_000)


# How large it prints


def modules(text: str, error_correction: int) -> int:
    code = qrcode.QRCode(error_correction=error_correction)
    code.add_data(text)
    code.make(fit=True)
    return code.modules_count


def test_its_code_is_as_small_as_documented() -> None:
    docs = DOCS.read_text(encoding="utf-8")
    bounds = [(None, None), (int(FROM.timestamp()), None), (int(FROM.timestamp()), int(UNTIL.timestamp()))]
    theirs = [codes.pretix_text(codes.pretix_payload(*bound, subevent=b""), KEY) for bound in bounds]
    assert [len(text) for text in theirs] == [112, 120, 128]
    for level in "LMQH":
        error_correction = getattr(qrcode, f"ERROR_CORRECT_{level}")
        own, others = modules(TEXT, error_correction), [modules(text, error_correction) for text in theirs]
        assert own < min(others)
        assert f"| {level} | **{own}** | {' | '.join(map(str, others))} |" in docs
