"""The routes of goods: what comes in and breaks, what is sent later, what a courier takes along."""

from __future__ import annotations

from typing import Any

from appliance.core.clock import local_time
from appliance.core.goods.manifest import as_csv, as_json, parcel_json
from appliance.core.ports import Books
from appliance.core.trade import Offer, Parcel, Right, Tier
from appliance.services import courier, restock, stock
from appliance.services.carts import current_event
from appliance.web.api_till import MAX_STOCK, list_offers
from appliance.web.fields import Body, Field, Text, Whole
from appliance.web.routes import NO_FIELDS, Call, Route
from appliance.web.tokens import Role

MOVES_SHOWN = 20
DELIVERY = Body(
    (
        Field("quantity", Whole(1, MAX_STOCK)),
        Field("note", Text(max_length=200, min_length=0), required=False, default=""),
    )
)
WASTE = Body((Field("quantity", Whole(1, MAX_STOCK)), Field("reason", Text(max_length=200))))


def deliver_stock(books: Books, call: Call) -> dict[str, Any]:
    """Put goods that came in on the shelf."""
    stock.deliver(books, call.path["offer_id"], call.fields["quantity"], call.fields["note"])
    return _offer(books, call)


def waste_stock(books: Books, call: Call) -> dict[str, Any]:
    """Take what broke off the shelf."""
    stock.waste(books, call.path["offer_id"], call.fields["quantity"], call.fields["reason"])
    return _offer(books, call)


def list_stock(books: Books, call: Call) -> dict[str, Any]:
    """Tell what is on the shelf, and the newest moves."""
    offers = stock.shelf(books)
    moves = books.journal.newest(list(stock.MOVES), MOVES_SHOWN)
    return {
        "offers": [_shelved(offer) for offer in offers],
        "moves": [{"seq": one.seq, "at": one.at, "kind": one.kind, **_move(dict(one.data))} for one in moves],
    }


def list_shipping(books: Books, call: Call) -> dict[str, Any]:
    """List the ways to have restock sent."""
    event = books.events.current()
    return {"tiers": [_choice(choice, event.time_zone) for choice in restock.choices(books)] if event else []}


def list_parcels(books: Books, call: Call) -> dict[str, Any]:
    """List the paid parcels, with to whom they go while that can be opened."""
    keys = call.context.contacts
    handoffs = [{"number": one.number, "at": one.at, "reason": one.reason} for one in books.restock.handoffs()]
    parcels = [parcel_json(one, courier.contact_of(books, keys, one.order_id)) for one in books.restock.parcels()]
    return {"parcels": parcels, "handoffs": handoffs, "due": courier.due(books)}


def hand_over_parcel(books: Books, call: Call) -> dict[str, Any]:
    """Note that a parcel was picked up, or brought by the team itself."""
    return _parcel(restock.hand_over(books, call.path["order_id"]))


def make_handoff(books: Books, call: Call) -> dict[str, Any]:
    """Hand all parcels that wait to a courier; the answer, which is kept, says nothing of to whom they go."""
    made = courier.hand_over(books, call.context.contacts)
    handoff = made.handoff
    parcels = [_parcel(parcel) for parcel, _ in made.parcels]
    return {"number": handoff.number, "at": handoff.at, "reason": handoff.reason, "parcels": parcels}


def show_handoff(books: Books, call: Call) -> dict[str, Any]:
    """Return a courier's list, also as CSV."""
    found = courier.consignment_of(books, call.context.contacts, call.path["handoff"])
    return {**as_json(found, current_event(books)), "csv": as_csv(found)}


def print_handoff(books: Books, call: Call) -> dict[str, Any]:
    """Print a courier's list and its labels once more."""
    found = courier.consignment_of(books, call.context.contacts, call.path["handoff"])
    courier.print_out(books, found)
    return {"papers": 1 + len(found.parcels)}


def _offer(books: Books, call: Call) -> dict[str, Any]:
    return next(offer for offer in list_offers(books, call)["offers"] if offer["id"] == call.path["offer_id"])


def _shelved(offer: Offer) -> dict[str, Any]:
    is_low = bool(stock.low([offer]))
    return {"offer": offer.id, "name": offer.name, "stock": offer.stock, "low_stock": offer.low_stock, "is_low": is_low}


def _move(data: dict[str, Any]) -> dict[str, Any]:
    names = ("offer", "quantity", "from", "to", "reason", "note", "stock", "cashier")
    return {name: data[name] for name in names if name in data}


def _choice(choice: restock.ShippingChoice, time_zone: str) -> dict[str, Any]:
    tier, offer = choice.tier, choice.offer
    return {
        "id": offer.id,
        "way": str(tier.way),
        "name": offer.name,
        "price_minor": offer.price_minor,
        "places_left": choice.places_left,
        "opens_at": tier.opens_at,
        "closes_at": tier.closes_at,
        "when": _when(tier, time_zone),
        "place": tier.place,
    }


def _when(tier: Tier, time_zone: str) -> str:
    """Write a pick-up window on the clock of the place, which a tablet's may not be."""
    if tier.opens_at is None or tier.closes_at is None:
        return ""
    opens_at, closes_at = local_time(tier.opens_at, time_zone), local_time(tier.closes_at, time_zone)
    same_day = opens_at[:10] == closes_at[:10]
    return f"{opens_at} to {closes_at[11:] if same_day else closes_at}"


def _parcel(parcel: Parcel) -> dict[str, Any]:
    return parcel_json(parcel, None)


ROUTES = (
    Route("GET", "/stock", Role.STAFF, list_stock, "Stock", "The shelf, what is low, and the newest moves."),
    Route("POST", "/offers/{offer_id}/deliveries", Role.STAFF, deliver_stock, "Offer",
          "Put goods that came in on the shelf.", body=DELIVERY, status=201, refusals=(404, 409), right=Right.STOCK),
    Route("POST", "/offers/{offer_id}/waste", Role.STAFF, waste_stock, "Offer",
          "Take what broke or spoiled off the shelf.", body=WASTE, status=201, refusals=(404, 409), right=Right.STOCK),
    Route("GET", "/shipping", Role.KIOSK, list_shipping, "Shipping", "The ways to have restock sent, and places left."),
    Route("GET", "/parcels", Role.STAFF, list_parcels, "Parcels", "Paid restock by order, and how far it has come."),
    Route("POST", "/parcels/{order_id}/hand-over", Role.STAFF, hand_over_parcel, "Parcel",
          "Note that one was picked up, or brought by the team itself.", body=NO_FIELDS, refusals=(404, 409)),
    Route("POST", "/handoffs", Role.STAFF, make_handoff, "Handoff",
          "Hand all parcels that wait to a courier, and print list and labels.",
          body=NO_FIELDS, status=201, refusals=(409,), right=Right.STOCK),
    Route("GET", "/handoffs/{handoff}", Role.STAFF, show_handoff, "CourierList", "A courier's list, also as CSV.",
          refusals=(404, 409), right=Right.STOCK),
    Route("POST", "/handoffs/{handoff}/print", Role.STAFF, print_handoff, "HandoffPrinted",
          "Print a courier's list and its labels once more.",
          body=NO_FIELDS, status=201, refusals=(404, 409), right=Right.STOCK),
)  # fmt: skip
