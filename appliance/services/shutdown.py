"""Going off in good order: finish the sale at hand, print a slip, have the board cut the power, halt."""

from __future__ import annotations

import enum
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from appliance.core.devices import Battery, BoardPort, Health
from appliance.core.errors import StoreUnavailable
from appliance.core.ports import Books, DeskPort
from appliance.core.slips import shutdown_slip
from appliance.core.trade import PrintStatus

log = logging.getLogger(__name__)
WAIT_S = 1.0
IDLE_WAITS = 10  # so many of them while nobody asks: `wake` ends it
INSTRUCT_S = 15.0  # how long the battery's worker, woken, has to pass the order on; the box then halts without it
KEEP = "keep"  # the order that takes a power cut back
HALTING_S = 120.0  # a system that was told to halt and has not by then will not


class Cause(enum.StrEnum):
    """Why the box goes off."""

    BATTERY = "battery"
    BUTTON = "button"

    @property
    def sentence(self) -> str:
        """Say it to a person."""
        return "The battery is almost empty." if self is Cause.BATTERY else "The button was held."


@dataclass(frozen=True, slots=True)
class ShutdownLimits:
    """How long each part may take. `fresh_s`: a battery that was not read for so long decides nothing any more."""

    finish_sale_s: float = 60.0
    print_s: float = 20.0
    fresh_s: float = 40.0
    cut_after_s: int = 60  # a Pi halts in 10 to 20 s
    wake_pct: int = 30


class _CalledOff(Exception):
    """The box stays on, for the reason given."""


class _Stopping(Exception):
    """The daemon was told to stop: nobody needs this worker any more."""


class SafeShutdown:
    """One shutdown at a time. `step` belongs to a worker of its own; all else may be called from any thread.

    The battery's word counts only while it is renewed at each reading: power that comes back, or a board that falls
    silent, calls the shutdown off up to the last moment. `power_off` halts the system and says whether it began to;
    `wake_battery` ends the wait for the battery's next reading.
    """

    def __init__(
        self,
        desk: DeskPort,
        board: BoardPort,
        power_off: Callable[[], bool],
        limits: ShutdownLimits = ShutdownLimits(),
        box_name: str = "Stallbox",
        wait_s: float = WAIT_S,
        wake_battery: Callable[[], None] = lambda: None,
    ) -> None:
        self._desk = desk
        self._board = board
        self._power_off = power_off
        self._limits = limits
        self._box_name = box_name
        self._wait_s = wait_s
        self._wake_battery = wake_battery
        self._wanted = threading.Event()
        self._by_button = False
        self._empty_until_s = 0.0  # how long the battery's word is fresh
        self._order: tuple[str, threading.Event] | None = None  # for the battery's own thread: a Cause, or keep
        self._cuts = False  # whether the board was told to cut the power

    # From the battery's worker, the panel's, any.

    def battery_is_empty(self) -> None:
        """Hear that the battery is critical; said anew at each reading."""
        self._empty_until_s = time.monotonic() + self._limits.fresh_s
        self._wanted.set()

    def power_is_back(self) -> None:
        """Hear that there is no need any more: whatever the battery asked for is called off."""
        self._empty_until_s = 0.0

    def ask(self) -> None:
        """Shut down because a person says so."""
        self._by_button = True
        self._wanted.set()

    def instruct(self, battery: Battery) -> None:
        """Pass a waiting order on to the board, in the thread that owns it. Raises DeviceLost."""
        order = self._order
        if order is None:
            return
        what, done = order
        if what == KEEP:
            battery.keep_on()
            self._cuts = False
        else:
            wake_pct = self._limits.wake_pct if what == Cause.BATTERY else None
            self._cuts = True  # also where it fails half-way
            self._cuts = battery.cut_after_halt(self._limits.cut_after_s, wake_pct)
        self._order = None
        done.set()

    def wake(self) -> None:
        """End the wait for somebody who asks: the box stops anyway."""
        self._wanted.set()

    # The worker.

    def step(self, beat: Callable[[], None] = lambda: None, stopping: Callable[[], bool] = lambda: False) -> None:
        """Wait for somebody to ask, then see it through."""
        if not self._wanted.wait(IDLE_WAITS * self._wait_s) or stopping():
            return
        self._wanted.clear()
        cause = Cause.BUTTON if self._by_button else Cause.BATTERY
        self._by_button = False
        if not self._still_wanted(cause):
            return
        try:
            self._see_through(cause, lambda: self._pause(cause, beat, stopping))
        except _CalledOff as off:
            log.warning("the shutdown is called off: %s", off)
            self._note("shutdown.called_off", cause, str(off))
            if self._cuts:
                self._hand_over(KEEP, beat)
        except _Stopping:
            return
        finally:
            self._board.set("closing", None)

    def _see_through(self, cause: Cause, pause: Callable[[], None]) -> None:
        log.warning("shutting down: %s", cause.sentence)
        limit_s = round(self._limits.finish_sale_s)
        self._board.set("closing", {"cause": cause.value, "message": f"{cause.sentence} Finish the sale at hand."})
        self._note("shutdown.asked", cause)
        self._wait_while(self._sale_at_hand, limit_s, pause)
        self._board.set("closing", {"cause": cause.value, "message": f"{cause.sentence} The box shuts down now."})
        self._print_slip(cause)
        self._wait_while(self._printing, self._limits.print_s, pause)
        self._hand_over(cause, pause)
        log.warning("halting the system")
        if not self._power_off():
            raise _CalledOff("The system could not be halted.")
        self._stay_halting(cause, pause)

    def _wait_while(self, condition: Callable[[], bool], limit_s: float, pause: Callable[[], None]) -> None:
        give_up_s = time.monotonic() + limit_s
        while condition() and time.monotonic() < give_up_s:
            pause()

    def _stay_halting(self, cause: Cause, pause: Callable[[], None]) -> None:
        """Wait for the end; a system that did not halt goes on selling."""
        give_up_s = time.monotonic() + HALTING_S
        while time.monotonic() < give_up_s:
            try:
                pause()
            except _CalledOff:
                if cause is Cause.BATTERY and self._empty_until_s == 0.0:  # power is back and it still runs
                    raise
        raise _CalledOff("The system was told to halt but did not.")

    def _pause(self, cause: Cause, beat: Callable[[], None], stopping: Callable[[], bool]) -> None:
        """Let a moment pass. Raises _CalledOff when nobody wants the shutdown any more, or the box stops anyway."""
        beat()
        time.sleep(self._wait_s / 4)
        if stopping():
            raise _Stopping
        if not self._still_wanted(cause):
            back = self._empty_until_s == 0.0
            raise _CalledOff("Power is back." if back else "The battery board does not answer any more.")

    def _still_wanted(self, cause: Cause) -> bool:
        return cause is Cause.BUTTON or time.monotonic() < self._empty_until_s

    def _hand_over(self, what: str, pause: Callable[[], None]) -> None:
        """Have the battery's thread tell its board; a board that is not there cannot be told."""
        battery = self._board.device("battery")
        if battery is None or battery.health in (Health.ABSENT, Health.OFFLINE):
            return
        done = threading.Event()
        self._order = (what, done)
        self._wake_battery()
        try:
            self._wait_while(lambda: not done.wait(self._wait_s / 4), INSTRUCT_S, pause)
        finally:
            self._order = None

    # The books. A store that takes nothing keeps no box from going off.

    def _sale_at_hand(self) -> bool:
        try:
            with self._desk.reading() as books:
                return bool(books.orders.open())
        except StoreUnavailable:
            return False

    def _printing(self) -> bool:
        printer = self._board.device("printer")  # that for receipts, and for the slip
        if printer is None or printer.health in (Health.ABSENT, Health.OFFLINE):
            return False
        try:
            with self._desk.reading() as books:
                return books.prints.count(PrintStatus.QUEUED) + books.prints.count(PrintStatus.PRINTING) > 0
        except StoreUnavailable:
            return False

    def _print_slip(self, cause: Cause) -> None:
        battery = self._board.get("battery")
        facts = battery if isinstance(battery, dict) else {}

        def queue(books: Books) -> None:
            at = books.moment.text()[:16].replace("T", " ") + " UTC"
            page = shutdown_slip(self._box_name, at, cause.sentence, facts)
            books.prints.add("slip", "shutdown", page.to_json())

        self._submit(queue)

    def _note(self, kind: str, cause: Cause, reason: str = "") -> None:
        data = {"cause": cause.value, **({"reason": reason} if reason else {})}
        self._submit(lambda books: books.journal.append(kind, data))

    def _submit(self, command: Callable[[Books], object]) -> None:
        try:
            self._desk.submit(command)
        except (StoreUnavailable, TimeoutError) as error:
            log.error("the shutdown could not be noted: %s", error)
