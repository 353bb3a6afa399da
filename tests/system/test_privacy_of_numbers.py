"""A phone number that a text message went to: where it may be, and that a purge leaves none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.sim.modem import EmulatedModem
from tests.dump import leaks
from tests.system.daemon import Daemon
from tests.waiting import wait_until

pytestmark = pytest.mark.system
TYPED, DIGITS = "0170 555 0 123", "1705550123"


def test_a_number_is_in_the_store_alone_and_gone_after_a_purge(tmp_path: Path) -> None:
    modem = EmulatedModem(tmp_path / "modem")
    config = f'[modem]\ndriver = "gsm"\nport = "{tmp_path / "modem"}"\ncountry = "DE"\n'
    with Daemon(tmp_path / "box", config) as box:
        box.load_event()
        box.start()
        with box.staff() as http:
            order = {"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "card", "amount_minor": 2400}}
            sale = http.post("/api/v1/orders", order, "order").body["sale"]["number"]
            path = f"/api/v1/sales/{sale}/sms"
            assert http.post(path, {"number": TYPED}, "text").status == 201
            assert http.post(path, {"number": "030 901820"}, "wrong").error == "number_no_texts"
            wait_until(lambda: http.get("/api/v1/sms").body["messages"][0]["status"] == "delivered")
            assert DIGITS not in str(http.get("/api/v1/sms").body)
        assert [message.number for message in modem.messages] == [f"+49{DIGITS}"]
        assert DIGITS not in str(box.journal())
        found = leaks(box.data.parent, [DIGITS, TYPED, "030 901820", "30901820"])
        assert {value for _, value in found} == {DIGITS}  # as E.164, for the modem
        assert {name.removesuffix("-wal") for name, _ in found} == {"data/stallbox.db"}
        assert "phone numbers and texts of messages" in box.command("event", "purge").stdout
        box.done("event", "purge", "--yes")
        assert leaks(box.data.parent, [DIGITS, TYPED]) == []
        assert box.stop() == 0
        assert leaks(box.data.parent, [DIGITS, TYPED]) == []
    modem.close()
