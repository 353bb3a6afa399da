"""The till: what a long cart costs to price, and how soon and how long its receipt is on the printer's line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing

from appliance.core.event import read_event
from appliance.core.pricing import Terms, Wanted, price
from appliance.core.trade import Event
from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.wires import TcpWire
from benchmarks.bare_http import bare_server
from benchmarks.box import PAUSE_S, Box, bare_syncs_ms, fresh_folder, prepare, running
from benchmarks.clients import LONG_CART, Caller, Task, crowd
from benchmarks.figures import Figure, calmest, percentile

LINES = len(LONG_CART["lines"])
MEMBER = Terms(at="2026-12-05T22:00:00-05:00", is_member=True)
BITS_A_BYTE = 10  # on a serial line, 8N1
BAUDS = (9_600, 115_200)
BUSY_RECEIPTS_PER_MIN = 4
STATUS_BYTES = 16  # more than is asked at once; a receipt comes in larger pieces
SHELF = "".join(
    f"""
[[offers]]
id = "bench-{number}"
name = "Piece number {number}"
category = "{"photographs" if number % 3 else "ceramics"}"
price_minor = {1000 + 37 * number}
member_price_minor = {950 + 31 * number}
tax = "{"standard" if number % 2 else "reduced"}"
"""
    for number in range(LINES)
)


class Ear:
    """A printer that notes when the first byte of a paper comes; questions of status are none."""

    def __init__(self, printer: EmulatedPrinter) -> None:
        self._printer = printer
        self._heard = threading.Event()
        self._at_s = 0.0
        self._printed_before = 0
        self.room = printer.room

    def listen(self) -> None:
        """Wait for the next paper."""
        self._heard.clear()

    def first_byte_s(self) -> float:
        """Return when its first byte came. Raises TimeoutError."""
        if not self._heard.wait(30):
            raise TimeoutError("no receipt came to the printer")
        return self._at_s

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the wire."""
        if len(data) > STATUS_BYTES and not self._heard.is_set():
            self._at_s = time.perf_counter()
            self._heard.set()
        return self._printer.feed(data)


def run(quick: bool = False) -> list[Figure]:
    """Measure carts in the process and over HTTP, then receipts on an emulated printer."""
    rounds, count, receipts = (2, 50, 5) if quick else (5, 200, 100)
    with fresh_folder() as data:
        prepare(data, more=SHELF)
        event = read_event((data / "event.toml").read_text())
        with running(data) as box, bare_server(data) as bare:
            priced = priced_over_http(box.task, bare, rounds, count)
    return [*priced_inside(event, rounds, count), *priced, *on_paper(receipts)]


def priced_inside(event: Event, rounds: int, count: int) -> list[Figure]:
    """Time the pricing function with a long cart of a member at night, beside the same with one line."""
    cart = [Wanted(line["offer"], line["quantity"]) for line in LONG_CART["lines"]]
    long_ms, one_ms = [], []
    for _ in range(rounds):
        long_ms.append(timed(event, cart, count))
        one_ms.append(timed(event, cart[:1], count))
    figures = []
    for share, label in ((0.5, "p50"), (0.99, "p99")):
        long, one = calmest(long_ms, share), calmest(one_ms, share)
        beside = f"{long:.2f} ms, against {one:.3f} ms for one line: {LINES} times would be in proportion"
        figures.append(
            Figure(f"price a cart of {LINES} lines, {label}, inside the process", long / one, "times", beside)
        )
    return figures


def timed(event: Event, cart: Sequence[Wanted], count: int) -> list[float]:
    """Return the milliseconds of each of so many pricings."""
    took_ms = []
    for _ in range(count):
        began_s = time.perf_counter()
        price(event, cart, terms=MEMBER)
        took_ms.append((time.perf_counter() - began_s) * 1000)
    return took_ms


def priced_over_http(task: Callable[..., Task], bare: Callable[..., Task], rounds: int, count: int) -> list[Figure]:
    """Time the same over HTTP, beside a server that only answers."""
    found: dict[str, list[list[float]]] = {"price": [], "bare": []}
    for _ in range(rounds):
        for name, maker in (("price", task), ("bare", bare)):
            (report,) = crowd([maker("price", count=count)])
            if report.statuses != {"200": count}:
                raise RuntimeError(f"not every cart was priced: {dict(report.statuses)}")
            found[name].append(report.act_ms)
    figures = []
    for share, label in ((0.5, "p50"), (0.99, "p99")):
        ours, least = calmest(found["price"], share), calmest(found["bare"], share)
        beside = f"{ours:.2f} ms, against the {label} of waitress with one fdatasync, {least:.2f} ms"
        figures.append(Figure(f"price a cart of {LINES} lines, {label}, over HTTP", ours / least, "times", beside))
    return figures


def on_paper(count: int) -> list[Figure]:
    """Time order and payment, then from its answer to the first byte of the receipt, and weigh the receipt."""
    printer = EmulatedPrinter(576)
    ear = Ear(printer)
    with closing(TcpWire(ear)) as wire, fresh_folder() as data:
        printer.connect(wire)
        wire.plug()
        settings = f'[printer]\ndriver = "escpos"\nport = "tcp://127.0.0.1:{wire.port}"\nprofile = "epson-80"\n'
        prepare(data, settings)
        with running(data) as box:
            wait_for_paper(printer, 0)  # the slip of the start
            sales_ms, waits_ms, sizes = receipts(box, printer, ear, count)
        syncs_ms = bare_syncs_ms(data)
    size = percentile(sizes, 0.5)
    figures = [
        Figure(f"order, then payment, its receipt queued, {label}", percentile(sales_ms, share), "ms",
               f"two bare fdatasyncs: {2 * percentile(syncs_ms, share):.2f} ms")
        for share, label in ((0.5, "p50"), (0.99, "p99"))
    ]  # fmt: skip
    figures.append(
        Figure("sales per second, so paid, 1 client", 1000 * count / sum(sales_ms), "1/s", "`sales` has 16 clients")
    )
    figures += [
        Figure(f"first byte at the printer after the answer, {label}", percentile(waits_ms, share), "ms",
               "below 0: before the answer was read")
        for share, label in ((0.5, "p50"), (0.99, "p99"))
    ]  # fmt: skip
    figures.append(Figure("receipt of one line", size, "bytes", "80 mm, logo and QR code not counted"))
    for baud in BAUDS:
        took_s = size * BITS_A_BYTE / baud
        share = 100 * took_s * BUSY_RECEIPTS_PER_MIN / 60
        beside = f"{BUSY_RECEIPTS_PER_MIN} receipts a minute, {took_s:.2f} s of the line each"
        figures.append(Figure(f"share of a line of {baud:,} baud", share, "%", beside))
    return figures


def receipts(box: Box, printer: EmulatedPrinter, ear: Ear, count: int) -> tuple[list[float], list[float], list[int]]:
    """Sell one by one, by order and payment.

    Return the milliseconds of each sale, those from its answer to the first byte, and the bytes that became paper.
    """
    sales_ms, waits_ms, sizes = [], [], []
    with closing(Caller(box.task("order then payment"))) as till:
        for _ in range(count):
            before, sheets = len(printer.raw()), len(printer.sheets())
            ear.listen()
            began_s = time.perf_counter()
            if till.order_then_payment() != 201:
                raise RuntimeError("a sale was refused")
            answered_s = time.perf_counter()
            sales_ms.append((answered_s - began_s) * 1000)
            waits_ms.append((ear.first_byte_s() - answered_s) * 1000)
            wait_for_paper(printer, sheets)
            sizes.append(len(printer.raw()) - before)
    return sales_ms, waits_ms, sizes


def wait_for_paper(printer: EmulatedPrinter, sheets: int) -> None:
    """Wait for a paper that is cut, beyond so many. Raises TimeoutError."""
    give_up_s = time.monotonic() + 30
    while not any(sheet.cut for sheet in printer.sheets()[sheets:]):
        if time.monotonic() > give_up_s:
            raise TimeoutError("no paper came out of the printer")
        time.sleep(PAUSE_S)
