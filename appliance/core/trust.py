"""Whose signed tickets an event trusts: its keys become readers of codes for the door."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from dataclasses import replace

from appliance.core import pretix, signed
from appliance.core.clock import timestamp
from appliance.core.codes import SignedFound, SignedReader
from appliance.core.trade import Event, KeyFormat

IsSigned = Callable[[bytes, bytes, bytes], bool]  # public key, message, signature
ReadersOf = Callable[[Event | None], Sequence[SignedReader]]

_FIRST, _LAST = dt.datetime(1, 1, 2, tzinfo=dt.UTC), dt.datetime(9999, 12, 30, tzinfo=dt.UTC)


def no_readers(event: Event | None) -> Sequence[SignedReader]:
    """Trust nobody's signature."""
    return ()


def readers_of(event: Event | None, is_signed: IsSigned, own_keys: Sequence[bytes] = ()) -> Sequence[SignedReader]:
    """Return a reader for each format of which the event trusts a key; `own_keys` are this box's, trusted always.

    They are made once for each event that is read.
    """
    if event is None or not (event.ticket_keys or own_keys):
        return ()
    return _readers(event, is_signed, tuple(own_keys))


@functools.lru_cache(maxsize=2)  # two events with one id and other rules are not equal
def _readers(event: Event, is_signed: IsSigned, own_keys: tuple[bytes, ...]) -> Sequence[SignedReader]:
    own = [*own_keys, *(key.public_key for key in event.ticket_keys if key.format is KeyFormat.STALLBOX)]
    theirs = [key.public_key for key in event.ticket_keys if key.format is KeyFormat.PRETIX]
    readers = [_own_reader(event, own, is_signed)] if own else []
    return (*readers, _pretix_reader(event, theirs, is_signed)) if theirs else tuple(readers)


def _own_reader(event: Event, public_keys: Sequence[bytes], is_signed: IsSigned) -> SignedReader:
    keys = {signed.key_id(key): key for key in public_keys}
    products = {signed.tag(product): product for product in products_of(event)}
    tag = signed.tag(event.id)

    def read(text: str) -> SignedFound | None:
        unverified = signed.parse(text)
        if unverified is None:
            return None
        ticket = signed.verify(unverified, keys, is_signed)
        if isinstance(ticket, signed.BadSignature):
            return _not_genuine(unverified.identity)
        product = products.get(ticket.product_tag, f"product {ticket.product_tag}")
        problem = "" if ticket.event_tag == tag else "wrong_event"
        found = _genuine(unverified.identity, product, ticket)
        return replace(found, entries_allowed=ticket.entries or 0, problem=problem)

    return read


def _pretix_reader(event: Event, public_keys: Sequence[bytes], is_signed: IsSigned) -> SignedReader:
    products = {(item.item, item.variation): item.product for item in event.pretix_items}

    def read(text: str) -> SignedFound | None:
        unverified = pretix.parse(text)
        if unverified is None:
            return None
        ticket = pretix.verify(unverified, public_keys, is_signed)
        if isinstance(ticket, signed.BadSignature):
            return _not_genuine(unverified.identity)
        product = products.get((ticket.item, ticket.variation)) or products.get((ticket.item, 0))
        found = _genuine(unverified.identity, product or f"pretix item {ticket.item}", ticket)
        is_other_date = event.pretix_subevent not in (None, ticket.subevent)
        return replace(found, problem="wrong_event" if is_other_date else "")

    return read


def _not_genuine(identity: str) -> SignedFound:
    return SignedFound(identity, "", problem="bad_signature")


def _genuine(identity: str, product: str, ticket: signed.SignedTicket | pretix.PretixTicket) -> SignedFound:
    bounds = _moment(ticket.valid_from_unix_s), _end(ticket.valid_until_unix_s)
    return SignedFound(identity, product, *bounds)


def products_of(event: Event) -> set[str]:
    """Name every product that the event knows of."""
    return {*event.admits, *(known.product for known in event.ticket_types), *(offer.id for offer in event.offers)}


def _moment(unix_s: int | None) -> str | None:
    """Write seconds since 1970; what is outside of the calendar becomes its first or last day."""
    if unix_s is None:
        return None
    at = min(max(unix_s, int(_FIRST.timestamp())), int(_LAST.timestamp()))
    return timestamp(dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=at))


def _end(unix_s: int | None) -> str | None:
    """The last good second of a signed ticket; the door's bound is the first that is too late."""
    return None if unix_s is None else _moment(unix_s + 1)
