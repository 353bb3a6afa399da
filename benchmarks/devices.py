"""What devices cost and how fast they are: idle drivers, the printer's line, from a scan to the lamp, a sale to paper.

Everything is emulated at the wire: a pty carries bytes as fast as it is read, so the printer's end takes them at the
pace of a baud rate. What a pty cannot show: the UART's own buffer, USB frames, the paper's speed, bits that flip.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from appliance.bootstrap import Box, Wires
from appliance.commands.simulate import kit_settings, load_first_event
from appliance.core.document import Cut, Document, Text
from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.drivers.printer.job import Limits
from appliance.drivers.printer.links import SerialLink
from appliance.drivers.printer.printer import EscposPrinter
from appliance.drivers.printer.render import Renderer
from appliance.services import till
from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.kit import PINS, Kit
from appliance.sim.wires import SerialWire
from benchmarks.box import EVENT, fresh_folder, prepare, running, without_limits
from benchmarks.figures import Figure, percentile
from benchmarks.idle import rest
from benchmarks.syscalls import memory

MOCK_PINS = {"GPIOZERO_PIN_FACTORY": "mock"}
RELAYS = '[relays]\ndriver = "gpio"\ndrawer_pin = 5\nlights_1_pin = 6\nlights_2_pin = 26\nlights = "on"\n'
BAUD_RATES = (9_600, 115_200)
RECEIPT = Document((*[Text(f"{line:2} Cup with a handle, hand-made   24.00") for line in range(30)], Cut()))
SETTLE_S, LIMIT_S, LOOK_S = 4.0, 30.0, 0.0005
LAMP_KEEPS_S = 2.5


def run(quick: bool = False) -> list[Figure]:
    """Measure all of it."""
    idle = idle_drivers(4.0, alone=False) if quick else idle_drivers(10.0)
    lines = [line_rate(baud, 1 if quick else 4) for baud in BAUD_RATES]
    return [*idle, *lines, *latencies(3 if quick else 10)]


def idle_drivers(duration_s: float, alone: bool = True) -> list[Figure]:
    """Watch a box with each driver alone, then one with all; every driver is ready on its emulator."""
    found = []
    with ExitStack() as stack:
        stack.enter_context(environment(MOCK_PINS))
        drivers = driver_settings(stack)
        together = tuple(name for name in drivers if name != "battery victron")
        for names in (*(((name,) for name in drivers) if alone else ()), together):
            what = names[0] if len(names) == 1 else "all of these but victron"
            with fresh_folder() as data:
                prepare(data, "\n".join(drivers[name] for name in names))
                with running(data) as box:
                    time.sleep(SETTLE_S)
                    [(cpu_pct, wakeups_per_s)] = rest([box], duration_s)
                    rss_mb = memory(box.pid).rss_bytes / 1e6
            limits = (None, None) if len(names) == 1 else (2.0, 15.0)
            found.append(Figure(f"processor when idle, {what}", cpu_pct, "% of a core", "", limits[0]))
            found.append(Figure(f"wake-ups when idle, {what}", wakeups_per_s, "1/s", "", limits[1]))
            found.append(Figure(f"resident memory when idle, {what}", rss_mb, "MB", "shared pages in full (RSS)"))
    return found


def driver_settings(stack: ExitStack) -> Mapping[str, str]:
    """Plug two kits in; return the configuration of each driver by its name, with the box's own waits."""
    texts: dict[str, str] = {"none": ""}
    for battery in ("power_supply", "victron"):
        kit = Kit(Path(stack.enter_context(tempfile.TemporaryDirectory())), battery=battery)
        kit.start()
        stack.callback(kit.close)
        for table in kit.settings().replace("poll_s = 1\n", "").split("\n\n"):
            name = table.partition("]")[0].removeprefix("[")
            if name != "power":
                texts[f"battery {battery}" if name == "battery" else name] = table
    return {**texts, "relays": RELAYS}


HEAD_START_S = 0.02  # what an idle line may have in hand when the clock starts


def line_rate(baud: int, receipts: int) -> Figure:
    """Print receipts one after the other on a line of this pace; bytes a second beside what the line can carry."""
    with tempfile.TemporaryDirectory() as folder:
        device = EmulatedPrinter()
        line = PacedLine(device, baud / 10)  # 8N1: ten bits a byte
        wire = SerialWire(line, Path(folder) / "printer")
        device.connect(wire)
        driver = EscposPrinter(SerialLink(wire.path, baud), Renderer(), "process_id", Limits())
        try:
            driver.open()
            driver.print(RECEIPT)  # the first has the printer's start in it
            before, began_s = line.taken, time.monotonic()
            for _ in range(receipts):
                driver.print(RECEIPT)
            bytes_per_s = (line.taken - before) / (time.monotonic() - began_s + HEAD_START_S)
        finally:
            driver.close()
            wire.close()
    size = (line.taken - before) // receipts
    beside = f"{bytes_per_s:,.0f} bytes/s of {baud / 10:,.0f}; a receipt of {size:,} bytes, its end confirmed"
    return Figure(f"printer line in use at {baud:,} baud", 100 * bytes_per_s * 10 / baud, "%", beside)


class PacedLine:
    """The far end of a serial line that takes bytes at a pace and no faster."""

    def __init__(self, device: EmulatedPrinter, bytes_per_s: float) -> None:
        self._device = device
        self._bytes_per_s = bytes_per_s
        self._free_s = 0.0  # when the last byte has come through
        self.taken = 0

    def room(self) -> int:
        """How many bytes came through by now: at most those of a line that was idle for HEAD_START_S."""
        idle_s = min(time.monotonic() - self._free_s, HEAD_START_S)
        return min(self._device.room(), max(0, int(idle_s * self._bytes_per_s)))

    def feed(self, data: bytes) -> bytes:
        """Take bytes: the line is busy for as long as they need."""
        now_s = time.monotonic()
        self._free_s = max(self._free_s, now_s - HEAD_START_S) + len(data) / self._bytes_per_s
        self.taken += len(data)
        return self._device.feed(data)


def latencies(rounds: int) -> list[Figure]:
    """Scan a code at the emulated door scanner until the status lamp burns; sell until the paper is cut."""
    with field_kit() as (kit, box):
        lamp = kit.pin_factory.pin(PINS["status"])
        lamps_ms = []
        for number in range(rounds):
            until(lambda: not lamp.state)
            lamps_ms.append(timed_ms(lambda n=number: kit.scan("door", f"NOBODY-{n}"), lambda: bool(lamp.state)))
            until(lambda: not lamp.state)
            time.sleep(LAMP_KEEPS_S)
        papers_ms = []
        for _ in range(rounds):
            before = len(kit.printer.sheets())
            papers_ms.append(timed_ms(lambda: box.desk.submit(sell), lambda n=before: len(kit.printer.sheets()) > n))
    return [
        *figures("scan to lamp", lamps_ms, "from the scanner's last byte but one to the pin; one process"),
        *figures("sale to paper", papers_ms, "from the payment to the cut, on a line without a pace"),
    ]


def figures(what: str, times_ms: list[float], beside: str) -> list[Figure]:
    return [Figure(f"{what} p{share}", percentile(times_ms, share / 100), "ms", beside) for share in (50, 99)]


def sell(books: Books) -> None:
    """Sell a postcard for cash."""
    order = till.open_order(books, [Wanted("postcard", 1)])
    till.take_payment(books, order.id, "cash", order.total_minor)


def timed_ms(act: Callable[[], object], seen: Callable[[], bool]) -> float:
    """Act, and return how long it took until it was seen."""
    began_s = time.perf_counter()
    act()
    until(seen)
    return 1000 * (time.perf_counter() - began_s)


def until(seen: Callable[[], bool]) -> None:
    """Look until it is seen. Raises TimeoutError."""
    give_up_s = time.monotonic() + LIMIT_S
    while not seen():
        if time.monotonic() > give_up_s:
            raise TimeoutError("what was waited for did not come")
        time.sleep(LOOK_S)


@contextmanager
def field_kit() -> Iterator[tuple[Kit, Box]]:
    """A kit and the box on it in this process, every device ready."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kit = Kit(folder / "kit")
        kit.start()
        try:
            settings = kit_settings(folder, "127.0.0.1", 0, kit)
            event = folder / "event.toml"
            event.write_text(re.sub(r"(?m)^tickets_file = .*$", "", without_limits(EVENT.read_text())))
            load_first_event(folder, settings, event)
            box = Box(settings, folder, Wires(kit.i2c_bus, kit.pin_factory))
            box.start()
            try:
                until(lambda: len(box.board.devices()) >= 6 and all(d.health == "ready" for d in box.board.devices()))
                time.sleep(LAMP_KEEPS_S)
                yield kit, box
            finally:
                box.stop()
        finally:
            kit.close()


@contextmanager
def environment(more: Mapping[str, str]) -> Iterator[None]:
    """Run with some more in the environment."""
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
