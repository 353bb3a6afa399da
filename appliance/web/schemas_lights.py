"""JSON Schema of the answer about the lights; see schemas.py."""

from __future__ import annotations

from appliance.services.lights import Switch
from appliance.web.schema_parts import FLAG, Schema, object_of, one_of

SCHEMAS: dict[str, Schema] = {
    "Lights": object_of(
        present={**FLAG, "description": "Whether this box switches lights at all."},
        to={**one_of(Switch), "description": "What staff chose."},
        on=FLAG,
        saved={**FLAG, "description": "Out because the battery is low."},
    ),
}
