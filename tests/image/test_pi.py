"""The same card in a Raspberry Pi 3, as far as QEMU has one: SD card, USB, and lamps on the pins."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest

from appliance.config import PanelSettings
from tests.image.card import Card
from tests.image.pi import Pi
from tests.image.test_boot import EVENTS, REPORT, TICKET

pytestmark = [pytest.mark.image, pytest.mark.timeout(3600)]
PINS = PanelSettings()
LAMPS = (PINS.green_pin, PINS.amber_pin, PINS.red_pin, PINS.status_pin)
START_S = 1500  # four emulated cores


@pytest.fixture(scope="module")
def pi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pi]:
    folder = tmp_path_factory.mktemp("pi")
    card = Card(folder / "card.img")
    event = folder / "event"
    event.mkdir()
    for name in ("street-series.toml", "street-series-tickets.csv"):
        shutil.copy(EVENTS / name, event)
    card.put(event, "event")
    (folder / "board").mkdir()
    made = Pi(folder / "board", card, PINS.button_pin)
    made.power_on()
    yield made
    made.pull_the_plug()


def told(paper: str, what: str) -> str:
    """Return what the newest slip says of something."""
    return re.findall(rf"{what} +(\S+)", paper)[-1]


def test_it_starts_from_its_sd_card_with_nothing_failed(pi: Pi) -> None:
    report = pi.wait_for(REPORT, START_S)
    assert report.groups()[1:5] == ("A", "read-only", "/dev/mmcblk0p7", "none")


def test_the_hello_slip_comes_out_of_the_printer(pi: Pi) -> None:
    pi.wait(lambda: "What the lights say" in pi.paper(), "hello slip", START_S)
    assert pi.paper().count("HELLO") == 1


def test_the_green_lamp_says_that_all_is_well(pi: Pi) -> None:
    pi.wait(lambda: all(pi.is_output(pin) for pin in (*LAMPS, PINS.buzzer_pin)), "lamps")
    assert not pi.is_output(PINS.button_pin)
    pi.wait(lambda: [pi.is_high(pin) for pin in LAMPS] == [True, False, False, False], "green lamp alone")


def test_a_ticket_that_is_scanned_lights_its_lamp(pi: Pi) -> None:
    def is_lit() -> bool:
        return pi.is_high(PINS.status_pin)

    assert not is_lit()
    pi.type(f"{TICKET}\n")
    pi.wait(is_lit, "status lamp", 120)


def test_the_button_held_at_power_on_draws_password_and_pins_anew(pi: Pi) -> None:
    before = [told(pi.paper(), what) for what in ("Password", "Staff PIN", "Owner PIN")]
    pi.pull_the_plug()
    pi.button_is_held = True
    pi.power_on()
    pi.wait(lambda: pi.paper().count("What the lights say") == 2, "second hello slip", START_S)
    after = [told(pi.paper(), what) for what in ("Password", "Staff PIN", "Owner PIN")]
    assert not set(before) & set(after)
