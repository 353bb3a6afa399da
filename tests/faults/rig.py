"""A driver on its emulator's wire, owned by its worker, in a box that sells."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from appliance.core.devices import Condition, DeviceState, Health
from appliance.runtime.board import Board
from appliance.runtime.device_worker import DeviceWorker
from tests.books import Box
from tests.waiting import wait_until

RETRY_S = 0.02  # as the real waits, only shorter
LIMIT_S = 20.0


class Rig:
    """The common part: a box, a board, and a worker around `device`. A subclass knows the wire and the work."""

    name = "device"
    kind = "device"
    interval_s = 0.0

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = folder / "port"  # what the configuration names
        self.box = Box(folder)
        self.box.__enter__()
        self.board = Board()
        self.device = self.make()
        self.worker = self._worker()
        self._started = False

    # What a subclass says.

    def make(self) -> Any:
        """Return the driver on this rig's wire."""
        raise NotImplementedError

    def station(self) -> Callable[[Any], Condition | None]:
        """Return the step of the station that uses it."""
        raise NotImplementedError

    def works(self) -> None:
        """Have it do its work once and see that it did."""
        raise NotImplementedError

    def afterwards(self) -> str:
        """Say what became of the work at hand when the fault came, once it is mended."""
        raise NotImplementedError

    def settle(self) -> None:
        """Wait until the work at hand came to an end under a fault that leaves the device ready."""

    def clear(self) -> None:
        """Take the wire down."""

    # What the table does with it.

    def start(self) -> None:
        """Let the worker take the device."""
        self.worker.start()
        self._started = True

    def step_aside(self, meanwhile: Callable[[], object]) -> None:
        """Let go of the device while somebody else takes it, then try again."""
        assert self.worker.stop(LIMIT_S)
        meanwhile()
        self.worker = self._worker()
        self.start()

    def close(self) -> None:
        """Stop everything."""
        if self._started:
            assert self.worker.stop(LIMIT_S)
        else:
            self.device.close()
        self.clear()
        self.box.__exit__(None, None, None)

    def state(self) -> DeviceState:
        """How the device stands on the board."""
        return self.board.device(self.name) or DeviceState(self.name, self.kind, "", Health.ABSENT)

    def wait_for(self, health: Health, says: str = "") -> None:
        """Wait until the board shows this health, with a reason that contains `says`."""
        started = time.monotonic()
        try:
            wait_until(lambda: self.state().health is health and says in self.state().reason, LIMIT_S)
        except AssertionError as error:
            after_s = round(time.monotonic() - started)
            raise AssertionError(f"after {after_s} s: {self.state().health} {self.state().reason}") from error

    def sell(self) -> int:
        """Sell a cup; return the sale's number."""
        return self.box.sell(("cup", 1)).number

    def _worker(self) -> DeviceWorker[Any]:
        step = self.station()
        return DeviceWorker(
            self.name, self.kind, self.device, step, self.board, waits=_waits, interval_s=self.interval_s
        )


def _waits() -> Iterator[float]:
    return itertools.repeat(RETRY_S)
