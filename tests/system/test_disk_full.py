"""The disk fills up: nothing is sold or admitted, everybody is told why, and with room it all goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.wires import TcpWire
from tests.powercut.host import run
from tests.powercut.marks import POWER_CUT
from tests.system.daemon import Daemon
from tests.system.httpclient import Answer, Http
from tests.system.load import codes, load_stall
from tests.system.smalldisk import SmallDisk
from tests.waiting import wait_until

pytestmark = [pytest.mark.system, *POWER_CUT]
TICKETS = 5
SALE = {"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "card", "amount_minor": 2400}}
# Devices are looked at often, so that whatever their workers write meets the full disk as well.
CONFIG = "[printer]\npoll_s = 0.1\n[battery]\npoll_s = 0.1\n"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path) as disk:
        yield disk


@pytest.fixture
def box(tmp_path: Path, disk: SmallDisk) -> Iterator[Daemon]:
    with Daemon(tmp_path / "box", CONFIG, data=disk.path / "data") as daemon:
        load_stall(daemon, tmp_path, TICKETS)
        daemon.start()
        with daemon.staff() as staff:  # it answers a moment before it has noted its start
            wait_until(lambda: staff.get("/api/v1/state").body["seq"] == 3)
        yield daemon


def sell_until_refused(staff: Http, disk: SmallDisk) -> tuple[int, Answer]:
    """Fill the disk and sell on what SQLite had set aside; return how many sales that were, and the refusal."""
    for count in range(1000):
        disk.fill()
        answer = staff.post("/api/v1/orders", SALE, f"full-{count}")
        if answer.status != 201:
            return count, answer
    raise AssertionError("a full disk stops no sale")


def test_a_full_disk_refuses_clearly_and_loses_nothing(box: Daemon, disk: SmallDisk) -> None:
    with box.staff() as staff:
        sold, refused = sell_until_refused(staff, disk)
        assert (refused.status, refused.error) == (503, "disk_full")
        assert refused.body["error"]["message"].startswith("The disk is full")
        scan = staff.post("/api/v1/scan", {"code": codes(1)[0], "source": "door"})
        assert (scan.status, scan.error) == (503, "disk_full")
        unwell = staff.get("/healthz")
        assert unwell.status == 503
        assert "The disk is full" in unwell.body["reasons"][0]
        assert staff.get("/api/v1/offers").status == 200, "what can be read is still shown"
        assert staff.get("/api/v1/state").body["counts"]["sales"] == sold
        assert box.running
        disk.make_room()
        again = staff.post("/api/v1/orders", SALE, f"full-{sold}")
        assert again.status == 201, "the same request goes through once there is room"
        assert again.body["sale"]["number"] == sold + 1, "the refused sale took no number"
        assert staff.get("/healthz").status == 200
        assert staff.post("/api/v1/scan", {"code": codes(1)[0], "source": "door"}).body["verdict"] == "admit"
        stock = {offer["id"]: offer["stock"] for offer in staff.get("/api/v1/offers").body["offers"]}
        assert stock["cup"] == 100_000 - sold - 1, "the refused sale took nothing from the shelf"
    assert "the journal is whole" in box.done("journal", "verify")
    assert box.stop() == 0, box.errors()
    numbers = [entry["data"]["number"] for entry in box.journal() if entry["kind"] == "sale.completed"]
    assert numbers == list(range(1, sold + 2))


def test_the_box_gets_well_by_itself_once_there_is_room(box: Daemon, disk: SmallDisk) -> None:
    with box.staff() as staff:
        sell_until_refused(staff, disk)
        assert not box.healthy
        disk.make_room()
        wait_until(lambda: box.healthy, 60)
    assert box.stop() == 0, box.errors()


def test_a_box_with_a_full_disk_stops_in_order_and_starts_again(box: Daemon, disk: SmallDisk) -> None:
    with box.staff() as staff:
        sold, _ = sell_until_refused(staff, disk)
    assert box.stop() == 0, box.errors()
    disk.fill()
    refused = box.command("run")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("stallbox: The disk is full"), refused.stderr
    disk.make_room()
    box.start()
    with box.staff() as staff:
        assert staff.post("/api/v1/orders", SALE, "after").body["sale"]["number"] == sold + 1
    assert box.stop() == 0, box.errors()
    assert "the journal is whole" in box.done("journal", "verify")


def test_a_box_that_is_switched_on_with_a_full_disk_stays_up_and_gets_well(box: Daemon, disk: SmallDisk) -> None:
    with box.staff() as staff:
        sold, _ = sell_until_refused(staff, disk)
    box.kill()
    disk.fill()
    box.spawn()
    wait_until(lambda: not box.running or answers(box), 30)
    assert box.running, f"a full disk keeps the box from starting:\n{box.errors()}"
    with box.staff() as staff:
        assert staff.post("/api/v1/orders", SALE, "full").error == "disk_full"
        assert staff.get("/healthz").status == 503
        assert box.running, f"it did not stay up:\n{box.errors()}"
        disk.make_room()
        wait_until(lambda: box.healthy, 60)
        assert staff.post("/api/v1/orders", SALE, "after").body["sale"]["number"] == sold + 1
    wait_until(lambda: [entry["kind"] for entry in box.journal()].count("box.started") == 2, 20)  # noted late
    assert box.stop() == 0, box.errors()
    assert "the journal is whole" in box.done("journal", "verify")


@pytest.fixture
def roomy(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk that is large enough for a reserve."""
    with SmallDisk(tmp_path, size_mib=128) as disk:
        yield disk


def disk_state(staff: Http) -> dict[str, str]:
    return dict(staff.get("/api/v1/state").body["devices"].get("disk", {}))


def test_a_full_disk_that_has_a_reserve_goes_on_selling_and_says_so(tmp_path: Path, roomy: SmallDisk) -> None:
    with Daemon(tmp_path / "box", data=roomy.path / "data") as box:
        load_stall(box, tmp_path, TICKETS)
        box.start()
        reserve = box.data / "reserve"
        wait_until(reserve.exists)
        with box.staff() as staff:
            sold, _ = sell_until_refused(staff, roomy)
            wait_until(lambda: box.healthy, 60)
            assert not reserve.exists()
            assert staff.post("/api/v1/orders", SALE, "on the reserve").body["sale"]["number"] == sold + 1
            wait_until(lambda: "lives on its reserve" in disk_state(staff).get("reason", ""))
        assert box.stop() == 0, box.errors()
        roomy.make_room()
        box.start()
        wait_until(reserve.exists)
        assert box.stop() == 0, box.errors()
        roomy.fill()  # the log and the shared memory are gone with the stop: there is no room to open the store
        box.start()
        assert not reserve.exists()
        with box.staff() as staff:
            assert staff.post("/api/v1/orders", SALE, "after").body["sale"]["number"] == sold + 2
        assert "the journal is whole" in box.done("journal", "verify")


def test_a_disk_that_became_read_only_is_named_and_what_is_there_is_shown(tmp_path: Path, roomy: SmallDisk) -> None:
    with Daemon(tmp_path / "box", data=roomy.path / "data") as box:
        load_stall(box, tmp_path, TICKETS)
        box.start()
        with box.staff() as staff:
            wait_until(lambda: disk_state(staff).get("state") in ("ready", "degraded"))
            run("sh", "-c", f"echo 1 > /sys/fs/ext4/{roomy.device}/trigger_fs_error")  # as ext4 does by itself
            staff.post("/api/v1/orders", SALE, "refused")
            wait_until(lambda: disk_state(staff).get("state") == "offline", 60)
            assert "read-only" in disk_state(staff)["reason"]
            assert staff.get("/api/v1/offers").status == 200
            assert staff.get("/healthz").status == 503


def test_receipts_come_later_and_once_when_the_disk_was_full(tmp_path: Path, disk: SmallDisk) -> None:
    printer = EmulatedPrinter()
    wire = TcpWire(printer)
    config = f'[printer]\ndriver = "escpos"\nport = "tcp://127.0.0.1:{wire.port}"\npoll_s = 0.1\n'
    try:
        with Daemon(tmp_path / "box", config, data=disk.path / "data") as box:
            load_stall(box, tmp_path, TICKETS)
            box.start()
            with box.staff() as staff:
                sold, _ = sell_until_refused(staff, disk)
                disk.make_room()
                assert staff.post("/api/v1/orders", SALE, "after").status == 201
                wait_until(lambda: staff.get("/api/v1/state").body["counts"]["print_queued"] == 0, 60)
                assert staff.get("/api/v1/state").body["counts"]["print_unsure"] == 0
            assert box.stop() == 0, box.errors()
        numbers = [int(number) for number in re.findall(r"Receipt (\d+)", printer.text())]
        assert sorted(numbers) == list(range(1, sold + 2)), "each receipt is on paper, and once"
    finally:
        wire.close()


def answers(box: Daemon) -> bool:
    """Whether the web server is up, however the box is."""
    try:
        with Http(box.address, timeout_s=5) as http:
            return http.get("/healthz").status in (200, 503)
    except OSError:
        return False
