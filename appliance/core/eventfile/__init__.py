"""Reading an event from its file, `event.toml`: all of it, or every reason why not.

docs/event-file.md lists its keys.
"""

from __future__ import annotations

from appliance.core.eventfile.reader import read_event

__all__ = ["read_event"]
