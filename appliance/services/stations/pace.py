"""How long a station waits."""

from __future__ import annotations

READ_S = 1.0  # how long a station waits for something to do before it shows that it is alive
