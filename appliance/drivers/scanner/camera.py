"""A camera as a scanner: it looks often while something moves, seldom while nothing does."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from PIL import Image

from appliance.drivers.scanner.codes import scanner_lost
from appliance.drivers.scanner.decoding import Cascade
from appliance.drivers.scanner.frames import FrameSource
from appliance.drivers.scanner.sight import Motion, Pace, View

_QUEUE = 64  # codes that wait to be taken


class CameraScanner:
    """Reads the codes that are held before a camera; each counts once until it has left the view.

    `clock` gives seconds that only grow, `sleep` waits; while `saving` says so it looks half as often.
    """

    model = "camera"

    def __init__(
        self,
        source: FrameSource,
        cascade: Callable[[], Cascade] = Cascade,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        saving: Callable[[], bool] = lambda: False,
    ) -> None:
        self._source = source
        self._make_cascade = cascade
        self._clock = clock
        self._sleep = sleep
        self._saving = saving
        self._cascade: Cascade | None = None
        self._codes: deque[bytes] = deque(maxlen=_QUEUE)
        self._start_anew()

    def open(self) -> None:
        """Start the camera. Raises DeviceLost."""
        self.close()
        self._cascade = self._make_cascade()
        self._start_anew()
        self._source.open()
        self._source.pace(self._pace.interval_s)
        self._is_open = True

    def read(self, timeout_s: float) -> bytes | None:
        """Return the next code; None if none came in time. Looks once at least. Raises DeviceLost."""
        if self._cascade is None or not self._is_open:
            raise scanner_lost("not_open", self._source.path)
        give_up_s = self._clock() + timeout_s
        has_looked = False
        while not self._codes:
            if has_looked and self._pace.due_s > give_up_s:
                break  # the next look is the next call's: sleeping until then and waking between would be for nothing
            wait_s = self._pace.due_s - self._clock()
            if wait_s > 0:
                self._sleep(min(wait_s, max(0.0, give_up_s - self._clock())))
            if self._clock() >= self._pace.due_s:
                self._look(self._cascade, self._source.frame())
                has_looked = True
            if self._clock() >= give_up_s:
                break
        return self._codes.popleft() if self._codes else None

    def close(self) -> None:
        """Stop the camera."""
        self._is_open = False
        self._cascade = None  # zxing-cpp complains of what is left of it when the process ends
        self._source.close()

    def _start_anew(self) -> None:
        self._codes.clear()
        self._motion, self._pace = Motion(), Pace()
        self._view = View(len(self._cascade.tries) if self._cascade else 1)
        self._is_open = False

    def _look(self, cascade: Cascade, frame: Image.Image) -> None:
        now_s = self._clock()
        before_s = self._pace.interval_s
        self._pace.saving = self._saving()
        self._pace.looked(now_s, self._motion.moved(frame))
        if self._pace.interval_s != before_s:
            self._source.pace(self._pace.interval_s)
        if self._pace.active:
            self._codes.extend(self._view.new(cascade.glance(frame), now_s))
        else:
            self._view.stays(now_s)
