"""The journal's entries, their hash chain, and how a chain is checked.

`hash` = SHA-256 over the previous hash (64 hex digits, ASCII) followed by the canonical JSON of the entry: the
object {at, clock, data, id, kind, seq} with sorted keys, no spaces, UTF-8. The first entry's `prev` is 64 zeros.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

GENESIS_HASH = "0" * 64

# Every kind of entry and what it says. The uplink, the reports and docs/journal.md go by this list.
KINDS: Mapping[str, str] = {
    "box.started": "The daemon is up: software version, boot id, clock, and how it had ended before.",
    "box.stopped": "The daemon ended in good order.",
    "clock.set": "The clock of the box was set: before, after, by which clock, and whether somebody asked for it.",
    "event.loaded": "An event was loaded or loaded anew: its id and the hash of its text.",
    "event.purged": "All that is personal was taken away: how much of each, and nothing else.",
    "tickets.imported": "A list of tickets was read: how many are new, changed and the same.",
    "tickets.removed": "Unused tickets of a list were taken away again; used ones stay.",
    "ticket.admitted": "A ticket was admitted.",
    "ticket.exited": "Somebody went out with a ticket.",
    "ticket.overridden": "A ticket was admitted by staff against the verdict, with the reason of both.",
    "ticket.refused": "A scan was refused, with the reason.",
    "code.shown": "A scan told something but admitted nobody: a voucher or a member card.",
    "scanner.calibrated": "A scanner's keyboard was learnt from its calibration card.",
    "ticket.issued": "A ticket was sold at the stall.",
    "codes.issued": "Tickets, vouchers or member cards were made in numbers.",
    "codes.withdrawn": "Codes of an issue that did not finish were taken back.",
    "ticket.paid": "An unpaid ticket was paid at the till and is valid now.",
    "ticket.unpaid": "The payment of a ticket was given back: it is unpaid again.",
    "ticket.given_back": "A ticket sold at the stall was refunded and admits nobody any more.",
    "order.opened": "Somebody wants something; its stock is reserved.",
    "order.cancelled": "An order was given up; its stock is free again.",
    "order.expired": "An order waited too long; its stock is free again.",
    "payment.taken": "Money, or a part of it, was taken for an order.",
    "payment.asked": "A terminal was asked for money; its answer is not known yet.",
    "payment.settled": "A person said whether a payment that was asked for was paid or failed.",
    "sale.completed": "An order was paid in full and became a sale.",
    "lights.switched": "Staff switched the stall's lights: on, off, or by themselves again.",
    "sale.refunded": "Some or all of a sale was given back.",
    "stock.corrected": "The stock of an offer was set by hand.",
    "stock.delivered": "Goods came in and were put on the shelf.",
    "stock.wasted": "Goods broke or spoiled and were taken off the shelf, with the reason.",
    "stock.low": "Little is left of an offer; said once until goods come in.",
    "restock.handed_over": "Parcels left, with a courier's list or by the team itself: ids of orders, never a name.",
    "restock.picked_up": "Somebody picked up what they had ordered.",
    "member.joined": "A membership was sold.",
    "member.renewed": "A membership was made to hold longer.",
    "member.shortened": "A refund took a term off a membership.",
    "credits.taken_back": "A refund took credits off a member's balance.",
    "credits.bought": "Credits were added to a member's balance.",
    "credits.spent": "A member paid with credits.",
    "credits.returned": "A refund gave credits back to the member who had paid with them.",
    "voucher.spent": "Something was paid with a gift card, and so much is left on it.",
    "voucher.returned": "A refund put money back onto the gift card that had paid it.",
    "shift.opened": "A cashier opened the till, with its float.",
    "shift.counted": "The drawer was counted by coins and notes, before anybody was told what should be in it.",
    "shift.closed": "The till was counted and closed; the hash of this entry is signed.",
    "cash.moved": "Cash was put into the drawer or taken out of it, with the reason.",
    "drawer.opened": "The drawer was opened without a sale, with the reason.",
    "cashier.added": "A cashier may log in from now on: an id and the rights, never the name.",
    "cashier.pin_changed": "A cashier has a new PIN.",
    "cashier.removed": "A cashier may not log in any more.",
    "tablet.paired": "A tablet belongs to the stall from now on: an id, its role and its scanner, never its name.",
    "tablet.revoked": "A tablet was sent away: it is a guest's from its next request on.",
    "pin.refused": "A wrong PIN was typed: where, and at which tablet or address; never the PIN.",
    "print.copied": "A document was printed once more, marked COPY.",
    "print.settled": "A person said whether an unsure print job is on paper.",
    "sms.queued": "A text message waits to be sent: ids only, never the number or the text.",
    "sms.sent": "The network took a text message.",
    "sms.unsure": "A text message may have been sent; nobody sends it again by itself.",
    "sms.delivered": "A text message is on the telephone.",
    "sms.failed": "A text message was given up, with the reason.",
    "signal.noted": "Somebody browsed, tried or bought.",
    "power.changed": "The power state changed: normal, saving, low or critical.",
    "shutdown.asked": "The box begins to shut down: by the battery or by the button.",
    "shutdown.called_off": "Power came back, or the board fell silent: the box stays on.",
    "hello.told": "How to join a new box went to the printer; the entry holds no password and no PIN.",
    "owner_pin.renewed": "A new owner PIN was made by the button and printed; the entry does not hold it.",
    "staff_pin.renewed": "The owner drew another staff PIN; the entry does not hold it.",
    "device.lost": "A device went away.",
    "device.back": "A device came back.",
}

# What a signature device signs, where there is one: docs/law.md.
FISCAL_KINDS = ("sale.completed", "sale.refunded")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `at` is RFC 3339 in UTC, `clock` a ClockQuality; `data` plain JSON, no floats."""

    seq: int
    id: str
    kind: str
    at: str
    clock: str
    data: Mapping[str, Any]
    prev: str
    hash: str

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as plain JSON values, in the order of the columns."""
        return {
            "seq": self.seq,
            "id": self.id,
            "kind": self.kind,
            "at": self.at,
            "clock": self.clock,
            "data": dict(self.data),
            "prev": self.prev,
            "hash": self.hash,
        }


@dataclass(frozen=True, slots=True)
class ChainFault:
    """One thing wrong with the journal, and where."""

    seq: int
    message: str


def canonical_json(value: object) -> bytes:
    """Write JSON in exactly one way: sorted keys, no spaces, UTF-8. Raises ValueError for NaN and infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def chain_hash(prev: str, seq: int, id: str, kind: str, at: str, clock: str, data: Mapping[str, Any]) -> str:
    """Hash one entry onto the chain; see the module's text for the exact bytes."""
    body = canonical_json({"seq": seq, "id": id, "kind": kind, "at": at, "clock": clock, "data": data})
    return hashlib.sha256(prev.encode() + body).hexdigest()


def seal(prev: Entry | None, id: str, kind: str, at: str, clock: str, data: Mapping[str, Any]) -> Entry:
    """Make the entry that follows `prev` (None: the first). Raises ValueError: unknown kind, a float in the data."""
    if kind not in KINDS:
        raise ValueError(f"'{kind}' is not a kind of journal entry")
    if _has_float(data):  # no two languages write them alike, and money is never one
        raise ValueError(f"an entry holds no floats: {data}")
    seq, before = (prev.seq + 1, prev.hash) if prev else (1, GENESIS_HASH)
    return Entry(seq, id, kind, at, clock, data, before, chain_hash(before, seq, id, kind, at, clock, data))


def _has_float(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_has_float(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_has_float(item) for item in value)
    return isinstance(value, float)


def check_chain(entries: Iterable[Entry]) -> Iterator[ChainFault]:
    """Walk a whole journal in the order of `seq` and name every place where it was altered.

    An entry that was changed, removed, inserted or swapped breaks its own hash, its number or the next one's
    `prev`. What a chain cannot show by itself, a tail cut off or a chain made anew, the signed heads show.
    """
    expected_seq, expected_prev = 1, GENESIS_HASH
    for entry in entries:
        if entry.seq > expected_seq:
            missing = f"{expected_seq}" if entry.seq == expected_seq + 1 else f"{expected_seq} to {entry.seq - 1}"
            yield ChainFault(expected_seq, f"entry {missing} is missing")
        elif entry.seq < expected_seq:
            yield ChainFault(entry.seq, f"entry {entry.seq} is out of order")
        elif entry.prev != expected_prev:
            yield ChainFault(entry.seq, f"entry {entry.seq} does not follow from the one before it")
        if _own_hash(entry) != entry.hash:
            yield ChainFault(entry.seq, f"entry {entry.seq} ({entry.kind}) was altered")
        expected_seq, expected_prev = entry.seq + 1, entry.hash


def _own_hash(entry: Entry) -> str:
    return chain_hash(entry.prev, entry.seq, entry.id, entry.kind, entry.at, entry.clock, entry.data)
