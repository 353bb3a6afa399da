"""An event: its file and its sales windows, under the names by which the other layers know them."""

from __future__ import annotations

from appliance.core.eventfile import read_event
from appliance.core.trade import open_window, window_at

__all__ = ["open_window", "read_event", "window_at"]
