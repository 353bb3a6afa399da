"""QR codes for screens: as a path that a page draws, so that no picture has to be fetched."""

from __future__ import annotations

from typing import Any

from appliance.paper.qr import QUIET_MODULES, modules_of, runs
from appliance.web.schema_parts import COUNT, TEXT, Schema, object_of

DRAWN: Schema = object_of(
    text=TEXT,
    modules={**COUNT, "description": "Width of the code, with its light border."},
    path={"type": "string", "description": "Its dark modules as the path of an SVG, one unit each."},
)


def drawn(text: str) -> dict[str, Any]:
    """Draw a code as SVG's path data. Raises ValueError for too long a text."""
    modules = modules_of(text)
    path = "".join(f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h{n}v1h-{n}z" for x, y, n in runs(modules))
    return {"text": text, "modules": len(modules) + 2 * QUIET_MODULES, "path": path}
