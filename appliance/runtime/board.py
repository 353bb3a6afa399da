"""What is known of the box right now: its devices and facts by name, for every thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from appliance.core.clock import Moment
from appliance.core.devices import DeviceState, Health
from appliance.runtime.clock import SystemClock

_log = logging.getLogger(__name__)


class Board:
    """A thread-safe table. `version` grows by one with every change; setting the same again is no change."""

    def __init__(self, now: Callable[[], Moment] | None = None) -> None:
        """`now` dates the states of devices."""
        self._now = now or SystemClock().now
        self._changed = threading.Condition()
        self._devices: dict[str, DeviceState] = {}
        self._facts: dict[str, object] = {}
        self._version = 0
        self._subscribers: list[Callable[[int], None]] = []

    @property
    def version(self) -> int:
        """Grows by one with every change."""
        return self._version

    def devices(self) -> tuple[DeviceState, ...]:
        """Return every device, in the order in which they were first set."""
        with self._changed:
            return tuple(self._devices.values())

    def device(self, name: str) -> DeviceState | None:
        """Return one device, None if it was never set."""
        with self._changed:
            return self._devices.get(name)

    def set_device(self, state: DeviceState) -> None:
        """Set a device's state; `since` is filled in if empty: when the device came to this health.

        One line is logged when a device goes offline and one when it is back, whatever the reasons in between.
        """
        with self._changed:
            before = self._devices.get(state.name)
            if not state.since:
                kept = before.since if before and before.health is state.health else self._now().text()
                state = replace(state, since=kept)
            if state == before:
                return
            self._devices[state.name] = state
            version = self._bump()
        _log_turn(before, state)
        self._tell(version)

    def get(self, key: str) -> object:
        """Return a fact, None if it is not known."""
        with self._changed:
            return self._facts.get(key)

    def set(self, key: str, value: object) -> None:
        """Set a fact; plain JSON values."""
        with self._changed:
            if key in self._facts and self._facts[key] == value:
                return
            self._facts[key] = value
            version = self._bump()
        self._tell(version)

    def wait_change(self, version: int, timeout_s: float) -> int:
        """Wait until the board is newer than `version` or the time is over; return its version."""
        with self._changed:
            self._changed.wait_for(lambda: self._version > version, timeout_s)
            return self._version

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Call `callback(version)` after every change, in the thread that made it; return what ends that.

        It must be quick and must not raise; what changed it reads from the board.
        """
        with self._changed:
            self._subscribers.append(callback)
        return lambda: self._unsubscribe(callback)

    def _unsubscribe(self, callback: Callable[[int], None]) -> None:
        with self._changed:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

    def _bump(self) -> int:
        self._version += 1
        self._changed.notify_all()
        return self._version

    def _tell(self, version: int) -> None:
        with self._changed:
            subscribers = tuple(self._subscribers)
        # Outside of the lock, so that a subscriber may read the board.
        for callback in subscribers:
            callback(version)


def _log_turn(before: DeviceState | None, now: DeviceState) -> None:
    was_offline = before is not None and before.health is Health.OFFLINE
    is_offline = now.health is Health.OFFLINE
    if is_offline and not was_offline:
        _log.warning("%s is offline: %s", now.name, " ".join(filter(None, (now.reason, now.advice))))
    elif was_offline and not is_offline:
        _log.info("%s is back", now.name)
