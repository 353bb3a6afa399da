"""What the box does by itself: orders grow old, devices that come and go and its own start are noted."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping

from appliance.core.clock import timestamp
from appliance.core.devices import BoardPort, Condition, DeviceState, Health
from appliance.core.disk import MIB, DiskReading, disk_condition
from appliance.core.document import Document
from appliance.core.errors import StoreUnavailable
from appliance.core.ports import Books, ClockPort, ContactKeysPort, DeskPort
from appliance.core.receipt import welcome_slip
from appliance.core.sms.message import SmsRules
from appliance.core.trade import PrintStatus
from appliance.services import clock, courier, printing, sms, till

log = logging.getLogger(__name__)
WAIT_S = 1.0
MEASURE_EVERY_S = 60.0
COURIER_EVERY_S = 5.0
TRIM_EVERY_S = 300.0  # more than a day's worth does not come in five minutes
NO_SMS = SmsRules()
AGE_STEP_S = 30  # how coarsely orders age: one small transaction in so long, and only while orders are open


class Housekeeping:
    """Runs beside the stations; what the store does not take now is done as soon as it does.

    `look_at_disk` tells how the store's disk is, which is the board's device and fact "disk"; it is asked at once while
    `is_troubled` says that the store takes nothing. `contacts` opens to whom restock
    goes, for the courier's list that the box makes by itself; `box_clock` is watched for jumps.
    """

    def __init__(
        self,
        desk: DeskPort,
        board: BoardPort,
        expire_after_s: int,
        look_at_disk: Callable[[], DiskReading],
        sms_rules: SmsRules = NO_SMS,
        contacts: ContactKeysPort | None = None,
        box_clock: ClockPort | None = None,
        is_troubled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._desk = desk
        self._board = board
        self._expire_after_s = expire_after_s
        self._look_at_disk = look_at_disk
        self._is_troubled = is_troubled
        self._sms_rules = sms_rules
        self._contacts = contacts
        self._clock = box_clock
        self._watch = clock.ClockWatch(box_clock) if box_clock else None
        self._measure_at_s = self._trim_at_s = self._courier_at_s = 0.0
        self._seen_version = -1
        self._health: dict[str, Health] = {}
        self._aged_s = time.monotonic()
        self._owed: deque[Callable[[Books], object]] = deque()

    def owe(self, command: Callable[[Books], object]) -> None:
        """Have a command run as soon as the store takes it; from any thread."""
        self._owed.append(command)

    def step(self) -> None:
        """Wait a moment for something to see to; a longer wait would hold up the box's stop."""
        self._seen_version = self._board.wait_change(self._seen_version, WAIT_S)
        self._measure_disk()
        self._watch_clock()
        try:
            self._settle()
            self._note_devices()
            self._age_orders()
            self._trim_spool()
            self._call_courier()
        except StoreUnavailable:
            return  # the desk has said so in the log; all of it is tried again the next time
        except TimeoutError as error:
            log.warning("housekeeping is put off: %s", error)

    def _trim_spool(self) -> None:
        if time.monotonic() < self._trim_at_s:
            return
        self._trim_at_s = time.monotonic() + TRIM_EVERY_S
        with self._desk.reading() as books:
            is_full = books.prints.count(PrintStatus.QUEUED) > printing.QUEUED_JOBS
            is_long = books.prints.span() > printing.KEPT_JOBS
            has_numbers = sms.is_untidy(books)
        if is_full or is_long:
            self._desk.submit(printing.trim_spool)
        if has_numbers:
            self._desk.submit(lambda books: sms.tidy(books, self._sms_rules))

    def _call_courier(self) -> None:
        if self._contacts is None or time.monotonic() < self._courier_at_s:
            return
        self._courier_at_s, keys = time.monotonic() + COURIER_EVERY_S, self._contacts
        with self._desk.reading() as books:
            is_due = books.restock.waiting_count() > 0 and courier.is_ready(books, keys)
        if is_due:
            self._desk.submit(lambda books: courier.hand_over_due(books, keys))

    def _measure_disk(self) -> None:
        if time.monotonic() < self._measure_at_s and not self._is_troubled():
            return
        self._measure_at_s = time.monotonic() + MEASURE_EVERY_S
        try:
            reading = self._look_at_disk()
        except OSError as error:
            told = Condition(Health.OFFLINE, f"The disk does not answer: {error.strerror}.", "Switch off and on.")
        else:
            told = disk_condition(reading)
            self._board.set("disk", {"free_mb": reading.free_bytes // MIB})
        self._board.set_device(DeviceState("disk", "disk", "disk", told.health, told.reason, told.advice))

    def _watch_clock(self) -> None:
        if self._watch is None or self._clock is None:
            return
        set_clock, jump = self._clock, self._watch.jump()
        if jump is not None:
            before, now = jump
            log.warning("the clock jumped from %s to %s", timestamp(before), now.text())
            self.owe(lambda books: clock.note(books, set_clock, before, now.at, now.source))

    def _settle(self) -> None:
        while self._owed:
            self._desk.submit(self._owed[0])
            self._owed.popleft()

    def _note_devices(self) -> None:
        for device in self._board.devices():
            before = self._health.get(device.name)
            was_lost, is_lost = before is Health.OFFLINE, device.health is Health.OFFLINE
            if was_lost != is_lost:
                data = {"device": device.name, "model": device.model, "reason": device.reason}
                kind = "device.lost" if is_lost else "device.back"
                self._desk.submit(lambda books: books.journal.append(kind, data))  # noqa: B023 - runs at once
            self._health[device.name] = device.health

    def _age_orders(self) -> None:
        elapsed_s = int(time.monotonic() - self._aged_s)
        if elapsed_s < AGE_STEP_S:
            return
        with self._desk.reading() as books:
            any_open = bool(books.orders.open())
        if any_open:
            self._desk.submit(lambda books: till.expire_orders(books, elapsed_s, self._expire_after_s))
        self._aged_s += elapsed_s


def note_start(
    books: Books, about: Mapping[str, object], box_name: str, address: str, hello: tuple[str, Document] | None = None
) -> None:
    """Note the start. The very first one prints the slip that says how to join.

    `hello` is the id and the paper of what the first start has to tell; each id is told once, even if a power cut
    keeps its sender from knowing.
    """
    first = not books.journal.newest(["box.started"], 1)
    books.journal.append("box.started", {**about, "clock": books.moment.quality.value})
    if hello is not None:
        id, paper = hello
        if not was_told(books, id):
            books.journal.append("hello.told", {"id": id})
            books.prints.add(printing.SECRET, "hello", paper.to_json())
    elif first:
        books.prints.add("slip", "welcome", welcome_slip(box_name, address, None).to_json())


def ended_by(books: Books, machine_boot: str) -> str:
    """Tell how the box ended before this start: `new`, `stop`, `crash` (the computer ran on) or `power`."""
    started = next(iter(books.journal.newest(["box.started"], 1)), None)
    if started is None:
        return "new"
    stopped = next(iter(books.journal.newest(["box.stopped"], 1)), None)
    if stopped is not None and stopped.seq > started.seq:
        return "stop"
    return "crash" if machine_boot and started.data.get("machine_boot") == machine_boot else "power"


def was_told(books: Books, hello_id: str) -> bool:
    """Whether what the first start has to tell went to the printer already."""
    return hello_id in [entry.data["id"] for entry in books.journal.newest(["hello.told"], 1)]
