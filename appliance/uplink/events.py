"""Journal entries as CloudEvents 1.0 in structured JSON, and the collector's answer.

Sources: CloudEvents 1.0.2 core, its JSON format and its MQTT binding (section 3.2: over MQTT 5 the structured mode
is told by the Content Type below; over MQTT 3.1.1 there is no other mode).
"""

from __future__ import annotations

import json
from collections.abc import Callable

from appliance.core.journal import Entry

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
_ACK_MAX_BYTES = 1024  # an ack has about 15; a longer one is not worth reading
_to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def event_type(kind: str) -> str:
    """Return the CloudEvents type of a journal kind."""
    return f"app.stallbox.{kind}.v1"


def encoder(source: str, boot_id: str) -> Callable[[Entry], bytes]:
    """Return the function that writes one box's entries as CloudEvents.

    `id` is the entry's and stays the same when it is sent again, so that a consumer drops the second by source and
    id. `bootid` names the start of the daemon that sent it.
    """

    def encode(entry: Entry) -> bytes:
        event = {
            "specversion": "1.0",
            "id": entry.id,
            "source": source,
            "type": event_type(entry.kind),
            "time": entry.at,
            "datacontenttype": "application/json",
            "seq": entry.seq,
            "bootid": boot_id,
            "clock": entry.clock,
            "prevhash": entry.prev,
            "hash": entry.hash,
            "data": entry.data,
        }
        return _to_json(event).encode()

    return encode


def read_ack(payload: bytes) -> int | None:
    """Return the seq up to which the collector has stored everything; None if this is not an ack."""
    if len(payload) > _ACK_MAX_BYTES:
        return None
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    seq = body.get("seq") if isinstance(body, dict) else None
    if isinstance(seq, bool) or not isinstance(seq, int) or seq < 0:
        return None
    return seq
