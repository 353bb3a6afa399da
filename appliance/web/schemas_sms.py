"""JSON Schemas of the answers about text messages; see schemas.py."""

from __future__ import annotations

from appliance.core.sms.message import SmsStatus
from appliance.web.schema_parts import (
    COUNT,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    WHOLE_OR_NULL,
    Schema,
    list_of,
    object_of,
    one_of,
    ref,
)

_STATUS = one_of(SmsStatus)

SCHEMAS: dict[str, Schema] = {
    "SmsQueued": object_of(id=COUNT, status=_STATUS, parts=COUNT),
    "Sms": object_of(
        id=COUNT,
        status=_STATUS,
        sale=WHOLE_OR_NULL,
        number={"type": "string", "description": "The last three digits; empty once it was wiped."},
        parts=COUNT,
        sent_parts=COUNT,
        tries=COUNT,
        queued_at=TIME,
        ended_at=TEXT_OR_NULL,
        reason=TEXT,
    ),
    "SmsMessages": object_of(messages=list_of(ref("Sms"))),
}
