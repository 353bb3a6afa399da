"""Public keys as pretix lists them: the base64 of a PEM file."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import pretix
from appliance.core.errors import StallboxError
from tests.core import codes

KEY = codes.private_key(3)
PUBLIC = codes.public_bytes(KEY)


def listed(der: bytes, label: str = "PUBLIC KEY", end: str = "\n") -> str:
    pem = f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----{end}"
    return base64.b64encode(pem.encode()).decode()


DER = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_a_key_as_pretix_lists_it_is_read() -> None:
    pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    listing = base64.b64encode(pem).decode()
    assert pretix.public_key_from_pem_b64(listing) == PUBLIC
    assert pretix.public_key_from_pem_b64(f" {listing}\n") == PUBLIC
    assert pretix.public_key_from_pem_b64(base64.b64encode(pem.replace(b"\n", b"\r\n")).decode()) == PUBLIC
    assert pretix.public_key_from_pem_b64(listed(DER, end="")) == PUBLIC


@pytest.mark.parametrize(
    "listing",
    [
        "",
        "no key",
        "LS0t",
        base64.b64encode(PUBLIC).decode(),
        base64.b64encode(DER).decode(),
        listed(DER)[:-4],
        listed(DER)[:-1],
        listed(DER) + "=",
        listed(DER, "PRIVATE KEY"),
        listed(DER, end="\n\n"),
        listed(DER[:-1]),
        listed(DER + b"\x00"),
        listed(b"\x31" + DER[1:]),
        listed(DER[:8] + b"\x71" + DER[9:]),
        listed(X25519PrivateKey.generate().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
        listed(
            ec.generate_private_key(ec.SECP256R1())
            .public_key()
            .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ),
        "é" * 40,
        "\ud800",
    ],
    ids=range(18),
)
def test_what_is_no_key_is_refused_with_advice(listing: str) -> None:
    with pytest.raises(StallboxError, match="valid_keys") as refused:
        pretix.public_key_from_pem_b64(listing)
    assert refused.value.code == "pretix_key_unreadable"


@given(st.text() | st.binary().map(listed) | st.binary(min_size=44, max_size=44).map(listed))
def test_any_text_is_no_key(text: str) -> None:
    with pytest.raises(StallboxError):
        pretix.public_key_from_pem_b64(text)
