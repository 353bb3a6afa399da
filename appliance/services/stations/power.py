"""The battery watch."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from appliance.core.clock import ClockQuality, ClockSource, Moment
from appliance.core.devices import Battery, BatteryReading, BoardPort, Condition, Health
from appliance.core.errors import DeviceLost, StoreUnavailable
from appliance.core.estimate import WINDOW_S, TimeLeft, UseOfPower
from appliance.core.ports import Books, DeskPort
from appliance.core.power import PowerLimits, PowerState, PowerWatch, credible, powered
from appliance.services.power import facts, recent, sample_of
from appliance.services.shutdown import SafeShutdown

log = logging.getLogger(__name__)
SAMPLE_EVERY_S = 300.0  # one small transaction in so long keeps the day's curve
SET_CLOCK_EVERY_S = 6 * 3600.0


class PowerStation:
    """The battery watch: a reading for the screens, a power state for everybody, the curve for the debrief.

    `shutdown` is told while the state is critical, and when power is back. `now` tells the time: a board with a
    clock is set by it while it is a time server's, or the owner's tablet's.
    """

    def __init__(
        self,
        desk: DeskPort,
        board: BoardPort,
        limits: PowerLimits,
        shutdown: SafeShutdown | None = None,
        now: Callable[[], Moment] | None = None,
    ) -> None:
        self._desk = desk
        self._board = board
        self._limits = limits
        self._shutdown = shutdown
        self._now = now
        self._watch = PowerWatch(limits)
        self._use: UseOfPower | None = None
        self._noted = PowerState.NORMAL  # the newest that is in the journal
        self._sample_at_s = time.monotonic() + SAMPLE_EVERY_S / 10  # soon, but never in the rush of a start
        self._set_clock_at_s = 0.0

    def step(self, battery: Battery) -> Condition | None:
        """Read the board once."""
        reading = battery.read()
        state = self._watch.take(reading)
        self._board.set("battery", facts(reading, state, self._time_left(reading)))
        if battery.model == "absent":
            return Condition(Health.ABSENT)
        if state is not self._noted or time.monotonic() >= self._sample_at_s:
            self._keep(reading, state)
        self._tell_shutdown(battery, reading, state)
        self._set_clock(battery)
        return battery_condition(reading, battery.model)

    def _time_left(self, reading: BatteryReading) -> TimeLeft | None:
        charge_pct = credible(reading).charge_pct
        if charge_pct is None or not reading.battery_present:
            return None
        if self._use is None:
            self._use = self._use_before()
        self._use.take(time.monotonic(), charge_pct, powered(reading))
        return self._use.time_left(charge_pct, self._limits.critical_pct)

    def _use_before(self) -> UseOfPower:
        """Take up the use from before a restart, as the store has it."""
        use = UseOfPower()
        try:
            with self._desk.reading() as books:
                samples = recent(books, WINDOW_S)
        except StoreUnavailable:
            return use
        for age_s, sample in samples:
            if sample.charge_pct is not None:
                use.take(time.monotonic() - age_s, sample.charge_pct, sample.charging or sample.input == "present")
        return use

    def _keep(self, reading: BatteryReading, state: PowerState) -> None:
        """Keep a sample, and note a change of the state."""
        before, charge_pct = self._noted, facts(reading, state, None)["charge_pct"]
        data = {"from": before.value, "to": state.value, "charge_pct": charge_pct}

        def keep(books: Books) -> None:
            books.power.add(sample_of(reading, state, books.moment.text()))
            if state is not before:
                books.journal.append("power.changed", data)

        try:
            self._desk.submit(keep)
        except (StoreUnavailable, TimeoutError) as error:  # the next reading tries again
            log.error("the power state %s could not be noted: %s", state, error)
        else:
            self._noted = state
            self._sample_at_s = time.monotonic() + SAMPLE_EVERY_S

    def _tell_shutdown(self, battery: Battery, reading: BatteryReading, state: PowerState) -> None:
        if self._shutdown is None:
            return
        if powered(reading) or state is not PowerState.CRITICAL:
            self._shutdown.power_is_back()
        else:
            self._shutdown.battery_is_empty()
        self._shutdown.instruct(battery)

    def _set_clock(self, battery: Battery) -> None:
        """Set the board's clock while the box has a better one, for the next start without a network."""
        if self._now is None or time.monotonic() < self._set_clock_at_s:
            return
        moment = self._now()
        if moment.source in (ClockSource.NETWORK, ClockSource.TABLET):
            battery.set_clock(moment.at)
            self._set_clock_at_s = time.monotonic() + SET_CLOCK_EVERY_S


def battery_condition(reading: BatteryReading, model: str) -> Condition:
    """Say in words how a battery board is that answered."""
    if model == "absent":
        return Condition(Health.ABSENT)
    if reading.faults:
        reason = f"The battery board reports: {', '.join(reading.faults)}."
        return Condition(Health.DEGRADED, reason, "Check battery and charger.")
    if credible(reading) != reading:
        reason = "The battery board measures what cannot be; those values are left out."
        return Condition(Health.DEGRADED, reason, "Check the battery's plug and its temperature sensor.")
    if not reading.battery_present:
        return Condition(Health.DEGRADED, "The board has no battery: a pulled plug stops the box.", "Put one in.")
    return Condition(Health.READY)


def clock_of(battery: Battery) -> Moment | None:
    """Read the board's clock once at a start; None if it has none, was never set, or does not answer."""
    try:
        battery.open()
        at = battery.read_clock()
    except DeviceLost:
        return None
    finally:
        battery.close()
    return Moment(at, ClockQuality.RTC, ClockSource.BOARD) if at else None
