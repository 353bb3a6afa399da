"""The queue of text messages: real desk, real store, the real driver on the emulated modem's wire."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.core.clock import timestamp
from appliance.core.devices import Health
from appliance.core.errors import DeviceLost, Refusal
from appliance.core.sms.message import MAX_TRIES, SmsMessage, SmsRules, SmsStatus
from appliance.drivers.modem.gsm import GsmModem
from appliance.services import privacy, sms
from appliance.services.stations import SmsStation
from appliance.sim.modem import EmulatedModem
from tests.books import Box
from tests.waiting import wait_until

NUMBER = "+491705550123"
RULES = SmsRules(True, "DE", 2, 3, 24)


@pytest.fixture
def far(tmp_path: Path) -> Iterator[EmulatedModem]:
    modem = EmulatedModem(tmp_path / "modem")
    yield modem
    modem.close()


@pytest.fixture
def near(far: EmulatedModem, tmp_path: Path) -> Iterator[GsmModem]:
    modem = GsmModem(str(tmp_path / "modem"), answer_limit_s=0.4, send_limit_s=0.4)
    modem.open()
    yield modem
    modem.close()


def station(box: Box) -> SmsStation:
    return SmsStation(box.desk, look_s=0, wait_s=0.01)


def ask(box: Box, sale: int, number: str = NUMBER, order: str | None = None) -> SmsMessage:
    return box.submit(lambda books: sms.text_receipt(books, RULES, sale, number, order))


def message(box: Box, id: int = 1) -> SmsMessage:
    with box.reading() as books:
        found = books.sms.get(id)
    assert found is not None
    return found


def refusal(box: Box, *args: object) -> str:
    with pytest.raises(Refusal) as refused:
        ask(box, *args)  # type: ignore[arg-type]
    return refused.value.code


def kinds(box: Box) -> list[str]:
    with box.reading() as books:
        return [entry.kind for entry in books.journal.all() if entry.kind.startswith("sms.")]


def test_a_receipt_is_sent_once_and_delivered(box: Box, far: EmulatedModem, near: GsmModem) -> None:
    sale = box.sell(("cup", 1))
    asked = ask(box, sale.number, "0170 5550123")
    assert (asked.status, asked.parts, asked.number) == (SmsStatus.QUEUED, 1, NUMBER)
    works = station(box)
    wait_until(lambda: works.step(near) and message(box).status is SmsStatus.DELIVERED)
    (sent,) = far.messages
    assert sent.number == NUMBER
    assert f"receipt {sale.number}, total 24.00 USD." in sent.text
    assert kinds(box) == ["sms.queued", "sms.sent", "sms.delivered"]
    journal = str(box.entries())
    assert NUMBER[3:] not in journal
    assert sent.text not in journal


def test_a_guest_gets_one_receipt_of_the_own_sale_and_guests_some_an_hour(box: Box) -> None:
    sales = [box.sell(("cup", 1)) for _ in range(5)]
    first = sales[0]
    assert refusal(box, first.number, NUMBER, "") == "not_your_sale"
    assert refusal(box, first.number, NUMBER, sales[1].order_id) == "not_your_sale"
    assert refusal(box, 99, NUMBER, first.order_id) == "not_your_sale"
    assert ask(box, first.number, NUMBER, first.order_id).by_guest
    assert refusal(box, first.number, NUMBER, first.order_id) == "sms_sent_already"
    for sale in sales[1:3]:
        ask(box, sale.number, NUMBER, sale.order_id)
    assert refusal(box, sales[3].number, NUMBER, sales[3].order_id) == "too_many_sms"
    ask(box, first.number)  # staff may
    box.clock.advance(3601)
    ask(box, sales[3].number, NUMBER, sales[3].order_id)


def test_what_is_refused_leaves_nothing(box: Box) -> None:
    sale = box.sell(("cup", 1))
    assert refusal(box, 99) == "sale_unknown"
    assert refusal(box, sale.number, "12") == "number_wrong"
    with pytest.raises(Refusal, match="no modem"):
        box.submit(lambda books: sms.text_receipt(books, SmsRules(), sale.number, NUMBER))
    with box.reading() as books:
        assert books.sms.newest(9) == []
    assert kinds(box) == []


def test_a_temporary_refusal_is_tried_later_and_later_then_given_up(
    box: Box, far: EmulatedModem, near: GsmModem
) -> None:
    ask(box, box.sell(("cup", 1)).number)
    works = station(box)
    far.fail("nak")
    waits = []
    for tries in range(1, MAX_TRIES + 1):
        works.step(near)
        now = message(box)
        if tries == MAX_TRIES:
            break
        assert (now.status, now.tries, far.messages) == (SmsStatus.QUEUED, tries, [])
        works.step(near)  # not before its time
        assert message(box).tries == tries
        before = box.clock.at
        while timestamp(box.clock.at) < now.next_try_at:
            box.clock.advance(30)
        waits.append((box.clock.at - before).total_seconds())
    assert message(box).status is SmsStatus.FAILED
    assert waits[:4] == [30, 60, 120, 240]
    assert max(waits) == 1800
    assert kinds(box) == ["sms.queued", "sms.failed"]


def test_a_final_refusal_is_final(box: Box, far: EmulatedModem, near: GsmModem) -> None:
    ask(box, box.sell(("cup", 1)).number)
    far.fail("barred")
    station(box).step(near)
    assert message(box).status is SmsStatus.FAILED


def test_a_message_whose_answer_never_came_is_unsure_and_not_sent_again(
    box: Box, far: EmulatedModem, near: GsmModem
) -> None:
    ask(box, box.sell(("cup", 1)).number)
    far.fail("no_answer")
    works = station(box)
    works.step(near)
    far.fail(None)
    for _ in range(3):
        box.clock.advance(3600)
        works.step(near)
    assert message(box).status is SmsStatus.UNSURE
    assert len(far.messages) == 1


def test_a_power_cut_between_hand_over_and_answer_leaves_it_unsure(
    box: Box, far: EmulatedModem, near: GsmModem
) -> None:
    ask(box, box.sell(("cup", 1)).number)
    box.submit(sms.claim_next)  # on the disk; then the power goes
    box.restart()
    works = station(box)
    for _ in range(3):
        works.step(near)
        box.clock.advance(3600)
    assert message(box).status is SmsStatus.UNSURE
    assert far.messages == []
    assert kinds(box) == ["sms.queued", "sms.unsure"]


def test_a_lost_modem_costs_no_try_and_a_long_message_goes_on_where_it_was(
    box: Box, far: EmulatedModem, near: GsmModem
) -> None:
    text = "long " * 80
    box.submit(lambda books: sms.queue(books, NUMBER, text))
    works = station(box)
    feed, submits = far.feed, []

    def fail_at_the_second(data: bytes) -> bytes:
        if b"AT+CMGS" in data:
            submits.append(data)
            if len(submits) == 2:
                return b""  # it hangs
        return feed(data)

    far.feed = fail_at_the_second  # type: ignore[method-assign]
    with pytest.raises(DeviceLost):
        works.step(near)
    assert (message(box).status, message(box).sent_parts, message(box).tries) == (SmsStatus.QUEUED, 1, 0)
    near.close()
    near.open()
    wait_until(lambda: works.step(near) and message(box).status is SmsStatus.DELIVERED)
    assert [one.part for one in far.messages] == [1, 2, 3]
    assert "".join(one.text for one in far.messages) == text


def test_a_report_of_failure_ends_it(box: Box, far: EmulatedModem, near: GsmModem) -> None:
    ask(box, box.sell(("cup", 1)).number)
    far.fail("undelivered")
    works = station(box)
    wait_until(lambda: works.step(near) and message(box).status is SmsStatus.FAILED)
    assert kinds(box) == ["sms.queued", "sms.sent", "sms.failed"]


def test_nothing_is_sent_without_a_network_and_the_box_says_so(box: Box, far: EmulatedModem, near: GsmModem) -> None:
    ask(box, box.sell(("cup", 1)).number)
    far.fail("no_network")
    works = station(box)
    condition = works.step(near)
    assert condition is not None
    assert condition.health is Health.DEGRADED
    assert message(box).status is SmsStatus.QUEUED
    box.clock.advance(25 * 3600)
    box.submit(lambda books: sms.tidy(books, RULES))
    assert message(box).status is SmsStatus.FAILED


def test_number_and_text_are_wiped_after_their_days_also_from_the_file(
    box: Box, far: EmulatedModem, near: GsmModem
) -> None:
    ask(box, box.sell(("cup", 1)).number)
    works = station(box)
    wait_until(lambda: works.step(near) and message(box).status is SmsStatus.DELIVERED)
    box.clock.advance(2 * 86400 - 60)
    assert box.submit(lambda books: sms.tidy(books, RULES)) == 0
    assert message(box).number == NUMBER
    box.clock.advance(120)
    assert box.submit(lambda books: sms.tidy(books, RULES)) == 1
    assert (message(box).number, message(box).text) == ("", "")
    box.restart()  # the log is moved into the file
    assert NUMBER[1:].encode() not in box.path.read_bytes()


def test_a_purge_takes_messages_that_wait_as_well(box: Box) -> None:
    ask(box, box.sell(("cup", 1)).number)
    with box.reading() as books:
        assert privacy.personal(books)["messages"] == 1
    assert box.submit(privacy.purge)["messages"] == 1
    assert (message(box).status, message(box).number) == (SmsStatus.FAILED, "")
    with box.reading() as books:
        assert privacy.personal(books)["messages"] == 0


def test_a_purge_takes_a_message_that_is_being_sent_as_well(box: Box) -> None:
    ask(box, box.sell(("cup", 1)).number)
    box.submit(sms.claim_next)
    assert box.submit(privacy.purge)["messages"] == 1
    box.submit(lambda books: sms.note_part(books, 1, 1, 7))  # the modem comes back with it
    assert (message(box).status, message(box).number, message(box).text) == (SmsStatus.FAILED, "", "")


def test_the_hot_questions_find_their_rows_by_an_index(box: Box) -> None:
    questions = [
        "SELECT 1 FROM sms_messages WHERE status = 'queued' AND status IN ('queued', 'sending') AND next_try_at <= ''",
        "SELECT 1 FROM sms_messages WHERE sale = 1",
        "SELECT 1 FROM sms_messages WHERE by_guest = 1 AND queued_at > ''",
        "SELECT 1 FROM sms_parts WHERE reference = 1 AND outcome = 'pending'",
    ]
    connection = sqlite3.connect(box.path)
    for question in questions:
        plan = str(connection.execute(f"EXPLAIN QUERY PLAN {question}").fetchall())
        assert "SEARCH" in plan, plan
    connection.close()
