"""Signed tickets of both kinds for the bench, and the readers that trust them: keys of this run alone."""

from __future__ import annotations

import base64
import functools
from collections.abc import Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.core import signed
from appliance.core.codes import SignedReader
from appliance.core.trade import Event, KeyFormat, PretixItem, TicketKey
from appliance.core.trust import readers_of
from appliance.store.keys import is_signed

EVENT, PRODUCT, ITEM = "street-series", "workshop", 1
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_PUBLIC = _KEY.public_key().public_bytes_raw()
_TRUSTED = tuple(TicketKey(format, _PUBLIC) for format in KeyFormat)


def stallbox(serial: int) -> str:
    """Sign a ticket as Stallbox does."""
    tags = signed.key_id(_PUBLIC), signed.tag(EVENT), signed.tag(PRODUCT)
    return signed.sign(signed.SignedTicket(*tags, serial, entries=1), _KEY.sign)


def pretix(serial: int) -> str:
    """Sign a ticket as pretix does: a seed of nine characters and the number of its product."""
    payload = b"\x0a\x09" + b"%09d" % serial + bytes([0x10, ITEM])
    raw = b"\x01" + len(payload).to_bytes(2, "big") + b"\x00\x40" + payload + _KEY.sign(payload)
    return base64.b64encode(raw).decode()[::-1]


@functools.lru_cache(maxsize=1)
def trusted(event: Event | None) -> Sequence[SignedReader]:
    """Return the readers of an event that trusts this run's key."""
    if event is None:
        return ()
    return readers_of(replace(event, ticket_keys=_TRUSTED, pretix_items=(PretixItem(ITEM, PRODUCT),)), is_signed)


KINDS = {"Stallbox": stallbox, "pretix": pretix}
