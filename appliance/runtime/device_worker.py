"""The worker that owns a device: opens it, uses it, sees it go, and takes it back when it returns."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from appliance.core.devices import BoardPort, Condition, Device, DeviceState, Health
from appliance.core.errors import DeviceLost
from appliance.runtime.worker import Worker

D = TypeVar("D", bound=Device)


def backoff(first_s: float = 0.5, limit_s: float = 10.0) -> Iterator[float]:
    """Give ever longer waits, doubling up to the limit, each shortened by chance by up to half.

    Chance keeps many boxes and devices from trying in step.
    """
    wait_s = first_s
    while True:
        yield random.uniform(wait_s / 2, wait_s)
        wait_s = min(wait_s * 2, limit_s)


class DeviceWorker(Worker, Generic[D]):
    """Runs `step(device)` over and over on an open device.

    On the board the device is ready once a first step went well, or what the step says of it (a Condition). It is
    offline, with reason and advice, once opening or a step raises DeviceLost; then it is closed and tried again
    after each of `waits`. Any other exception ends the worker, as in `Worker`.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        device: D,
        step: Callable[[D], Condition | None],
        board: BoardPort,
        *,
        interval_s: float = 0.0,
        beat_limit_s: float = 30.0,
        interrupt: Callable[[], None] | None = None,
        waits: Callable[[], Iterator[float]] = backoff,
    ) -> None:
        super().__init__(
            name,
            self._use,
            interval_s=interval_s,
            beat_limit_s=beat_limit_s,
            interrupt=interrupt,
            finish=device.close,
        )
        self._kind = kind
        self._device = device
        self._device_step = step
        self._board = board
        self._waits = waits
        self._next_waits = waits()
        self._is_open = False
        self._is_known = False  # whether the board has the state since the device was opened

    def _round(self) -> None:
        try:
            super()._round()
        except DeviceLost as lost:
            if not self.stopping:  # else it was our own `interrupt`
                self._publish(Condition(Health.OFFLINE, lost.message, lost.advice))
            self._device.close()
            self._is_open = self._is_known = False
            self.rest(next(self._next_waits))

    def _use(self) -> None:
        if not self._is_open:
            self._device.open()
            self._is_open = True
        condition = self._device_step(self._device)
        if condition is not None or not self._is_known:
            self._publish(condition or self._well())
            self._is_known = True
            self._next_waits = self._waits()

    def _well(self) -> Condition:
        return Condition(Health.ABSENT if self._device.model == "absent" else Health.READY)

    def _publish(self, condition: Condition) -> None:
        self._board.set_device(
            DeviceState(
                name=self.name,
                kind=self._kind,
                model=self._device.model,
                health=condition.health,
                reason=condition.reason,
                advice=condition.advice,
                details=condition.details,
            )
        )
