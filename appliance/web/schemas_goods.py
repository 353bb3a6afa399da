"""JSON Schemas of the answers about goods; see schemas.py."""

from __future__ import annotations

from typing import Any

from appliance.core.trade import ParcelState, Way
from appliance.services.stock import MOVES
from appliance.web.schema_parts import (
    COUNT,
    FLAG,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    WHOLE_OR_NULL,
    Schema,
    list_of,
    object_of,
    one_of,
    or_null,
    ref,
)

LOW: Schema = {
    **list_of(object_of(offer=TEXT, name=TEXT, stock=COUNT)),
    "description": "For staff: offers of which little is left.",
}
RESTOCK: Schema = {
    **or_null(object_of(offer=TEXT, name=TEXT)),
    "description": "As what it is ordered once its stock is 0, to be sent later; null: sold out is sold out.",
}
_PARCEL: dict[str, Any] = {
    "external_id": {"type": "string", "description": "The order's id."},
    "order": {"type": "string", "description": "What people call the order."},
    "receipt": WHOLE_OR_NULL,
    "state": one_of(ParcelState),
    "handoff": WHOLE_OR_NULL,
    "way": one_of(Way),
    "tier": TEXT,
    "contact": {
        **or_null(object_of(name=TEXT, phone=TEXT, address=TEXT)),
        "description": "null: wiped, or the owner's PIN is needed.",
    },
    "pieces": COUNT,
    "items": list_of(object_of(name=TEXT, quantity=COUNT)),
    "sold_at": TEXT,
    "changed_at": TIME,
}
_REASON = one_of(("asked", "volume", "window_closed"))

SCHEMAS: dict[str, Schema] = {
    "Stock": object_of(
        offers=list_of(object_of(offer=TEXT, name=TEXT, stock=WHOLE_OR_NULL, low_stock=WHOLE_OR_NULL, is_low=FLAG)),
        moves=list_of(object_of(seq=COUNT, at=TIME, kind=one_of(MOVES), offer=TEXT)),
    ),
    "Shipping": object_of(
        tiers=list_of(
            object_of(
                id=TEXT,
                way=one_of(Way),
                name=TEXT,
                price_minor=COUNT,
                places_left={**WHOLE_OR_NULL, "description": "null: without limit"},
                opens_at=TEXT_OR_NULL,
                closes_at=TEXT_OR_NULL,
                when={"type": "string", "description": "Of a pick-up, on the clock of the place."},
                place=TEXT,
            )
        )
    ),
    "Parcel": object_of(**_PARCEL),
    "Parcels": object_of(
        parcels=list_of(ref("Parcel")),
        handoffs=list_of(object_of(number=COUNT, at=TIME, reason=_REASON)),
        due={**TEXT_OR_NULL, "description": "Why a courier has to come now."},
    ),
    "Handoff": object_of(number=COUNT, at=TIME, reason=_REASON, parcels=list_of(ref("Parcel"))),
    "CourierList": object_of(
        handoff=COUNT,
        made_at=TIME,
        reason=_REASON,
        event=TEXT,
        sender={"type": "array", "items": TEXT},
        pieces=COUNT,
        parcels=list_of(ref("Parcel")),
        csv=TEXT,
    ),
    "HandoffPrinted": object_of(papers=COUNT),
}
