"""What each device does at the stall: the step that its worker repeats. Ports only; threads are the runtime's."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from appliance.core.codes import DoubleReads
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
from appliance.core.ports import Books, DeskPort
from appliance.core.power import PowerLimits, PowerState, lamps_for, next_state
from appliance.core.trade import PrintJob, PrintStatus
from appliance.core.trust import ReadersOf, no_readers
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
        readers_of: ReadersOf = no_readers,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._role = role
        self._desk = desk
        self._on_verdict = on_verdict
        self._readers_of = readers_of
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
            verdict = self._desk.submit(lambda books: door.scan(books, code, self._role, readers_of=self._readers_of))
        except (StoreUnavailable, TimeoutError) as error:
            log.error("a scan at '%s' could not be decided: %s", self._role, error)
            return door.undecided()
        self._told.remember(self._role, code, self._clock(), verdict)
        return verdict


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a job ended that the store does not know of yet."""

    job_id: int
    status: PrintStatus
    reason: str


class PrintStation:
    """The spool's hand: looks at the printer now and then, prints what is queued, one job at a time.

    A store that takes nothing puts printing off: what is on paper already is noted as soon as it can be.
    """

    def __init__(self, desk: DeskPort, poll_s: float) -> None:
        self._desk = desk
        self._poll_s = poll_s
        self._seen_seq = -1
        self._next_poll_s = 0.0
        self._begun = False
        self._ended: _Ended | None = None
        self._put_off = False

    def step(self, printer: Printer) -> Condition | None:
        """Wait a moment for something to print and print all there is."""
        try:
            return self._step(printer)
        except (StoreUnavailable, TimeoutError) as error:
            if not self._put_off:  # one line, however long it lasts
                log.error("printing is put off: %s", error)
            self._put_off = True
            return None

    def _step(self, printer: Printer) -> Condition | None:
        head_seq = self._desk.wait_head(self._seen_seq, READ_S)
        is_news, self._seen_seq = head_seq > self._seen_seq, head_seq
        due = time.monotonic() >= self._next_poll_s
        if not due and (not is_news or printer.model == "absent"):
            return None
        self._next_poll_s = time.monotonic() + READ_S  # soon again, should paper, printer or store be missing
        if not self._begun:  # what is claimed at the start was being printed when the power went
            self._desk.submit(printing.doubt_interrupted)
            self._begun = True
        if printer.model == "absent":
            self._desk.submit(printing.discard_queued)
            self._put_off = False
            self._next_poll_s = time.monotonic() + self._poll_s
            return Condition(Health.ABSENT)
        status = printer.status()
        if status.can_print and self._print_all(printer):
            self._next_poll_s = time.monotonic() + self._poll_s
        return printer_condition(printer.status() if status.can_print else status)

    def _print_all(self, printer: Printer) -> bool:
        """Print until nothing is queued; False if a job did not end well."""
        job = self._next_job()
        while job is not None:
            outcome, reason = self._print(printer, Document.from_json(job.document))
            self._ended = _Ended(job.id, outcome, reason)
            job = self._next_job()
            if outcome is not PrintStatus.PRINTED:
                return False
        return True

    def _next_job(self) -> PrintJob | None:
        """Note how the last job ended and claim the next, in one command that may be given twice."""
        ended = self._ended

        def turn(books: Books) -> PrintJob | None:
            printing.put_back(books, but=ended.job_id if ended else None)
            if ended is None:
                return printing.claim_next(books)
            return printing.finish(books, ended.job_id, ended.status, ended.reason)

        job = self._desk.submit(turn)
        self._ended, self._put_off = None, False
        return job

    def _print(self, printer: Printer, document: Document) -> tuple[PrintStatus, str]:
        try:
            printer.print(document)
        except PrinterNotReady as error:
            return PrintStatus.QUEUED, error.message
        except PrintUnsure as error:
            log.warning("a print job's end is not known: %s", error.message)
            return PrintStatus.UNSURE, error.message
        return PrintStatus.PRINTED, ""


def printer_condition(status: PrinterStatus) -> Condition:
    """Say in words how a printer is that answered."""
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
        self._noted = PowerState.NORMAL  # the newest that is in the journal

    def step(self, battery: Battery) -> Condition | None:
        """Read the board once."""
        reading = battery.read()
        self._state = next_state(self._state, reading, self._limits)
        self._board.set("battery", _battery_facts(reading, self._state))
        if self._state is not self._noted:
            self._note(self._state, round(reading.charge_pct))
        return battery_condition(reading, battery.model)

    def _note(self, state: PowerState, charge_pct: int) -> None:
        data = {"from": self._noted.value, "to": state.value, "charge_pct": charge_pct}
        try:
            self._desk.submit(lambda books: books.journal.append("power.changed", data))
        except (StoreUnavailable, TimeoutError) as error:  # the next reading tries again
            log.error("the power state %s could not be noted: %s", state, error)
        else:
            self._noted = state


def battery_condition(reading: BatteryReading, model: str) -> Condition:
    """Say in words how a battery board is that answered."""
    if reading.faults:
        reason = f"The battery board reports: {', '.join(reading.faults)}."
        return Condition(Health.DEGRADED, reason, "Check battery and charger.")
    return Condition(Health.ABSENT if model == "absent" else Health.READY)


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
        self._verdicts: queue.Queue[tuple[Verdict, float]] = queue.Queue(1)  # and when it was told
        self._until_s = 0.0

    def show(self, verdict: Verdict, source: str) -> None:
        """Have a verdict shown; returns at once, from any thread."""
        with suppress(queue.Empty):  # only the newest counts: a panel that was away must not play an evening of them
            self._verdicts.get_nowait()
        with suppress(queue.Full):
            self._verdicts.put_nowait((verdict, time.monotonic()))

    def step(self, panel: Panel) -> Condition | None:
        """Show the newest verdict, or how the box is."""
        verdict = self._newest()
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

    def _newest(self) -> Verdict | None:
        """Wait a moment for a verdict; one whose person has long gone through is none."""
        try:
            verdict, told_s = self._verdicts.get(timeout=READ_S)
        except queue.Empty:
            return None
        return verdict if time.monotonic() - told_s < VERDICT_S else None

    def _power_lamps(self) -> dict[Lamp, Blink]:
        battery = self._board.get("battery")
        if not isinstance(battery, dict):
            return {}
        return dict(lamps_for(PowerState(battery["state"]), bool(battery["charging"])))
