"""Signed tickets of pretix, scheme `pretix_sig1`: admitted without any list, checked with the event's public keys.

The bytes are a version, two lengths, a protobuf payload and its Ed25519 signature; the text is their base64, reversed.
docs/tickets.md gives the format byte by byte. Read from pretix (src/pretix/base/secrets.py) and libpretixsync
(pretix_sig1.proto). Stricter than those: one payload and signature have exactly one text here, so that an altered
copy of a used ticket is no new ticket.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from appliance.core.errors import StallboxError
from appliance.core.protobuf import fields, signed_64
from appliance.core.signed import SIGNATURE_BYTES, BadSignature, IsSigned

VERSION = 1
_HEADER = struct.Struct(">BHH")  # version, bytes of payload, bytes of signature
LEAST_CHARS = 92  # of a text: base64 of the header and a signature
_SEED = 1
_NUMBERS = {2: "item", 3: "variation", 4: "subevent", 5: "valid_from_unix_s", 6: "valid_until_unix_s"}
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/]{59}=)\r?\n-----END PUBLIC KEY-----\r?\n?")
# RFC 8410, section 4: SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes }
_SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")


@dataclass(frozen=True, slots=True)
class PretixTicket:
    """What a pretix ticket says.

    `seed`: random characters that make it one of a kind. `item`, `variation`, `subevent`: pretix's own numbers, 0 is
    none. Valid while valid_from_unix_s <= now <= valid_until_unix_s; None is no bound.
    """

    seed: str = ""
    item: int = 0
    variation: int = 0
    subevent: int = 0
    valid_from_unix_s: int | None = None
    valid_until_unix_s: int | None = None


@dataclass(frozen=True, slots=True)
class Unverified:
    """A well-formed ticket whose signature nobody has checked: `claims` is only what it says of itself."""

    claims: PretixTicket
    payload: bytes
    signature: bytes

    @property
    def identity(self) -> str:
        """The name under which a use, a block or a revocation is kept: SHA-256 in hex over the payload.

        Never over the text. The scheme's name before it keeps tickets of different kinds apart.
        """
        return hashlib.sha256(b"pretix_sig1:" + self.payload).hexdigest()


def parse(text: str) -> Unverified | None:
    """Read the text of a ticket; None if it is none. Also reads what pretix lists as revoked or blocked."""
    raw = _from_base64(text[::-1])
    if raw is None or len(raw) < _HEADER.size:
        return None
    version, payload_bytes, signature_bytes = _HEADER.unpack_from(raw)
    if version != VERSION or signature_bytes != SIGNATURE_BYTES:
        return None
    if len(raw) != _HEADER.size + payload_bytes + signature_bytes:
        return None
    payload, signature = raw[_HEADER.size : -SIGNATURE_BYTES], raw[-SIGNATURE_BYTES:]
    claims = _decode_payload(payload)
    return Unverified(claims, payload, signature) if claims else None


def verify(unverified: Unverified, keys: Iterable[bytes], is_signed: IsSigned) -> PretixTicket | BadSignature:
    """Check a ticket against an event's valid keys, each the 32 bytes of a public key; one that fits is enough."""
    key_known = False
    for public_key in keys:
        key_known = True
        if is_signed(public_key, unverified.payload, unverified.signature):
            return unverified.claims
    return BadSignature(key_known)


def public_key_from_pem_b64(text: str) -> bytes:
    """Read a key as pretix lists it under `valid_keys`: the base64 of a PEM file. Returns its 32 bytes.

    Raises StallboxError.
    """
    pem = _PEM.fullmatch(_from_base64(text.strip()) or b"")
    der = _from_base64(pem[1].decode()) if pem else None
    if der is None or not der.startswith(_SPKI_PREFIX):
        raise StallboxError(
            "pretix_key_unreadable",
            "This is no Ed25519 public key of pretix: copy the whole text listed under valid_keys, pretix_sig1.",
        )
    return der.removeprefix(_SPKI_PREFIX)


def _from_base64(text: str) -> bytes | None:
    """Decode base64 that is written in its one canonical form (RFC 4648, sections 3.2 to 3.5)."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def _decode_payload(payload: bytes) -> PretixTicket | None:
    """Read the fields; the last of a kind counts and a field of another type is an unknown one, as protobuf has it."""
    seed = ""
    numbers = dict.fromkeys(_NUMBERS.values(), 0)
    try:
        for number, value in fields(payload):
            if number == _SEED and isinstance(value, bytes):
                seed = value.decode()
            elif number in _NUMBERS and isinstance(value, int):
                numbers[_NUMBERS[number]] = signed_64(value)
    except ValueError:
        return None
    return PretixTicket(
        seed=seed,
        item=numbers["item"],
        variation=numbers["variation"],
        subevent=numbers["subevent"],
        valid_from_unix_s=_bound(numbers["valid_from_unix_s"]),
        valid_until_unix_s=_bound(numbers["valid_until_unix_s"]),
    )


def _bound(unix_s: int) -> int | None:
    """Read a bound of validity: pretix writes 0 where there is none."""
    return unix_s if unix_s > 0 else None
