"""Signed tickets of pretix: the public vectors, and tickets put together here byte by byte."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import random
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import pretix
from appliance.core.pretix import PretixTicket, Unverified
from appliance.core.signed import BadSignature
from appliance.store import keys as store_keys
from tests.core import codes
from tests.core.codes import is_signed, pretix_payload, pretix_text, varint

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "pretix" / "vectors.json").read_text(encoding="utf-8"))
KEY = codes.private_key(3)
PUBLIC = codes.public_bytes(KEY)
SINCE, UNTIL = 1_796_486_400, 1_796_515_200
PAYLOAD = pretix_payload(SINCE, UNTIL)
TEXT = pretix_text(PAYLOAD, KEY)
RAW = base64.b64decode(TEXT[::-1])
TICKET = PretixTicket("CTJqJOl1H", 1, 0, 14, SINCE, UNTIL)


def text_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()[::-1]


def framed(payload: bytes, signature: bytes, version: int = 1, payload_bytes: int | None = None) -> str:
    length = len(payload) if payload_bytes is None else payload_bytes
    return text_of(struct.pack(">BHH", version, length, len(signature)) + payload + signature)


def admitted(text: str, keys: tuple[bytes, ...] = (PUBLIC,)) -> PretixTicket | None:
    """What a door does with a text."""
    unverified = pretix.parse(text)
    if unverified is None:
        return None
    verified = pretix.verify(unverified, keys, is_signed)
    return None if isinstance(verified, BadSignature) else verified


def parsed(text: str) -> Unverified:
    unverified = pretix.parse(text)
    assert unverified is not None
    return unverified


def claims_of(payload: bytes) -> PretixTicket | None:
    unverified = pretix.parse(framed(payload, bytes(64)))
    return unverified.claims if unverified else None


# The public vectors


def vector_keys(name: str) -> tuple[bytes, ...]:
    return tuple(pretix.public_key_from_pem_b64(text) for text in VECTORS[name])


def unix_s(text: str | None) -> int | None:
    return int(dt.datetime.fromisoformat(text).timestamp()) if text else None


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["test"])
def test_a_public_vector_is_verified(vector: dict[str, Any]) -> None:
    said = vector["ticket"]
    expected = PretixTicket(
        said["seed"],
        said["item"],
        subevent=said.get("subevent", 0),
        valid_from_unix_s=unix_s(said.get("valid_from")),
        valid_until_unix_s=unix_s(said.get("valid_until")),
    )
    assert admitted(vector["code"], vector_keys("event_keys")) == expected
    assert admitted(vector["code"], vector_keys("event_keys")[::-1]) == expected


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["test"])
def test_a_public_vector_is_refused_with_another_events_key(vector: dict[str, Any]) -> None:
    assert admitted(vector["code"], vector_keys("other_event_keys")) is None


def test_the_public_forgery_is_refused() -> None:
    unverified = parsed(VECTORS["forged"]["code"])
    assert pretix.verify(unverified, vector_keys("event_keys"), is_signed) == BadSignature(key_known=True)


# Tickets made by hand


def test_a_ticket_made_by_hand_is_verified() -> None:
    assert admitted(TEXT) == TICKET
    assert pretix.verify(parsed(TEXT), [PUBLIC], store_keys.is_signed) == TICKET


def test_one_of_several_keys_is_enough() -> None:
    others = [codes.public_bytes(codes.private_key(seed)) for seed in (4, 5)]
    assert admitted(TEXT, (*others, PUBLIC)) == TICKET
    assert admitted(TEXT, tuple(others)) is None
    assert pretix.verify(parsed(TEXT), [], is_signed) == BadSignature(key_known=False)


def test_a_payload_beyond_255_bytes_is_read() -> None:
    payload = b"\x0a" + varint(1000) + b"s" * 1000 + b"\x10\x05"
    assert admitted(pretix_text(payload, KEY)) == PretixTicket("s" * 1000, 5)


def test_its_identity_is_of_the_payload_alone() -> None:
    assert parsed(TEXT).identity == hashlib.sha256(b"pretix_sig1:" + PAYLOAD).hexdigest()
    assert parsed(framed(PAYLOAD, bytes(64))).identity == parsed(TEXT).identity
    assert parsed(pretix_text(pretix_payload(), KEY)).identity != parsed(TEXT).identity


# The payload, by protobuf's rules


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"", PretixTicket()),
        (b"\x10\x05\x10\x07", PretixTicket(item=7)),  # the last one counts
        (b"\x10\x85\x00", PretixTicket(item=5)),  # a number longer than it needs to be
        (b"\x10" + b"\xff" * 9 + b"\x01", PretixTicket(item=-1)),
        (b"\x10" + b"\xff" * 9 + b"\x7f", PretixTicket(item=-1)),  # what goes beyond 64 bits is dropped
        (b"\x10" + varint(-(2**63)), PretixTicket(item=-(2**63))),
        (b"\x10" + varint(2**63 - 1), PretixTicket(item=2**63 - 1)),
        (b"\x18\x03\x20\x04", PretixTicket(variation=3, subevent=4)),
        (b"\x28\x00\x30\x00", PretixTicket()),
        (b"\x28" + varint(-5) + b"\x30\x09", PretixTicket(valid_until_unix_s=9)),
        (b"\x0a\x04\xc3\xa4\xc3\xb6", PretixTicket(seed="äö")),
        (b"\x38\x01\x42\x02hi\x10\x05", PretixTicket(item=5)),  # unknown fields 7 and 8
        (b"\x12\x01\x05", PretixTicket()),  # the item as a string is an unknown field
        (b"\x08\x05", PretixTicket()),  # the seed as a number too
        (b"\x11" + b"a" * 8 + b"\x15" + b"b" * 4, PretixTicket()),  # and numbers of fixed size
        (b"\x09" + b"a" * 8 + b"\x0d" + b"b" * 4, PretixTicket()),
        (b"\x3b\x10\x05\x3c\x10\x06", PretixTicket(item=6)),  # a group is skipped whole
        (b"\x3b\x43\x10\x05\x44\x3c", PretixTicket()),
        (b"\x3b" * 3000 + b"\x3c" * 3000, PretixTicket()),
        (b"\xf8\xff\xff\xff\x0f\x01", PretixTicket()),  # the largest field number
    ],
)
def test_fields_are_read_by_the_rules_of_protobuf(payload: bytes, expected: PretixTicket) -> None:
    assert claims_of(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        b"\x00\x01",  # field 0
        b"\x80\x80\x80\x80\x10\x01",  # a field number beyond 29 bits
        b"\x10",
        b"\x10\x80",
        b"\x10" + b"\x80" * 10 + b"\x01",  # a number of eleven bytes
        b"\x0a\x05abc",
        b"\x0a" + varint(2**64 - 1) + b"abc",
        b"\x0a\x02\xff\xff",  # not UTF-8
        b"\x0a\x03\xed\xa0\x80",  # half a surrogate pair
        b"\x11" + b"a" * 7,
        b"\x15" + b"a" * 3,
        b"\x16\x01",  # wire types 6 and 7 do not exist
        b"\x17\x01",
        b"\x3b\x10\x05",  # a group that does not end
        b"\x3c",  # that did not begin
        b"\x3b\x44",  # that another one ends
    ],
)
def test_a_broken_payload_is_none_however_well_signed(payload: bytes) -> None:
    assert pretix.parse(pretix_text(payload, KEY)) is None


# Altered copies


def test_a_copy_cut_off_at_any_byte_is_none() -> None:
    assert not any(pretix.parse(text_of(RAW[:length])) for length in range(len(RAW)))
    assert not any(pretix.parse(text_of(RAW[start:])) for start in range(1, len(RAW)))
    assert not any(pretix.parse(TEXT[:length]) for length in range(len(TEXT)))
    assert not any(pretix.parse(TEXT[start:]) for start in range(1, len(TEXT)))


@pytest.mark.parametrize("extra", [b"\x00", b"\x00\x00", b"\x00\x00\x00", b"=", RAW])
def test_trailing_bytes_are_refused(extra: bytes) -> None:
    assert pretix.parse(text_of(RAW + extra)) is None
    assert pretix.parse(text_of(extra + RAW)) is None


@pytest.mark.parametrize(
    "extra", ["=", "==", "===", "====", "A", "AAAA", " ", "\n", "\r\n", "\x00", "\ufeff", "\ud800"]
)
def test_characters_before_or_after_are_refused(extra: str) -> None:
    assert pretix.parse(TEXT + extra) is None
    assert pretix.parse(extra + TEXT) is None


@pytest.mark.parametrize("space", [" ", "\n", "\t", "-", "_", "!", "é", "="])
def test_foreign_characters_inside_are_refused_everywhere(space: str) -> None:
    assert not any(pretix.parse(TEXT[:at] + space + TEXT[at:]) for at in range(len(TEXT)))


def padded_texts() -> Iterator[tuple[str, int]]:
    """A ticket for each amount of padding: 0, 1 and 2 characters."""
    for extra in range(3):
        text = pretix_text(b"\x0a" + varint(9 + extra) + b"s" * (9 + extra), KEY)
        yield text, len(text) - len(text.lstrip("="))


def test_padding_is_there_exactly_as_it_has_to_be() -> None:
    texts = list(padded_texts())
    assert {padding for _, padding in texts} == {0, 1, 2}
    for text, padding in texts:
        assert admitted(text) is not None
        bare = text.lstrip("=")
        assert not any(pretix.parse("=" * other + bare) for other in range(6) if other != padding)
        assert padding == 0 or pretix.parse(bare + "=" * padding) is None


def test_unused_bits_of_the_last_character_are_zero() -> None:
    """The malleable place of base64: with padding, several last characters mean the same bytes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for text, padding in padded_texts():
        same = [text[:padding] + char + text[padding + 1 :] for char in alphabet]
        same = [copy for copy in same if base64.b64decode(copy[::-1]) == base64.b64decode(text[::-1])]
        assert len(same) == 4**padding
        assert [copy for copy in same if pretix.parse(copy)] == [text]


def test_the_alphabet_for_links_is_refused() -> None:
    text = next(text for n in range(99) if {"+", "/"} <= set(text := pretix_text(varint(8 * 9) + varint(n), KEY)))
    assert admitted(text) is not None
    assert pretix.parse(text.replace("+", "-")) is None
    assert pretix.parse(text.replace("/", "_")) is None
    assert pretix.parse(base64.urlsafe_b64encode(base64.b64decode(text[::-1])).decode()[::-1]) is None


def test_the_wrong_way_round_is_refused() -> None:
    assert pretix.parse(TEXT[::-1]) is None


def test_the_wrong_case_is_refused() -> None:
    assert admitted(TEXT.lower()) is None
    assert admitted(TEXT.upper()) is None
    assert admitted(TEXT.swapcase()) is None


@pytest.mark.parametrize("version", [0, 2, 0x81, 0xFF])
def test_another_version_is_refused(version: int) -> None:
    assert pretix.parse(framed(PAYLOAD, RAW[-64:], version)) is None


def test_lengths_that_are_off_are_refused() -> None:
    for position in range(1, 5):
        for value in set(range(256)) - {RAW[position]}:
            assert pretix.parse(text_of(RAW[:position] + bytes([value]) + RAW[position + 1 :])) is None


def test_lengths_that_shift_the_border_are_refused() -> None:
    header = struct.pack(">BHH", 1, len(PAYLOAD) + 1, 63)
    assert pretix.parse(text_of(header + RAW[5:])) is None
    header = struct.pack(">BHH", 1, len(PAYLOAD) - 1, 65)
    assert pretix.parse(text_of(header + RAW[5:])) is None


def test_one_flipped_bit_anywhere_is_never_admitted() -> None:
    copies = [text_of(raw) for raw in codes.flipped_bits(RAW)]
    assert len(copies) == 8 * len(RAW)
    assert not any(admitted(copy) for copy in copies)


def test_one_flipped_bit_of_the_text_is_never_admitted() -> None:
    assert not any(admitted(raw.decode("latin-1")) for raw in codes.flipped_bits(TEXT.encode()))


def test_a_payload_written_anew_is_refused() -> None:
    """Protobuf has many ways to say the same; only the signed one is a ticket."""
    seed, item, subevent, bounds = PAYLOAD[:11], PAYLOAD[11:13], PAYLOAD[13:15], PAYLOAD[15:]
    for payload in (
        item + seed + subevent + bounds,
        seed + b"\x10\x81\x00" + subevent + bounds,
        seed + b"\x10\x09" + item + subevent + bounds,
        seed + item + b"\x18\x00" + subevent + bounds,
        PAYLOAD + b"\x38\x00",
    ):
        copy = framed(payload, RAW[-64:])
        assert parsed(copy).claims == TICKET
        assert admitted(copy) is None


def test_a_signature_over_the_whole_frame_is_refused() -> None:
    assert admitted(framed(PAYLOAD, KEY.sign(RAW[:-64]))) is None


# Any text


numbers = st.integers(-(2**63), 2**63 - 1)


def wire(ticket: PretixTicket) -> bytes:
    seed = ticket.seed.encode()
    payload = b"\x0a" + varint(len(seed)) + seed
    values = (ticket.item, ticket.variation, ticket.subevent, ticket.valid_from_unix_s, ticket.valid_until_unix_s)
    for number, value in enumerate(values, start=2):
        payload += varint(number << 3) + varint(value) if value else b""
    return payload


@given(
    st.builds(
        PretixTicket,
        st.text(max_size=20),
        numbers,
        numbers,
        numbers,
        st.none() | st.integers(1, 2**63 - 1),
        st.none() | st.integers(1, 2**63 - 1),
    )
)
def test_what_is_signed_is_what_is_read(ticket: PretixTicket) -> None:
    assert admitted(pretix_text(wire(ticket), KEY)) == ticket


base64_texts = st.text("ABab01+/=", max_size=40)
frames = st.builds(framed, st.binary(max_size=40), st.binary(min_size=64, max_size=64))


@given(
    st.text() | base64_texts | st.binary().map(text_of) | st.binary().map(lambda raw: raw.decode("latin-1")) | frames
)
def test_any_text_is_read_or_is_none_and_never_admitted(text: str) -> None:
    assert admitted(text) is None


@given(
    st.binary(max_size=60) | st.lists(st.sampled_from([b"\x0a", b"\x10\x05", b"\x3b", b"\x3c", b"\xff"])).map(b"".join)
)
def test_one_payload_and_signature_have_one_text(payload: bytes) -> None:
    text = framed(payload, bytes(64))
    unverified = pretix.parse(text)
    if unverified is not None:
        assert framed(unverified.payload, unverified.signature) == text


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_another_character_makes_another_ticket_or_none(at: int, char: str) -> None:
    copy = TEXT[:at] + char + TEXT[at + 1 :]
    unverified = pretix.parse(copy)
    if unverified is not None and copy != TEXT:
        assert (unverified.payload, unverified.signature) != (PAYLOAD, RAW[-64:])
        assert admitted(copy) is None


def fuzz(rounds: int) -> None:
    chance = random.Random(20261205)
    texts = [TEXT, *(vector["code"] for vector in VECTORS["valid"]), *(text for text, _ in padded_texts())]
    keys = (PUBLIC, vector_keys("event_keys")[0])
    for _ in range(rounds):
        text = chance.choice(texts)
        if chance.random() < 0.95:
            assert admitted(codes.spoilt(text, chance), keys) is None
        else:  # good base64 of spoilt bytes
            raw = bytearray(base64.b64decode(text[::-1]))
            raw[chance.randrange(5, len(raw))] ^= chance.randint(1, 255)
            assert admitted(text_of(bytes(raw)), keys) is None


def test_no_spoilt_copy_is_admitted() -> None:
    fuzz(80_000)


@pytest.mark.soak
def test_no_spoilt_copy_of_a_campaign_is_admitted() -> None:
    fuzz(400_000)
