"""JSON Schemas of the answers about shifts; see schemas.py."""

from __future__ import annotations

from appliance.services.shifts import DIRECTIONS
from appliance.web.schema_parts import (
    COUNT,
    COUNTS,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    WHOLE,
    WHOLE_OR_NULL,
    Schema,
    list_of,
    object_of,
    one_of,
)

_COUNT_OR_NULL: Schema = {"type": ["integer", "null"], "minimum": 0}
_GROUPS: Schema = {"type": "object", "additionalProperties": COUNTS}
_DIRECTION = one_of(DIRECTIONS)
_PIECES = list_of(object_of(denomination_minor=COUNT, quantity=COUNT))

SCHEMAS: dict[str, Schema] = {
    "Shift": object_of(
        id=COUNT, opened_at=TIME, float_minor=COUNT, closed_at=TEXT_OR_NULL, counted_minor=WHOLE_OR_NULL
    ),
    "ShiftReport": object_of(
        kind={"type": "string", "enum": ["X", "Z"]},
        shift=COUNT,
        currency=TEXT,
        opened_at=TIME,
        closed_at=TEXT_OR_NULL,
        float_minor=COUNT,
        sales=COUNTS,
        tenders=COUNTS,
        rounding_minor={**WHOLE, "description": "What rounded cash added to the takings; `tenders` have it in them."},
        taxes={**_GROUPS, "description": "By tax rate: gross, net and tax, refunds subtracted."},
        offers=COUNTS,
        expected_minor=WHOLE,
        counted_minor=WHOLE_OR_NULL,
        difference_minor=WHOLE_OR_NULL,
        journal_seq=COUNT,
        journal_hash=TEXT,
        event=TEXT,
        time_zone=TEXT,
        opened_by={**TEXT_OR_NULL, "description": "A cashier's id; `names` has the names."},
        closed_by=TEXT_OR_NULL,
        offers_sold=list_of(object_of(offer=TEXT, name=TEXT, quantity=WHOLE, takings_minor=WHOLE)),
        cashiers={**_GROUPS, "description": 'By cashier\'s id; "" where nobody was named.'},
        windows={**_GROUPS, "description": "By window's id."},
        discounts=object_of(sales=COUNT, amount_minor=COUNT),
        voids=object_of(orders=COUNT, amount_minor=COUNT, sales=COUNT, sales_minor=COUNT),
        tips={**COUNTS, "description": "By tender; in no other sum but the drawer's."},
        cash=object_of(
            sales_minor=WHOLE,
            refunds_minor=WHOLE,
            tips_minor=WHOLE,
            part_paid_minor=WHOLE,
            in_minor=WHOLE,
            out_minor=WHOLE,
        ),
        movements=list_of(
            object_of(
                direction=_DIRECTION,
                amount_minor=COUNT,
                reason=TEXT,
                cashier=TEXT_OR_NULL,
                approved_by=TEXT_OR_NULL,
                at=TIME,
                seq=COUNT,
            )
        ),
        drawer_openings=COUNT,
        first_sale=_COUNT_OR_NULL,
        last_sale=_COUNT_OR_NULL,
        count={"anyOf": [_PIECES, {"type": "null"}]},
        counts={**COUNT, "description": "How often the drawer was counted."},
        names={"type": "object", "additionalProperties": TEXT},
    ),
    "CashMoved": object_of(direction=_DIRECTION, amount_minor=COUNT, reason=TEXT, at=TIME, seq=COUNT),
    "DrawerOpened": object_of(reason=TEXT, at=TIME, seq=COUNT),
    "Denominations": object_of(currency=TEXT, denominations_minor=list_of(COUNT)),
}
