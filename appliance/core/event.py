"""An event: its file and its sales windows, under the names by which the other layers know them."""

from __future__ import annotations

import hashlib

from appliance.core.eventfile import read_event
from appliance.core.trade import open_window, window_at

__all__ = ["digest", "open_window", "read_event", "window_at"]


def digest(text: str) -> str:
    """Return the SHA-256 of an event's text, by which the journal says which one was loaded."""
    return hashlib.sha256(text.encode()).hexdigest()
