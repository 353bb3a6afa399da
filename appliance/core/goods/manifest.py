"""What a courier is given: the list of parcels as JSON, as CSV and on paper, and a label for each parcel.

No courier shares a format with another: these are plain values with the fields that all of them ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from appliance.core.document import Align, Block, Cut, Document, Feed, Qr, Row, Rule, Text
from appliance.core.goods.contact import Contact
from appliance.core.receipt import head, local_time
from appliance.core.texts import counted
from appliance.core.trade import Event, Handoff, Parcel, order_code

COLUMNS = ("handoff", "external_id", "order", "receipt", "way", "tier", "name", "phone", "address", "pieces", "items")
_FORMULA = ("=", "+", "-", "@")  # a spreadsheet would run what begins so


@dataclass(frozen=True, slots=True)
class Consignment:
    """A hand-off with all that is in it: each parcel and to whom it goes."""

    handoff: Handoff
    parcels: Sequence[tuple[Parcel, Contact]]

    @property
    def pieces(self) -> int:
        """How many pieces are in all parcels."""
        return sum(parcel.pieces for parcel, _ in self.parcels)


def as_json(consignment: Consignment, event: Event) -> dict[str, Any]:
    """Return the list as plain JSON values."""
    handoff = consignment.handoff
    return {
        "handoff": handoff.number,
        "made_at": handoff.at,
        "reason": handoff.reason,
        "event": event.id,
        "sender": list(event.seller or (event.name,)),
        "pieces": consignment.pieces,
        "parcels": [parcel_json(parcel, contact) for parcel, contact in consignment.parcels],
    }


def parcel_json(parcel: Parcel, contact: Contact | None) -> dict[str, Any]:
    """Return one parcel as plain JSON values; `contact` is null where it cannot be opened."""
    return {
        "external_id": parcel.order_id,
        "order": order_code(parcel.order_id),
        "receipt": parcel.sale,
        "state": str(parcel.state),
        "handoff": parcel.handoff,
        "way": str(parcel.way),
        "tier": parcel.tier_name,
        "contact": None if contact is None else asdict(contact),
        "pieces": parcel.pieces,
        "items": [asdict(item) for item in parcel.items],
        "sold_at": parcel.sold_at,
        "changed_at": parcel.changed_at,
    }


def as_csv(consignment: Consignment) -> str:
    """Return the list as CSV (RFC 4180)."""
    rows: list[tuple[object, ...]] = [COLUMNS]
    for parcel, contact in consignment.parcels:
        own = (parcel.order_id, order_code(parcel.order_id), parcel.sale, parcel.way.value, _harmless(parcel.tier_name))
        to = (_harmless(contact.name), contact.phone, _harmless(", ".join(contact.address.splitlines())))
        items = "; ".join(f"{item.quantity} x {item.name}" for item in parcel.items)
        rows.append((consignment.handoff.number, *own, *to, parcel.pieces, _harmless(items)))
    return "".join(",".join(map(_cell, row)) + "\r\n" for row in rows)


def manifest(consignment: Consignment, event: Event, rehearsal: bool) -> Document:
    """Lay out the list that the courier signs."""
    handoff, parcels = consignment.handoff, consignment.parcels
    blocks = head(event, rehearsal)
    blocks += [Text(f"COURIER LIST {handoff.number}", bold=True, scale=2, align=Align.CENTER)]
    blocks += [Text(local_time(handoff.at, event), align=Align.CENTER), Rule()]
    for number, (parcel, contact) in enumerate(parcels, 1):
        blocks += [Row(f"{number}. {contact.name}", order_code(parcel.order_id), bold=True)]
        blocks += [Text(line) for line in contact.address.splitlines()]
        blocks += [
            Row(contact.phone, f"receipt {parcel.sale}"),
            Row(parcel.tier_name, counted(parcel.pieces, "piece")),
        ]
        blocks += [Feed()]
    blocks += [Rule(), Row(counted(len(parcels), "parcel"), counted(consignment.pieces, "piece"), bold=True), Feed(2)]
    blocks += [Text("Taken over by: _______________"), Feed(), Text("Date and time: _______________"), Cut()]
    return Document(tuple(blocks))


def label(parcel: Parcel, contact: Contact, event: Event, rehearsal: bool) -> Document:
    """Lay out the label of one parcel. Its QR code is the order's id, which the till's scanner knows."""
    blocks: list[Block] = [Text("REHEARSAL", bold=True, align=Align.CENTER)] if rehearsal else []
    blocks += [Text(f"From: {', '.join(event.seller or (event.name,))}"), Rule()]
    blocks += [Text(line, bold=True, scale=2) for line in (contact.name, *contact.address.splitlines())]
    blocks += [Feed(), Text(f"Tel. {contact.phone}"), Rule()]
    blocks += [Row(parcel.tier_name, f"receipt {parcel.sale}")]
    blocks += [Text(f"{item.quantity} x {item.name}") for item in parcel.items]
    blocks += [Feed(), Qr(parcel.order_id, f"Order {order_code(parcel.order_id)}"), Cut()]
    return Document(tuple(blocks))


def _cell(value: object) -> str:
    text = str(value)
    return '"{}"'.format(text.replace('"', '""')) if any(char in text for char in ',"\r\n') else text


def _harmless(text: str) -> str:
    """Keep a spreadsheet from running what a guest typed."""
    return f"'{text}" if text.startswith(_FORMULA) else text
