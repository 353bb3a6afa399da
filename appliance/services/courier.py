"""Handing parcels to a courier: when asked for, when there are more than the team carries, when a window closes."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.errors import NotFound, Refusal
from appliance.core.goods.contact import Contact
from appliance.core.goods.manifest import Consignment, label, manifest
from appliance.core.goods.rules import handoff_reason
from appliance.core.ports import Books, ContactKeysPort
from appliance.core.printers import LABEL, MANIFEST
from appliance.core.trade import Parcel, ParcelState, order_code
from appliance.services.carts import current_event
from appliance.services.cashiers import signed_by

ASKED = "asked"


def due(books: Books) -> str | None:
    """Say why a courier has to come now; None: not yet. See core/goods/rules.py."""
    event, waiting = books.events.current(), books.restock.waiting()
    if event is None or not waiting:
        return None
    return handoff_reason(waiting, event.restock.carry_pieces, event.windows, books.moment.text())


def is_ready(books: Books, keys: ContactKeysPort) -> bool:
    """Tell whether a courier has to come now, and the contact of a parcel can be opened."""
    return due(books) is not None and bool(_opened(books, keys, books.restock.waiting()))


def hand_over_due(books: Books, keys: ContactKeysPort) -> None:
    """Hand over what is due, without anybody asking; as long as no contact can be opened, it waits."""
    if is_ready(books, keys):
        hand_over(books, keys, due(books) or ASKED)


def hand_over(books: Books, keys: ContactKeysPort, reason: str = ASKED) -> Consignment:
    """Hand over all parcels that wait and whose contact opens; print the list and a label for each. Raises Refusal."""
    waiting = books.restock.waiting()
    if not waiting:
        raise Refusal("nothing_waits", "No parcel waits to be sent.", status=409)
    ready = _opened(books, keys, waiting)
    if not ready:
        raise _locked()
    handoff = books.restock.add_handoff(reason)
    for parcel, _ in ready:
        books.restock.set_state(parcel.order_id, ParcelState.HANDED_OVER, handoff.number)
    consignment = consignment_of(books, keys, handoff.number)
    orders = [parcel.order_id for parcel, _ in ready]
    data = {"handoff": handoff.number, "reason": reason, "orders": orders, "pieces": consignment.pieces}
    books.journal.append("restock.handed_over", data)
    print_out(books, consignment)
    return consignment


def consignment_of(books: Books, keys: ContactKeysPort, number: int) -> Consignment:
    """Return a hand-off with to whom each parcel goes. Raises Refusal."""
    handoff = books.restock.handoff(number)
    if handoff is None:
        raise NotFound("handoff_unknown", f"There is no courier's list {number}.")
    parcels = books.restock.of_handoff(number)
    pairs = _opened(books, keys, parcels)
    if len(pairs) < len(parcels):
        raise _locked()
    return Consignment(handoff, tuple(pairs))


def contact_of(books: Books, keys: ContactKeysPort, order_id: str) -> Contact | None:
    """Return to whom an order goes; None if it was wiped, or the owner's PIN is needed."""
    sealed = books.restock.sealed(order_id)
    return keys.open(sealed) if sealed is not None else None


def _opened(books: Books, keys: ContactKeysPort, parcels: Sequence[Parcel]) -> list[tuple[Parcel, Contact]]:
    pairs = ((parcel, contact_of(books, keys, parcel.order_id)) for parcel in parcels)
    return [(parcel, contact) for parcel, contact in pairs if contact is not None]


def _locked() -> Refusal:
    message = "Names and addresses are locked, or were taken away: the owner's PIN unlocks them."
    return Refusal("locked", message, status=409)


def print_out(books: Books, consignment: Consignment) -> None:
    """Queue the list, and a label for each parcel."""
    event, number = current_event(books), consignment.handoff.number
    paper = signed_by(books, manifest(consignment, event, books.rehearsal))
    books.prints.add(MANIFEST, f"courier list {number}", paper.to_json())
    for parcel, contact in consignment.parcels:
        paper = label(parcel, contact, event, books.rehearsal)
        books.prints.add(LABEL, f"label {order_code(parcel.order_id)}", paper.to_json())
