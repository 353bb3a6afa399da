"""What a camera scanner makes of frame after frame: whether something moves, how often to look, what is in view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops

from appliance.drivers.scanner.decoding import Reading

FAST_S = 0.12  # between two frames while something moves: a hand holds a code for half a second
SLOW_S = 0.5  # while nothing does
SAVING = 2  # times as long between two frames while the box saves power: a code is still held for two of them
ACTIVE_S = 3.0  # how long after the last movement frames are still read: a code held still gets every try
GONE_S = 1.0  # a code that was not read for this long has left the view
_CELL_PX = 16  # frames are compared in cells: their means do not follow the grain
_CELL_STEP = 20  # grey levels by which a cell must change; lamps flicker less
_CELLS = 8  # cells that must change: a ticket is dozens


class Motion:
    """Compares each frame with the one before."""

    def __init__(self) -> None:
        self._last: Image.Image | None = None

    def moved(self, frame: Image.Image) -> bool:
        """Tell whether something changed since the last frame; the first one counts as change."""
        last, self._last = self._last, frame.reduce(_CELL_PX)
        if last is None or last.size != self._last.size:
            return True
        return sum(ImageChops.difference(last, self._last).histogram()[_CELL_STEP:]) >= _CELLS


class Pace:
    """When to look next, in seconds of a clock that only grows."""

    def __init__(self) -> None:
        self.due_s = float("-inf")
        self._active_until_s = float("-inf")
        self.active = True
        self.saving = False

    @property
    def interval_s(self) -> float:
        """Time between two frames."""
        return (FAST_S if self.active else SLOW_S) * (SAVING if self.saving else 1)

    def looked(self, now_s: float, moved: bool) -> None:
        """Note a frame."""
        if moved:
            self._active_until_s = now_s + ACTIVE_S
        self.active = now_s < self._active_until_s
        self.due_s = now_s + self.interval_s


class View:
    """The codes that are held before the camera.

    `round_` is how many looks it takes to try everything: a code has not left the view before all was tried on it.
    """

    def __init__(self, round_: int = 1) -> None:
        self._round = round_
        self._looks = 0
        self._seen: dict[bytes, _Sighting] = {}
        self._doubtful: dict[bytes, _Sighting] = {}  # read once, and not sure

    def new(self, readings: Sequence[Reading], now_s: float) -> list[bytes]:
        """Return the codes that came into view. One that is not sure must be read twice before it left."""
        self._looks += 1
        self._seen, self._doubtful = self._recent(self._seen, now_s), self._recent(self._doubtful, now_s)
        came = []
        for reading in readings:
            code, sighting = reading.code, _Sighting(now_s, self._looks)
            if code not in self._seen and not reading.sure and code not in self._doubtful:
                self._doubtful[code] = sighting
                continue
            if code not in self._seen:
                came.append(code)
            self._seen[code] = sighting
        return came

    def stays(self, now_s: float) -> None:
        """Nothing moved: what was in view is in view."""
        self._seen = dict.fromkeys(self._seen, _Sighting(now_s, self._looks))

    def _recent(self, sightings: dict[bytes, _Sighting], now_s: float) -> dict[bytes, _Sighting]:
        return {
            code: last
            for code, last in sightings.items()
            if now_s - last.at_s < GONE_S or self._looks - last.look <= self._round
        }


@dataclass(frozen=True, slots=True)
class _Sighting:
    """When a code was read last, and in which look."""

    at_s: float
    look: int
