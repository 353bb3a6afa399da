"""Making tickets, vouchers and member cards in numbers: first the codes, then the books.

The caller puts the list of the codes on the disk between the two, so that no code is good that nobody has; with that
list a lot that was not finished is taken back.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from appliance.core import signed
from appliance.core.clock import parse_timestamp
from appliance.core.codes import ticket_id
from appliance.core.errors import Refusal
from appliance.core.lot import IssuedCode, Lot
from appliance.core.ports import Books, DeskPort
from appliance.core.trade import EntryRule, Event, Ticket, TicketStatus, TicketType, Voucher
from appliance.core.trust import products_of
from appliance.core.verdict import CodeKind
from appliance.services.tickets import PART, identity

_MINUTE_S = 60


class Signer(Protocol):
    """The key that signs this box's tickets."""

    @property
    def public_key(self) -> bytes:
        """Its 32 bytes."""

    def sign(self, message: bytes) -> tuple[bytes, bytes]:
        """Return the signature of a message and the public key."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made: a lot without codes, and how many of them."""

    lot: Lot
    count: int
    signer: Signer | None = None  # of signed tickets


def make(desk: DeskPort, wish: Wish) -> Lot:
    """Make the codes of a lot; nothing of it is good yet. Raises Refusal."""
    with desk.reading() as books:
        event = books.events.current()
        lot = _checked(replace(wish.lot, event=event.id if event else ""), event)
        short_codes = [books.new_code() for _ in range(wish.count)]
    if wish.signer is None:
        return replace(lot, codes=[IssuedCode(code, code) for code in short_codes])
    return _signed(desk, lot, event, wish.signer, short_codes)


def keep(desk: DeskPort, lot: Lot, source: str) -> Iterator[int]:
    """Make a lot good in parts, so that a door in use waits for one part at most; yield how many are new, by part."""
    for part in _parts(lot):
        yield desk.submit(functools.partial(_keep_part, lot=part, source=source))


def withdraw(desk: DeskPort, lot: Lot) -> int:
    """Take back what of a lot was made good and not used; return how many."""
    return sum(desk.submit(functools.partial(_withdraw_part, lot=part)) for part in _parts(lot))


def _checked(lot: Lot, event: Event | None) -> Lot:
    """Refuse what could not be redeemed. Raises Refusal."""
    if lot.kind is CodeKind.VOUCHER:
        _series_of(lot, event)
    if lot.valid_from and lot.valid_until and lot.valid_from >= lot.valid_until:
        raise Refusal("never_valid", "A ticket must begin to be valid before it ends.")
    return lot


def _series_of(lot: Lot, event: Event | None) -> Voucher:
    """Return the series that a lot's vouchers belong to. Raises Refusal."""
    series = {voucher.code: voucher for voucher in event.vouchers} if event else {}
    if lot.series not in series:
        there = ", ".join(f"'{code}'" for code in series) or "none"
        raise Refusal("no_such_series", f"The event has no voucher '{lot.series}'; there are {there}.")
    return series[lot.series]


def _signed(desk: DeskPort, lot: Lot, event: Event | None, signer: Signer, short_codes: Sequence[str]) -> Lot:
    """Sign a lot. The serials are on the disk as given away before one of them is signed."""
    if event is None:
        raise Refusal("no_event", "A signed ticket names its event: load one first.")
    if lot.product not in products_of(event):
        there = ", ".join(f"'{product}'" for product in sorted(products_of(event)))
        raise Refusal("no_such_product", f"The event has no product '{lot.product}'; there are {there}.")
    type = next((known for known in event.ticket_types if known.product == lot.product), TicketType(lot.product))
    lot = replace(
        lot,
        valid_from=lot.valid_from or type.valid_from,
        valid_until=lot.valid_until or type.valid_until,
        entries=lot.entries if lot.entries is not None else _entries(type),
    )
    pattern = _pattern(lot, event, signer)  # before serials are given away for it
    first = desk.submit(lambda books: books.issued.take_serials(signer.public_key, len(short_codes)))
    if first + len(short_codes) - 1 > signed.MAX_SERIAL:
        raise Refusal("serials_used_up", "The key has given all its numbers: move keys/tickets-ed25519.key away.")
    codes = [
        IssuedCode(signed.sign(replace(pattern, serial=first + number), lambda message: signer.sign(message)[0]), code)
        for number, code in enumerate(short_codes)
    ]
    return replace(lot, codes=codes)


def _pattern(lot: Lot, event: Event, signer: Signer) -> signed.SignedTicket:
    """Return what all tickets of a lot say. Raises Refusal for what does not fit into a signed ticket."""
    pattern = signed.SignedTicket(
        key_id=signed.key_id(signer.public_key),
        event_tag=signed.tag(event.id),
        product_tag=signed.tag(lot.product),
        serial=0,
        valid_from_unix_s=_whole_minute(lot.valid_from),
        valid_until_unix_s=_whole_minute(lot.valid_until, up=True),
        entries=lot.entries or None,
    )
    try:
        signed.encode_payload(pattern)
    except ValueError as error:
        raise Refusal("not_signable", f"A signed ticket cannot say this: {error}.") from error
    return pattern


def _whole_minute(at: str | None, up: bool = False) -> int | None:
    if at is None:
        return None
    seconds = int(parse_timestamp(at).timestamp())
    return seconds + (-seconds % _MINUTE_S if up else -(seconds % _MINUTE_S))


def _entries(type: TicketType) -> int:
    if type.entries is not None:
        return type.entries
    return 1 if type.entry is EntryRule.COUNTED else 0


def _keep_part(books: Books, lot: Lot, source: str) -> int:
    new = _KEEP[lot.kind](books, lot, source)
    books.journal.append("codes.issued", {"kind": lot.kind.value, "source": source, "new": new, **_about(lot)})
    return new


def _keep_tickets(books: Books, lot: Lot, source: str) -> int:
    return books.tickets.import_all(map(_ticket_of(lot), lot.codes), source)[0]


def _keep_vouchers(books: Books, lot: Lot, source: str) -> int:
    event = books.events.current()
    if event is None:
        raise Refusal("no_event", "A voucher belongs to an event: load it first.")
    balance_minor = _series_of(lot, event).balance_minor
    return books.issued.add_vouchers(_hashes(lot), event.id, lot.series, lot.uses, balance_minor)


def _keep_members(books: Books, lot: Lot, source: str) -> int:
    return books.issued.add_members([one.short_code for one in lot.codes])


_KEEP = {CodeKind.TICKET: _keep_tickets, CodeKind.VOUCHER: _keep_vouchers, CodeKind.MEMBER: _keep_members}


def _withdraw_part(books: Books, lot: Lot) -> int:
    if lot.kind is CodeKind.TICKET:
        gone = _revoke(books, lot) if signed.parse(lot.codes[0].code) else books.issued.withdraw_tickets(_hashes(lot))
    elif lot.kind is CodeKind.VOUCHER:
        gone = books.issued.withdraw_vouchers(_hashes(lot))
    else:
        gone = books.issued.withdraw_members([one.short_code for one in lot.codes])
    if gone:
        books.journal.append("codes.withdrawn", {"kind": lot.kind.value, "withdrawn": gone})
    return gone


def _revoke(books: Books, lot: Lot) -> int:
    """Take back signed tickets: the signature stays good, so the box must remember that they are not."""
    known = (books.tickets.find(ticket_id(one.short_code)) or _ticket_of(lot)(one) for one in lot.codes)
    unused = [replace(ticket, status=TicketStatus.REVOKED) for ticket in known if not ticket.first_used_at]
    books.tickets.import_all(unused, "withdrawn")
    return len(unused)


def _ticket_of(lot: Lot) -> Callable[[IssuedCode], Ticket]:
    def ticket(one: IssuedCode) -> Ticket:
        id, aliases = identity(one.code, one.short_code)
        return Ticket(
            id=id,
            product=lot.product,
            status=TicketStatus.VALID,
            event=lot.event,
            valid_from=lot.valid_from,
            valid_until=lot.valid_until,
            entries_allowed=lot.entries,
            aliases=aliases,
        )

    return ticket


def _hashes(lot: Lot) -> list[str]:
    return [ticket_id(one.short_code) for one in lot.codes]


def _about(lot: Lot) -> dict[str, str]:
    return {"product": lot.product} if lot.kind is CodeKind.TICKET else {"series": lot.series} if lot.series else {}


def _parts(lot: Lot) -> Iterator[Lot]:
    for start in range(0, len(lot.codes), PART):
        yield replace(lot, codes=lot.codes[start : start + PART])
