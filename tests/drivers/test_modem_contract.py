"""What a modem owes the box: the real driver on the emulated modem's wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.core.devices import Health
from appliance.core.errors import DeviceLost
from appliance.core.modem import ModemStatus, Network, Sim, SmsRefused, SmsUnsure, modem_condition
from appliance.core.sms.parts import parts_of
from appliance.core.sms.pdu import Outcome, Report
from appliance.drivers.modem.gsm import GsmModem
from appliance.sim.modem import EmulatedModem
from tests.waiting import wait_until

NUMBER = "+491705550123"
READY = ModemStatus(Sim.READY, Network.HOME, -71)


@pytest.fixture
def far(tmp_path: Path) -> Iterator[EmulatedModem]:
    modem = EmulatedModem(tmp_path / "modem")
    yield modem
    modem.close()


@pytest.fixture
def near(far: EmulatedModem, tmp_path: Path) -> Iterator[GsmModem]:
    modem = driver(tmp_path)
    modem.open()
    yield modem
    modem.close()


def driver(folder: Path, pin: str = "") -> GsmModem:
    return GsmModem(str(folder / "modem"), pin=pin, answer_limit_s=2.0, send_limit_s=2.0)


def send(modem: GsmModem, text: str) -> list[int]:
    return [modem.send(NUMBER, part) for part in parts_of(text, 9)]


def reports(modem: GsmModem, count: int = 1) -> list[Report]:
    found: list[Report] = []
    wait_until(lambda: found.extend(modem.reports(0.05)) or len(found) >= count)
    return found


def test_a_message_reaches_the_network_and_is_reported(far: EmulatedModem, near: GsmModem) -> None:
    assert near.status() == READY
    (reference,) = send(near, "Receipt 17: 12,00 €")
    assert [(one.number, one.text) for one in far.messages] == [(NUMBER, "Receipt 17: 12,00 €")]
    assert reports(near) == [Report(reference, NUMBER, Outcome.DELIVERED)]


def test_reports_that_the_modem_keeps_are_fetched(far: EmulatedModem, near: GsmModem) -> None:
    far.keeps_reports = True
    (reference,) = send(near, "hello")
    assert reports(near) == [Report(reference, NUMBER, Outcome.DELIVERED)]


def test_a_long_message_goes_in_parts_with_references_of_their_own(far: EmulatedModem, near: GsmModem) -> None:
    text = "Ł" + "long " * 40
    references = send(near, text)
    assert "".join(one.text for one in far.messages) == text
    assert len(set(references)) == len(references) == 3
    assert {report.reference for report in reports(near, 3)} == set(references)


def test_what_comes_unasked_in_the_middle_is_no_answer(far: EmulatedModem, near: GsmModem) -> None:
    far.say(b'\r\nRING\r\n\r\n+CMTI: "SM",3\r\n\r\n^RSSI: 12\r\n')
    assert near.status() == READY
    assert send(near, "hello")


@pytest.mark.parametrize(
    ("fault", "sim", "network", "health"),
    [
        ("no_sim", Sim.MISSING, Network.NONE, Health.OFFLINE),
        ("pin", Sim.PIN_NEEDED, Network.NONE, Health.OFFLINE),
        ("no_network", Sim.READY, Network.SEARCHING, Health.DEGRADED),
        ("slow", Sim.READY, Network.HOME, Health.READY),
    ],
)
def test_a_modem_that_answers_says_what_is_missing(
    far: EmulatedModem, near: GsmModem, fault: str, sim: Sim, network: Network, health: Health
) -> None:
    far.fail(fault)
    status = near.status()
    assert (status.sim, status.network) == (sim, network)
    condition = modem_condition(status)
    assert condition.health is health
    assert bool(condition.reason and condition.advice) is (health is not Health.READY)
    far.fail(None)
    assert near.status() == READY


@pytest.mark.parametrize(("pin", "sim"), [("1234", Sim.READY), ("9999", Sim.PIN_WRONG)])
def test_the_pin_opens_the_card_and_a_wrong_one_is_tried_once(
    far: EmulatedModem, tmp_path: Path, pin: str, sim: Sim
) -> None:
    far.fail("pin")
    modem = driver(tmp_path, pin)
    for _ in range(3):
        modem.open()
        assert modem.status().sim is sim
    modem.close()
    assert far.pins_tried == 1  # after the third wrong one a card is locked


@pytest.mark.parametrize(("fault", "temporary"), [("nak", True), ("barred", False), ("no_network", True)])
def test_a_refused_message_was_not_sent(far: EmulatedModem, near: GsmModem, fault: str, temporary: bool) -> None:
    far.fail(fault)
    with pytest.raises(SmsRefused) as refused:
        send(near, "hello")
    assert refused.value.temporary is temporary
    assert far.messages == []
    far.fail(None)
    assert send(near, "hello")


def test_a_message_without_answer_is_unsure_and_was_sent_once(far: EmulatedModem, near: GsmModem) -> None:
    far.fail("no_answer")
    with pytest.raises(SmsUnsure):
        send(near, "hello")
    assert len(far.messages) == 1
    far.fail(None)
    near.close()
    near.open()
    assert near.status() == READY
    assert len(far.messages) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [("silent", "modem_silent"), ("garbage", "modem_silent"), ("half", "modem_silent"), ("unplugged", "no_modem")],
)
def test_a_fault_loses_the_modem_sends_nothing_and_its_end_brings_it_back(
    far: EmulatedModem, near: GsmModem, fault: str, code: str
) -> None:
    near.status()
    far.fail(fault)
    with pytest.raises(DeviceLost) as lost:
        send(near, "hello")
    assert lost.value.code == code
    assert lost.value.message.endswith(".")
    assert lost.value.advice
    assert far.messages == []
    far.fail(None)
    near.close()
    near.open()
    assert near.status() == READY
    assert send(near, "again")
    assert [one.text for one in far.messages] == ["again"]


def test_a_line_that_rings_without_end_is_no_modem_and_one_that_stops_is(far: EmulatedModem, near: GsmModem) -> None:
    near.status()
    far.fail("flood")
    far.fail(None)
    wait_until(lambda: _works(near))


def _works(modem: GsmModem) -> bool:
    try:
        return modem.status() == READY
    except DeviceLost:
        modem.close()
        modem.open()
        return False


def test_a_report_that_tells_of_a_telephone_that_is_off(far: EmulatedModem, near: GsmModem) -> None:
    far.fail("undelivered")
    send(near, "hello")
    assert [report.outcome for report in reports(near)] == [Outcome.FAILED]


def test_a_stop_ends_a_long_wait(far: EmulatedModem, tmp_path: Path) -> None:
    stop: list[bool] = []
    modem = GsmModem(str(tmp_path / "modem"), stopping=lambda: bool(stop), send_limit_s=600)
    modem.open()
    modem.status()
    far.fail("no_answer")
    stop_at_submit, feed = stop.append, far.feed
    far.feed = lambda data: (stop_at_submit(True) if b"\x1a" in data else None, feed(data))[1]  # type: ignore[method-assign]
    with pytest.raises(SmsUnsure):
        send(modem, "hello")
    modem.close()


def test_absent_at_the_start_is_a_sentence_and_only_one_holds_the_line(near: GsmModem, tmp_path: Path) -> None:
    with pytest.raises(DeviceLost, match="no modem"):
        GsmModem(str(tmp_path / "nothing")).open()
    with pytest.raises(DeviceLost, match="another program"):
        driver(tmp_path).open()
