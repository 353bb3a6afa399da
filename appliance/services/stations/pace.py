"""How long a station waits."""

from __future__ import annotations

SLOW_S = 2.0  # the same, where nothing but news is waited for, and news end the wait
READ_S = 1.0  # how long a station waits for something to do before it shows that it is alive
