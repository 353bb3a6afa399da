"""JSON Schemas of the answers about tablets and the journal; see schemas.py."""

from __future__ import annotations

from appliance.core.trade import TabletRole
from appliance.web.schema_parts import (
    COUNT,
    FLAG,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    Schema,
    list_of,
    object_of,
    one_of,
    or_null,
    ref,
)

SCHEMAS: dict[str, Schema] = {
    "Tablet": object_of(
        id=TEXT,
        name=TEXT,
        role=one_of(TabletRole),
        scanner={**TEXT_OR_NULL, "description": "The scanner it belongs to, by role."},
        paired_at=TIME,
        revoked_at=or_null(TIME),
        here={**FLAG, "description": "Whether it is the one that asks."},
    ),
    "OneTablet": object_of(tablet=or_null(ref("Tablet"))),
    "Tablets": object_of(
        tablets=list_of(ref("Tablet")),
        scanners=list_of(TEXT),
        waiting={**COUNT, "description": "Tablets that show a code now."},
    ),
    "Told": object_of(
        seq=COUNT,
        at=TIME,
        kind=TEXT,
        words={**TEXT, "description": "What happened, as a person says it."},
        by={**TEXT_OR_NULL, "description": "Who did it, who approved it, at which tablet."},
        weighty={**FLAG, "description": "Whether a person should look at it."},
        rehearsal=FLAG,
    ),
    "Journal": object_of(entries=list_of(ref("Told"))),
}
