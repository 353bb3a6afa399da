"""The built card, booted and used from outside as a person would. `make image-test` runs it; it takes a while."""

from __future__ import annotations

import json
import re
import shutil
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance import __version__
from tests.image.card import CARD_BYTES, Card
from tests.image.machine import Machine
from tests.image.recipe import SOURCE

pytestmark = [pytest.mark.image, pytest.mark.timeout(3600)]
REPORT = (
    r"stallbox: (\S+) slot (\w), root ([\w-]+), data (\S+), failed units: (.*), memory used (\d+) MB, up ([\d.]+) s"
)
EVENTS = SOURCE / "config/events"
TICKET = "STREET-GOOD-1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("machine")


@pytest.fixture(scope="module")
def machine(folder: Path) -> Iterator[Machine]:
    """Return a box that was switched on with a new card, which its owner had prepared at home."""
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
    made = Machine(folder / "first", card, memory_mb=512)  # as little as a Zero 2 W has
    made.power_on()
    yield made
    made.pull_the_plug()


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


def test_a_ticket_that_is_scanned_gets_its_verdict(machine: Machine) -> None:
    machine.wait(lambda: machine.get("/healthz")[0] == 200, "healthy box")
    sign_in(machine, re.search(r"Staff PIN +(\d{6})", machine.paper())[1])  # type: ignore[index]

    def state() -> dict[str, Any]:
        return dict(json.loads(machine.get("/api/v1/state")[1]))

    def is_ready() -> bool:
        return bool(state()["devices"]["scanner.door"]["state"] == "ready")

    machine.wait(is_ready, "scanner")
    machine.type(f"{TICKET}\n")
    machine.wait(lambda: "door" in state()["scans"], "verdict")
    scan = state()["scans"]["door"]
    assert (scan["kind"], scan["ticket_type"]) == ("ticket", "Workshop corner")


def test_it_starts_again_without_writing_to_the_slots_state(machine: Machine) -> None:
    machine.wait_for(REPORT)
    before = machine.card.raw_state()
    machine.pull_the_plug()
    machine.power_on()
    report = machine.wait_for(REPORT)
    assert report[5] == "none"
    assert machine.card.raw_state() == before
    machine.wait(lambda: machine.get("/healthz")[0] == 200, "healthy box with its event")
    assert machine.paper().count("HELLO") == 1


def test_memory_is_left_for_the_smallest_board(machine: Machine) -> None:
    assert int(machine.wait_for(REPORT)[6]) < 200


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


def sign_in(machine: Machine, pin: str) -> None:
    """Sign in on the staff page, as a browser does."""
    token = re.search(r'name="form_token" value="([^"]+)"', machine.get("/staff")[1])
    assert token is not None
    form = urllib.parse.urlencode({"form_token": token[1], "pin": pin}).encode()
    status, _ = machine.ask(urllib.request.Request(machine.url("/staff"), data=form))
    assert status == 200
