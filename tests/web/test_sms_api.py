"""Text receipts over HTTP."""

from __future__ import annotations

import pytest

from appliance.core.sms.message import SmsRules
from tests.web.webbox import Box

CUP = {"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "cash", "amount_minor": 2400}}
NUMBER = "+49 170 5550123"


@pytest.fixture
def sale(box: Box) -> dict[str, str]:
    box.context.sms = SmsRules(True, "DE")
    paid = box.client().post("/orders", CUP).json
    return {"path": f"/sales/{paid['sale']['number']}/sms", "order": paid["order"]["id"]}


def test_staff_texts_a_receipt_and_sees_only_the_end_of_the_number(box: Box, sale: dict[str, str]) -> None:
    staff = box.client()
    made = staff.post(sale["path"], {"number": "0170 5550123"}, "key")
    assert (made.status_code, made.json) == (201, {"id": 1, "status": "queued", "parts": 1})
    assert staff.post(sale["path"], {"number": "0170 5550123"}, "key").json == made.json
    (message,) = staff.get("/sms").json["messages"]
    assert (message["number"], message["status"], message["sale"]) == ("…123", "queued", 1)
    assert "5550" not in staff.get("/sms").text
    assert staff.post(sale["path"], {"number": NUMBER}).status_code == 201


def test_a_kiosk_texts_its_own_sale_once_and_sees_no_list(box: Box, sale: dict[str, str]) -> None:
    kiosk = box.client("kiosk")
    for order in (None, "", "018f"):
        refused = kiosk.post(sale["path"], {"number": NUMBER, **({} if order is None else {"order": order})})
        assert (refused.status_code, refused.json["error"]["code"]) in [(403, "not_your_sale"), (422, "out_of_range")]
    body = {"number": NUMBER, "order": sale["order"]}
    assert kiosk.post(sale["path"], body).status_code == 201
    again = kiosk.post(sale["path"], body)
    assert (again.status_code, again.json["error"]["code"]) == (409, "sms_sent_already")
    assert kiosk.get("/sms").status_code == 403


def test_refusals_name_no_number(box: Box, sale: dict[str, str]) -> None:
    for number, code in (("030 901820", "number_no_texts"), ("+49 1", "number_wrong")):
        refused = box.client().post(sale["path"], {"number": number})
        assert (refused.status_code, refused.json["error"]["code"]) == (422, code)
        assert number not in refused.text
    box.context.sms = SmsRules()
    refused = box.client().post(sale["path"], {"number": NUMBER})
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "no_modem")
