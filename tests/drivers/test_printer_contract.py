"""The printer driver against the emulated printer, over each kind of line, with every fault by name."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from appliance.core.devices import Paper, Printer, PrinterNotReady, PrintUnsure
from appliance.core.document import Align, Cut, Document, Drawer, Qr, Row, Text
from appliance.core.errors import DeviceLost, StallboxError
from appliance.drivers.printer.absent import AbsentPrinter
from appliance.drivers.printer.job import Confirm, Limits
from appliance.drivers.printer.links import Link, SerialLink, TcpLink, UsbLink, open_link
from appliance.drivers.printer.printer import EscposPrinter
from appliance.drivers.printer.render import Renderer
from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.wires import SerialWire, TcpWire, Wire
from tests.waiting import wait_until

QUICK = Limits(patience_s=0.5, write_limit_s=0.3, silence_limit_s=0.3, confirm_limit_s=0.3, settle_s=0.1, poll_s=0.02)
PATIENT = Limits(patience_s=60, write_limit_s=10, silence_limit_s=10, confirm_limit_s=30, settle_s=0.1, poll_s=0.02)
RECEIPT = Document(
    (
        Text("Stall", bold=True, scale=2, align=Align.CENTER),
        *(Row(f"Item {number}", f"{number},00 €") for number in range(60)),
        Text("完", align=Align.CENTER),
        Qr("https://example.org/r/1"),
        Drawer(),
        Cut(),
    )
)
BILL = Document((Text("One cup"), Cut()))  # a single batch


@dataclass
class Bench:
    """An emulated printer, its wire, and a driver on the other end."""

    device: EmulatedPrinter
    wire: Wire
    link: Link
    stop: threading.Event = field(default_factory=threading.Event)
    workers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    drivers: list[EscposPrinter] = field(default_factory=list)

    def driver(self, limits: Limits = PATIENT, confirm: Confirm | str = Confirm.PROCESS_ID) -> EscposPrinter:
        driver = EscposPrinter(self.link, Renderer(), confirm, limits, answer_limit_s=0.4, stopping=self.stop.is_set)
        self.drivers.append(driver)
        return driver

    def start(self, driver: EscposPrinter, document: Document = RECEIPT) -> Future[None]:
        return self.workers.submit(driver.print, document)

    def printed(self) -> list[int]:
        """How often each item of the receipt is on paper."""
        text = self.device.text()
        return [text.count(f"Item {number} ") for number in range(60)]


def serial_bench(tmp_path: Path) -> Bench:
    device = EmulatedPrinter()
    wire = SerialWire(device, tmp_path / "printer")
    return Bench(device, wire, SerialLink(wire.path, 115200))


def usb_bench(tmp_path: Path) -> Bench:
    device = EmulatedPrinter()
    wire = SerialWire(device, tmp_path / "lp0")  # bytes in, bytes out: as usblp, without a baud rate
    return Bench(device, wire, UsbLink(wire.path))


def tcp_bench(tmp_path: Path) -> Bench:
    device = EmulatedPrinter()
    wire = TcpWire(device)
    return Bench(device, wire, TcpLink(wire.host, wire.port))


@pytest.fixture(params=[serial_bench, usb_bench, tcp_bench], ids=["serial", "usb", "tcp"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    bench: Bench = request.param(tmp_path)
    bench.device.connect(bench.wire)
    yield bench
    bench.stop.set()
    bench.workers.shutdown()
    for driver in bench.drivers:
        driver.close()
        driver.close()
    bench.wire.close()


def failure(act: Callable[[], object], kind: type[StallboxError]) -> StallboxError:
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code.startswith("print")
    assert caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize("confirm", list(Confirm))
def test_a_receipt_is_printed_once_and_confirmed(bench: Bench, confirm: Confirm) -> None:
    driver: Printer = bench.driver(confirm=confirm)
    driver.open()
    driver.print(RECEIPT)
    assert bench.printed() == [1] * 60
    assert bench.device.drawer_pulses == 1
    assert bench.device.paper.unknown == []
    driver.print(RECEIPT)
    assert bench.printed() == [2] * 60


def test_print_returns_only_when_all_is_on_paper(bench: Bench) -> None:
    bench.device.fail_after("cover_open", 40)
    job = bench.start(bench.driver())
    wait_until(lambda: bench.device.fault == "cover_open")
    assert not job.done()
    bench.device.set_fault(None)
    job.result(20)
    assert bench.device.text().rstrip().endswith("-")


@pytest.mark.parametrize(
    ("fault", "paper", "online", "cover_open", "error"),
    [
        (None, Paper.OK, True, False, ""),
        ("paper_near_end", Paper.NEAR_END, True, False, ""),
        ("paper_out", Paper.OUT, False, False, ""),
        ("cover_open", Paper.OK, False, True, ""),
        ("cutter", Paper.OK, False, False, "cutter"),
    ],
)
def test_status(bench: Bench, fault: str | None, paper: Paper, online: bool, cover_open: bool, error: str) -> None:
    bench.device.set_fault(fault)
    status = bench.driver().status()
    assert (status.paper, status.online, status.cover_open, status.error) == (paper, online, cover_open, error)
    assert status.can_print is online


@pytest.mark.parametrize("late", [False, True], ids=["answered", "answered late"])
def test_an_id_that_comes_round_is_not_confirmed_by_its_old_answer(
    bench: Bench, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.drivers.printer.job._process_numbers", itertools.repeat(7))
    driver = bench.driver(QUICK)
    driver.open()
    if late:
        bench.wire.send(b"\x37\x220007\x00")  # a batch of an earlier line is on paper at last
    else:
        driver.print(BILL)
    bench.device.fail_after("paper_out", 20)
    assert failure(lambda: driver.print(BILL), PrintUnsure).code == "printer_paper_out"


def test_status_does_not_wait_for_its_limit(bench: Bench) -> None:
    driver = EscposPrinter(bench.link, Renderer(), answer_limit_s=60)
    bench.drivers.append(driver)
    assert driver.status().can_print  # the test's own time-out is far below 60 s


@pytest.mark.parametrize("fault", ["silent", "stalled", "garbage", "unplugged", "power_lost"])
def test_no_answer_is_never_taken_for_paper(bench: Bench, fault: str) -> None:
    driver = bench.driver()
    assert driver.status().paper is Paper.OK
    bench.device.set_fault(fault)
    failure(driver.status, DeviceLost)
    bench.device.set_fault(None)
    assert driver.status().can_print


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("paper_out", "printer_paper_out"),
        ("cover_open", "printer_cover_open"),
        ("cutter", "printer_error"),
        ("silent", "printer_silent"),
        ("stalled", "printer_silent"),
        ("garbage", "printer_garbled"),
        ("unplugged", "printer_lost"),
        ("power_lost", "printer_silent"),
    ],
)
def test_a_fault_before_the_job_sends_nothing(bench: Bench, fault: str, code: str) -> None:
    driver = bench.driver()
    bench.device.set_fault(fault)
    assert failure(lambda: driver.print(RECEIPT), PrinterNotReady).code == code
    bench.device.set_fault(None)
    driver.print(RECEIPT)
    assert bench.printed() == [1] * 60


def test_near_the_end_of_its_paper_it_prints(bench: Bench) -> None:
    bench.device.set_fault("paper_near_end")
    bench.driver(confirm="gs_r").print(RECEIPT)
    assert bench.printed() == [1] * 60


@pytest.mark.parametrize("fault", ["paper_out", "cover_open", "cutter"])
@pytest.mark.parametrize("confirm", list(Confirm))
def test_a_job_goes_on_where_it_stopped_once_a_person_saw_to_it(bench: Bench, fault: str, confirm: Confirm) -> None:
    bench.device.fail_after(fault, 700)
    job = bench.start(bench.driver(confirm=confirm))
    wait_until(lambda: bench.device.fault == fault)
    bench.device.set_fault(None)
    job.result(20)
    assert bench.printed() == [1] * 60
    assert bench.device.drawer_pulses == 1


def test_a_silence_shorter_than_its_limit_is_survived(bench: Bench) -> None:
    looks = threading.Semaphore(0)

    def stopping() -> bool:
        looks.release()
        return False

    driver = EscposPrinter(bench.link, Renderer(), limits=PATIENT, answer_limit_s=0.2, stopping=stopping)
    bench.drivers.append(driver)
    bench.device.fail_after("stalled", 700)
    job = bench.start(driver)
    wait_until(lambda: bench.device.fault == "stalled")
    for _ in range(10):
        assert looks.acquire(timeout=10)
    assert not job.done()
    bench.device.set_fault(None)
    job.result(20)
    assert bench.printed() == [1] * 60


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("paper_out", "printer_paper_out"),
        ("cover_open", "printer_cover_open"),
        ("silent", "printer_silent"),
        ("stalled", "printer_silent"),
        ("garbage", "printer_garbled"),
        ("power_lost", "printer_silent"),
    ],
)
def test_a_fault_in_mid_job_that_stays_is_unsure(bench: Bench, fault: str, code: str) -> None:
    bench.device.fail_after(fault, 700)
    error = failure(lambda: bench.driver(QUICK).print(RECEIPT), PrintUnsure)
    assert error.code == code
    assert "paper" in error.message


def test_unplugged_in_mid_job_is_unsure_and_the_next_job_is_printed_once(bench: Bench) -> None:
    bench.device.fail_after("paper_out", 700)
    driver = bench.driver()
    job = bench.start(driver)
    wait_until(lambda: bench.device.fault == "paper_out")
    bench.device.set_fault("unplugged")
    assert failure(lambda: job.result(20), PrintUnsure).code == "printer_lost"
    failure(lambda: driver.print(RECEIPT), PrinterNotReady)
    bench.device.set_fault("power_lost")
    bench.device.set_fault(None)  # plugged in and switched on again
    before = bench.printed()
    driver.print(RECEIPT)
    assert [now - then for now, then in zip(bench.printed(), before, strict=True)] == [1] * 60


def test_power_lost_and_back_in_mid_job_is_unsure(bench: Bench) -> None:
    bench.device.fail_after("paper_out", 700)
    job = bench.start(bench.driver(Limits(patience_s=60, confirm_limit_s=0.3, silence_limit_s=60, poll_s=0.02)))
    wait_until(lambda: bench.device.fault == "paper_out")
    bench.device.set_fault("power_lost")
    bench.device.set_fault(None)
    assert failure(lambda: job.result(20), PrintUnsure).code == "printer_unconfirmed"
    assert max(bench.printed()) == 1
    assert min(bench.printed()) == 0


def test_a_stop_ends_the_wait_for_paper(bench: Bench) -> None:
    bench.device.fail_after("paper_out", 700)
    job = bench.start(bench.driver())
    wait_until(lambda: bench.device.fault == "paper_out")
    bench.stop.set()
    assert failure(lambda: job.result(20), PrintUnsure).code == "print_stopped"


def test_a_stop_before_the_first_byte_leaves_the_job_whole(bench: Bench) -> None:
    bench.stop.set()
    assert failure(lambda: bench.driver().print(RECEIPT), PrinterNotReady).code == "print_stopped"
    assert bench.device.text() == ""


def test_a_stalled_line_never_blocks_a_write(bench: Bench) -> None:
    bench.device.set_fault("stalled")
    bench.link.open()
    sent = 0
    while sent < 50_000_000 and (taken := bench.link.send(b"x" * 65536, 0.05)):
        sent += taken
    assert sent < 50_000_000
    start = time.monotonic()
    bench.link.close()
    assert time.monotonic() - start < 5  # a real port would wait 30 s for what it holds
    bench.device.set_fault(None)


def answers(driver: Printer) -> bool:
    try:
        return driver.status().can_print
    except DeviceLost:
        return False


@pytest.mark.parametrize("bench", [serial_bench, tcp_bench], ids=["serial", "tcp"], indirect=True)
def test_what_a_closed_line_still_held_never_comes_out(bench: Bench) -> None:
    bench.device.set_fault("stalled")
    bench.link.open()
    sent = 0
    while taken := bench.link.send(b"ghost\n" * 1000, 0.05):
        sent += taken
    bench.link.close()
    bench.device.set_fault(None)
    driver = bench.driver()
    wait_until(lambda: answers(driver))  # it is still busy with what had reached it
    driver.print(Document((Text("hello"),)))
    # Only what had reached the far side already: a pty's reader holds up to 4 KiB.
    assert bench.device.text().endswith("hello\n")
    assert sent > 8192
    assert len(bench.device.raw()) < 4096 + 100


def test_a_network_printer_that_hung_up_is_dialled_again(tmp_path: Path) -> None:
    bench = tcp_bench(tmp_path)
    driver = bench.driver()
    try:
        assert driver.status().can_print
        bench.wire.unplug()
        bench.wire.plug()
        assert driver.status().can_print
    finally:
        driver.close()
        bench.wire.close()


def test_a_second_program_is_kept_off_a_serial_printer(tmp_path: Path) -> None:
    bench = serial_bench(tmp_path)
    other = SerialLink(bench.wire.path)
    try:
        bench.link.open()
        failure(other.open, DeviceLost)
    finally:
        other.close()
        bench.link.close()
        bench.wire.close()


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("/dev/serial/by-id/usb-EPSON", SerialLink),
        ("/tmp/printer", SerialLink),
        ("/dev/usb/lp0", UsbLink),
        ("tcp://printer.local", TcpLink),
        ("tcp://192.0.2.7:9101", TcpLink),
    ],
)
def test_a_line_by_its_address(url: str, kind: type) -> None:
    assert isinstance(open_link(url), kind)


@pytest.mark.parametrize("url", ["", "usb", "http://printer", "tcp://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="tcp://host:9100"):
        open_link(url)


@pytest.mark.parametrize("url", ["/dev/no-such-printer", "/dev/usb/lp99", "tcp://127.0.0.1:1"])
def test_a_printer_that_never_was(url: str) -> None:
    driver = EscposPrinter(open_link(url), Renderer())
    assert failure(driver.open, DeviceLost).code == "printer_lost"
    failure(lambda: driver.print(RECEIPT), PrinterNotReady)
    driver.close()


def test_absent_is_a_printer_too() -> None:
    driver: Printer = AbsentPrinter()
    driver.open()
    assert not driver.status().can_print
    assert failure(lambda: driver.print(RECEIPT), PrinterNotReady).code == "printer_absent"
    driver.close()
