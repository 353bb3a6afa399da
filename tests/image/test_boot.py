"""The built card, booted and used from outside as a person would. `make image-test` runs it; it takes a while."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import __version__
from appliance.sim.victron import VictronProduct
from tests.brokers import Mosquitto
from tests.collector import Collector
from tests.image.card import CARD_BYTES, Card
from tests.image.machine import Machine
from tests.image.recipe import SOURCE
from tests.image.staff import Staff

pytestmark = [pytest.mark.image, pytest.mark.timeout(3600)]
REPORT = (
    r"stallbox: (\S+) slot (\w), root ([\w-]+), data (\S+), failed units: (.*), memory used (\d+) MB, up ([\d.]+) s"
)
EVENTS = SOURCE / "config/events"
TICKET = "STREET-GOOD-1"
BROKER = "10.0.3.100"  # a machine at the far end of the second cable
# Two adapters of one make hang on the box: which is which is said by their serial numbers.
SETTINGS = f"""\
[box]
id = "box"
fleet = "fleet"

[printer]
port = "/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_PAPER-if00-port0"

[battery]
driver = "victron"
port = "/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_SOLAR-if00-port0"

[uplink]
enabled = true
url = "mqtt://{BROKER}:1883"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("machine")


@pytest.fixture(scope="module")
def broker(folder: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(folder / "broker").start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def collector(broker: Mosquitto) -> Iterator[Collector]:
    with Collector(broker.port) as made:
        yield made


@pytest.fixture(scope="module")
def solar(folder: Path) -> Iterator[VictronProduct]:
    made = VictronProduct(folder / "solar")
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def machine(folder: Path, broker: Mosquitto, collector: Collector, solar: VictronProduct) -> Iterator[Machine]:
    """Return a box that was switched on with a new card, which its owner had prepared at home.

    Its first cable is the stall's. On a second one there is nothing but a broker; on a second serial adapter a
    battery monitor.
    """
    card = Card(folder / "card.img")
    # A stall whose tablets hang on a cable; a name in curly quotes, line ends of Windows, a mistake, a password.
    card.write(
        "stallbox.txt",
        "\ufeffcountry = UK\r\nwifi_name = “Night market”\r\nwifi_password = lanterns 4 all\r\ncable = stall\r\n",
    )
    event = folder / "event"
    event.mkdir()
    for name in ("street-series.toml", "street-series-tickets.csv"):
        shutil.copy(EVENTS / name, event)
    card.put(event, "event")
    card.write("settings.toml", SETTINGS)
    relay = f"{sys.executable} {Path(__file__).with_name('relay.py')} {broker.port}"
    more = [
        "-netdev", f"user,id=up,net=10.0.3.0/24,restrict=on,guestfwd=tcp:{BROKER}:1883-cmd:{relay}",
        "-device", "virtio-net-pci,netdev=up,romfile=",
        "-chardev", f"serial,id=solar,path={folder / 'solar'}", "-device", "usb-serial,chardev=solar,serial=SOLAR",
    ]  # fmt: skip
    made = Machine(folder / "first", card, memory_mb=512, more=more)  # as little as a Zero 2 W has
    made.power_on()
    yield made
    made.pull_the_plug()


@pytest.fixture(scope="module")
def staff(machine: Machine) -> Staff:
    """Sign in once the box is up and has told its PIN."""
    machine.wait(lambda: machine.get("/healthz")[0] == 200, "healthy box")
    machine.wait(lambda: "What the lights say" in machine.paper(), "hello slip")
    return Staff(machine)


def test_it_starts_from_slot_a_with_nothing_failed(machine: Machine) -> None:
    machine.wait_for("stallbox: starting slot A")
    report = machine.wait_for(REPORT)
    version, *how, _, _ = report.groups()
    assert how == ["A", "read-only", "/dev/vda7", "none"]
    assert version == __version__


def test_the_data_partition_grew_to_the_card_and_the_boot_rom_still_finds_its_own(machine: Machine) -> None:
    machine.wait_for(REPORT)
    card = machine.card
    _, size = card.find_partitions()["data"]
    assert size > 0.8 * (CARD_BYTES - card.partitions["data"][0])
    assert 0x0C in {card.head(512)[446 + 16 * number + 4] for number in range(4)}  # FAT32 in the hybrid MBR


def test_nobody_is_offered_a_shell(machine: Machine) -> None:
    machine.wait_for(REPORT)
    assert "login:" not in machine.log
    assert "root@" not in machine.log


def test_the_hello_slip_comes_out_of_the_printer(machine: Machine) -> None:
    machine.wait(lambda: "What the lights say" in machine.paper(), "hello slip")
    paper = machine.paper()
    assert re.search(r"Name +Night market", paper)
    assert re.search(r"Password +lanterns 4 all", paper)
    assert re.search(r"Staff PIN +\d{6}", paper)
    assert re.search(r"Owner PIN +\d{6}", paper)
    assert "country is not UK: write GB" in paper


def test_the_card_tells_the_mistake_and_no_longer_the_password(machine: Machine) -> None:
    machine.wait_for(REPORT)
    text = machine.card.read("stallbox.txt")
    assert "# ^ country is not UK: write GB\r\n" in text
    assert "lanterns" not in text


def test_the_kiosk_answers(machine: Machine) -> None:
    machine.wait(lambda: machine.get("/healthz")[0] == 200, "healthy box")
    status, page = machine.get("/")
    assert status == 200
    assert "Street" in page


def test_a_phone_is_led_to_the_kiosk(machine: Machine) -> None:
    machine.wait(lambda: machine.get("/healthz")[0] == 200, "healthy box")
    status, page = machine.get("/join")
    assert (status, "http://stall.box" in page) == (200, True)


def test_a_ticket_that_is_scanned_gets_its_verdict(machine: Machine, staff: Staff) -> None:
    machine.wait(lambda: staff.device("scanner.door") == "ready", "scanner")
    machine.type(f"{TICKET}\n")
    machine.wait(lambda: "door" in staff.state()["scans"], "verdict")
    scan = staff.state()["scans"]["door"]
    assert (scan["kind"], scan["ticket_type"]) == ("ticket", "Workshop corner")


def test_an_order_is_paid_and_its_receipt_comes_out(machine: Machine, staff: Staff) -> None:
    number = staff.sell("cup")
    machine.wait(lambda: f"Receipt {number}" in machine.paper(), "receipt")


def test_a_pulled_cable_holds_up_no_sale_and_its_receipt_comes_once(machine: Machine, staff: Staff) -> None:
    machine.wait(lambda: staff.device("printer") == "ready", "printer")
    machine.cable.unplug()
    machine.wait(lambda: staff.device("printer") == "offline", "word that the printer is gone")
    numbers = [staff.sell("cup"), staff.sell("print-a4")]
    assert machine.get("/healthz")[0] == 200
    machine.cable.plug()
    machine.wait(lambda: all(f"Receipt {number}" in machine.paper() for number in numbers), "receipts")
    machine.wait(lambda: staff.device("printer") == "ready", "printer")
    assert [machine.paper().count(f"Receipt {number}\n") + machine.paper().count(f"Receipt {number} ")
            for number in numbers] == [1, 1]  # fmt: skip


def test_the_battery_monitor_is_read(machine: Machine, staff: Staff, solar: VictronProduct) -> None:
    solar.set(charge_pct=61)
    machine.wait(lambda: staff.state()["battery"].get("charge_pct") == 61, "charge of the battery")


def test_every_entry_reaches_the_broker_once(machine: Machine, staff: Staff, collector: Collector) -> None:
    number = staff.sell("cup")
    machine.wait(
        lambda: any(
            event["type"] == "app.stallbox.sale.completed.v1" and str(event["data"].get("number")) == number
            for event in collector.stored.values()
        ),
        "sale at the collector",
    )
    sales = [event for event in collector.stored.values() if event["type"] == "app.stallbox.sale.completed.v1"]
    assert len({event["id"] for event in sales}) == len(sales) == 4
    assert collector.seqs == list(range(1, len(collector.seqs) + 1))
    assert staff.device("uplink") == "ready"


def test_memory_is_left_for_the_smallest_board_while_a_kiosk_is_open(machine: Machine, staff: Staff) -> None:
    for page in ("/", "/staff", "/join", *["/api/v1/state"] * 50):
        assert machine.get(page)[0] == 200
    assert machine.memory_used_mb() < 200


def test_it_starts_again_with_its_event_and_without_writing_to_the_slots_state(machine: Machine, staff: Staff) -> None:
    staff.sell("cup")
    before, last_s = machine.card.raw_state(), machine.clock_s()
    machine.pull_the_plug()
    machine.power_on(clock="1970-01-01")
    report = machine.wait_for(REPORT)
    assert report[5] == "none"
    assert machine.card.raw_state() == before
    machine.wait(lambda: machine.get("/healthz")[0] == 200, "healthy box with its event")
    assert machine.paper().count("HELLO") == 1
    # Its clock shows 1970: the newest entry of the journal is what the box knows of the time.
    assert machine.clock_s() > last_s - 60


@pytest.mark.parametrize("broken", ["kernel", "root"])
def test_a_broken_update_falls_back_by_itself(folder: Path, broken: str) -> None:
    card = Card(folder / f"{broken}.img")
    if broken == "root":
        card.copy_slot()
        card.overwrite("system_b")
    else:
        card.overwrite("boot_b")
    card.trial(tries=2)
    machine = Machine(folder / broken, card)
    machine.power_on()
    try:
        assert machine.wait_for(REPORT, limit_s=1200)[2] == "A"
        assert "slot B is on trial, 1 tries left" in machine.log
        if broken == "root":
            assert "the root of slot B cannot be mounted" in machine.log
            assert card.state()["BOOT_B_LEFT"] == "0"
    finally:
        machine.pull_the_plug()
        card.path.unlink()


def test_data_that_cannot_be_mounted_gets_a_page_and_is_never_formatted(folder: Path) -> None:
    card = Card(folder / "rescue.img")
    begin, _ = card.partitions["data"]
    card.fill("data", b"\x5a")
    machine = Machine(folder / "rescue", card)
    machine.power_on()
    try:
        report = machine.wait_for(REPORT, limit_s=1200)
        assert report[4] == "none"
        machine.wait(lambda: machine.get("/")[0] == 503, "page of the rescue")
        assert "cannot read its data" in machine.get("/")[1]
        with card.path.open("rb") as disk:
            disk.seek(begin)
            assert set(disk.read(2**20)) == {0x5A}
    finally:
        machine.pull_the_plug()
        card.path.unlink()
