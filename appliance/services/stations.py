"""What each device does at the stall: the step that its worker repeats. Ports only; threads are the runtime's."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Sequence
from functools import partial

from appliance.core.codes import DoubleReads, SignedReader
from appliance.core.devices import (
    Battery,
    BatteryReading,
    Blink,
    BoardPort,
    Condition,
    Health,
    Lamp,
    Panel,
    Paper,
    Printer,
    PrinterNotReady,
    PrinterStatus,
    PrintUnsure,
    Scanner,
)
from appliance.core.document import Document
from appliance.core.errors import StoreUnavailable
from appliance.core.ports import DeskPort
from appliance.core.power import PowerLimits, PowerState, lamps_for, next_state
from appliance.core.trade import PrintStatus
from appliance.core.verdict import Verdict
from appliance.services import door, printing

log = logging.getLogger(__name__)
READ_S = 1.0  # how long a station waits for something to do before it shows that it is alive
VERDICT_S = 2.0  # how long the status lamp keeps a verdict


class ScanStation:
    """A scanner in its role: reads a code, has it decided, tells those who show it.

    A code that is read again within DOUBLE_READ_S gets the same verdict again and no second entry. `clock` gives
    seconds that only grow.
    """

    def __init__(
        self,
        role: str,
        desk: DeskPort,
        on_verdict: Callable[[Verdict, str], None],
        readers: Sequence[SignedReader] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._role = role
        self._desk = desk
        self._on_verdict = on_verdict
        self._readers = readers
        self._clock = clock
        self._told: DoubleReads[Verdict] = DoubleReads()

    def step(self, scanner: Scanner) -> Condition | None:
        """Wait a moment for a code and decide about it."""
        code = scanner.read(READ_S)
        if code is not None:
            self._on_verdict(self._told.recall(self._role, code, self._clock()) or self._decide(code), self._role)
        return None

    def _decide(self, code: bytes) -> Verdict:
        try:
            verdict = self._desk.submit(lambda books: door.scan(books, code, self._role, readers=self._readers))
        except (StoreUnavailable, TimeoutError) as error:
            log.error("a scan at '%s' could not be decided: %s", self._role, error)
            return door.undecided()
        self._told.remember(self._role, code, self._clock(), verdict)
        return verdict


class PrintStation:
    """The spool's hand: looks at the printer now and then, prints what is queued, one job at a time."""

    def __init__(self, desk: DeskPort, poll_s: float) -> None:
        self._desk = desk
        self._poll_s = poll_s
        self._seen_seq = -1
        self._next_poll_s = 0.0

    def step(self, printer: Printer) -> Condition | None:
        """Wait a moment for something to print and print all there is."""
        head_seq = self._desk.wait_head(self._seen_seq, READ_S)
        is_news, self._seen_seq = head_seq > self._seen_seq, head_seq
        due = time.monotonic() >= self._next_poll_s
        if not due and (not is_news or printer.model == "absent"):
            return None
        if printer.model == "absent":
            self._next_poll_s = time.monotonic() + self._poll_s
            self._desk.submit(printing.discard_queued)
            return Condition(Health.ABSENT)
        self._next_poll_s = time.monotonic() + READ_S  # soon again, should paper be missing or the printer be lost
        status = printer.status()
        if status.can_print and self._print_all(printer):
            self._next_poll_s = time.monotonic() + self._poll_s
        return _printer_condition(printer.status() if status.can_print else status)

    def _print_all(self, printer: Printer) -> bool:
        """Print until nothing is queued; False if a job did not end well."""
        job = self._desk.submit(printing.claim_next)
        while job is not None:
            outcome, reason = self._print(printer, Document.from_json(job.document))
            job = self._desk.submit(partial(printing.finish, job_id=job.id, status=outcome, reason=reason))
            if outcome is not PrintStatus.PRINTED:
                return False
        return True

    def _print(self, printer: Printer, document: Document) -> tuple[PrintStatus, str]:
        try:
            printer.print(document)
        except PrinterNotReady as error:
            return PrintStatus.QUEUED, error.message
        except PrintUnsure as error:
            log.warning("a print job's end is not known: %s", error.message)
            return PrintStatus.UNSURE, error.message
        return PrintStatus.PRINTED, ""


def _printer_condition(status: PrinterStatus) -> Condition:
    details = {"paper": status.paper.value, "cover_open": status.cover_open}
    if status.error:
        return Condition(Health.OFFLINE, f"The printer reports: {status.error}.", "Switch it off and on.", details)
    if status.cover_open:
        return Condition(Health.OFFLINE, "The printer's cover is open.", "Close the cover.", details)
    if status.paper is Paper.OUT:
        return Condition(Health.OFFLINE, "The printer is out of paper.", "Put in a new roll.", details)
    if not status.online:
        return Condition(Health.OFFLINE, "The printer is switched off-line.", "Press its feed button.", details)
    if status.paper is Paper.NEAR_END:
        return Condition(Health.DEGRADED, "The paper is near its end.", "Have a new roll at hand.", details)
    return Condition(details=details)


class PowerStation:
    """The battery watch: a reading for the screens, a power state with hysteresis for everybody."""

    def __init__(self, desk: DeskPort, board: BoardPort, limits: PowerLimits) -> None:
        self._desk = desk
        self._board = board
        self._limits = limits
        self._state = PowerState.NORMAL

    def step(self, battery: Battery) -> Condition | None:
        """Read the board once."""
        reading = battery.read()
        state = next_state(self._state, reading, self._limits)
        self._board.set("battery", _battery_facts(reading, state))
        if state is not self._state:
            data = {"from": self._state.value, "to": state.value, "charge_pct": round(reading.charge_pct)}
            self._state = state
            try:
                self._desk.submit(lambda books: books.journal.append("power.changed", data))
            except (StoreUnavailable, TimeoutError) as error:
                log.error("the power state %s could not be noted: %s", state, error)
        if reading.faults:
            reason = f"The battery board reports: {', '.join(reading.faults)}."
            return Condition(Health.DEGRADED, reason, "Check battery and charger.")
        return Condition(Health.ABSENT if battery.model == "absent" else Health.READY)


def _battery_facts(reading: BatteryReading, state: PowerState) -> dict[str, object]:
    return {
        "state": state.value,
        "present": reading.battery_present,
        "charge_pct": round(reading.charge_pct),
        "charging": reading.charging,
        "battery_mv": reading.battery_mv,
        "battery_ma": reading.battery_ma,
        "temperature_c": reading.temperature_c,
        "input": reading.input_source.value,
        "io_mv": reading.io_mv,
        "faults": list(reading.faults),
    }


class PanelStation:
    """The panel: power lamps by the battery, the status lamp and buzzer by the last verdict.

    The status lamp is off while the box waits, on for 2 s after an admission, fast for 2 s after a refusal, slow
    while the box cannot sell or admit (`well` says whether it can).
    """

    def __init__(
        self, board: BoardPort, well: Callable[[], bool], on_button: Callable[[float], None] = lambda held_s: None
    ) -> None:
        self._board = board
        self._well = well
        self._on_button = on_button
        self._verdicts: queue.Queue[Verdict] = queue.Queue()
        self._until_s = 0.0

    def show(self, verdict: Verdict, source: str) -> None:
        """Have a verdict shown; returns at once, from any thread."""
        self._verdicts.put(verdict)

    def step(self, panel: Panel) -> Condition | None:
        """Show the newest verdict, or how the box is."""
        try:
            verdict = self._verdicts.get(timeout=READ_S)
        except queue.Empty:
            verdict = None
        if verdict is not None:
            panel.show({Lamp.STATUS: verdict.card.light})
            panel.sound(verdict.card.sound)
            self._until_s = time.monotonic() + VERDICT_S
        elif time.monotonic() >= self._until_s:
            panel.show({Lamp.STATUS: Blink.OFF if self._well() else Blink.SLOW})
        panel.show(self._power_lamps())
        held_s = panel.pressed(0)
        if held_s is not None:
            self._on_button(held_s)
        return None

    def _power_lamps(self) -> dict[Lamp, Blink]:
        battery = self._board.get("battery")
        if not isinstance(battery, dict):
            return {}
        return dict(lamps_for(PowerState(battery["state"]), bool(battery["charging"])))
