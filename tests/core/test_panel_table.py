"""The table of lights: what is printed is what is shown."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.commands.panel import card_page
from appliance.core.devices import Blink, DeviceState, Health, Lamp
from appliance.core.panel import LIGHTS, Press, device_lamps, fault_lamps, lamps_for, press_of, table
from appliance.core.power import PowerState
from appliance.core.verdict import CodeKind, Decision, Verdict

ROOT = Path(__file__).parents[2]


def known(lamps: dict[Lamp, Blink]) -> bool:
    """Whether each lamp that is lit does what some row of the table says of it."""
    rows = {(lamp, blink) for light in LIGHTS.values() for lamp, blink in light.lamps.items()}
    return {(lamp, blink) for lamp, blink in lamps.items() if blink is not Blink.OFF} <= rows


def test_every_row_can_be_told_from_the_others() -> None:
    shown = [tuple(sorted(light.lamps.items())) for light in LIGHTS.values()]
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize(
    ("state", "charging", "lost"), list(itertools.product(PowerState, (False, True), (False, True)))
)
def test_power_lamps_are_in_the_table(state: PowerState, charging: bool, lost: bool) -> None:
    assert known(dict(lamps_for(state, charging, lost)))


@given(st.sampled_from(Health), st.sampled_from(Health), st.sampled_from(PowerState))
def test_device_lamps_are_in_the_table(printer: Health, uplink: Health, state: PowerState) -> None:
    devices = [DeviceState("printer", "printer", "escpos", printer), DeviceState("uplink", "uplink", "mqtt", uplink)]
    assert known(dict(device_lamps(devices, state)))


@pytest.mark.parametrize(("decision", "row"), [(Decision.ADMIT, "admit"), (Decision.REFUSE, "refuse")])
def test_verdicts_light_and_sound_as_the_table_says(decision: Decision, row: str) -> None:
    card = Verdict(decision, CodeKind.TICKET, "Title", "Message.").card
    assert (LIGHTS[row].lamps, LIGHTS[row].sound) == ({Lamp.STATUS: card.light}, card.sound)


def test_a_crash_looks_like_nothing_that_a_living_box_shows() -> None:
    fault = dict(fault_lamps())
    assert {lamp for lamp, blink in fault.items() if blink is Blink.FAST} == {Lamp.RED, Lamp.STATUS}
    assert set(fault) == set(Lamp)


def test_readme_has_the_table() -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## What the lights say\n")[1].split("\n## ")[0]
    rows = [tuple(cell.strip() for cell in line.split("|")[1:4]) for line in section.splitlines() if line[:1] == "|"]
    assert rows[2:] == list(table())


def test_the_card_has_every_row() -> None:
    page = card_page()
    assert all(means in page and advice in page for _, means, advice in table())
    assert page.count("<tr>") == len(table())


@pytest.mark.parametrize(
    ("held_s", "press"),
    [(0.05, Press.SLIP), (2.9, Press.SLIP), (3, Press.SHUTDOWN), (9.9, Press.SHUTDOWN), (10, Press.PIN)],
)
def test_a_press_means_by_its_length(held_s: float, press: Press) -> None:
    assert press_of(held_s) is press


def test_a_note_never_lights_the_lamp_that_lets_people_in() -> None:
    note = Verdict(Decision.INFO, CodeKind.VOUCHER, "Voucher", "A voucher: 50 % off at the till.")
    assert note.card.light is Blink.OFF
    assert Verdict(Decision.ADMIT, CodeKind.TICKET, "Welcome", "Valid.").card.light is Blink.ON
