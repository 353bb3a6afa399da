"""Bodies are read strictly: hostile JSON is refused by name, in the error shape, and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.webbox import Box

REFUSED = [
    (b"", "not_json", 400),
    (b"{", "not_json", 400),
    (b"\xff\xfe{}", "not_json", 400),
    (b"\xef\xbb\xbf{}", "not_json", 400),
    (b"[" * 60_000, "not_json", 400),
    (b'{"lines": NaN}', "not_json", 400),
    (b'{"lines": Infinity}', "not_json", 400),
    (b"[]", "not_an_object", 422),
    (b"null", "not_an_object", 422),
    (b"{}", "missing_field", 422),
    (b'{"lines": [], "lines": []}', "duplicate_field", 422),
    (b'{"lines": [{"offer": "cup", "quantity": 1, "quantity": 2}]}', "duplicate_field", 422),
    (b'{"lines": 1e999}', "out_of_range", 422),
    (b'{"lines": ' + b"9" * 5000 + b"}", "out_of_range", 422),
    (b'{"lines": "\\ud800"}', "bad_text", 422),
    (b'{"\\udfff": 1}', "bad_text", 422),
    (b'{"lines": {}}', "wrong_type", 422),
    (b'{"lines": []}', "out_of_range", 422),
    (b'{"lines": ["cup"]}', "wrong_type", 422),
    (b'{"lines": [{"offer": "cup", "quantity": true}]}', "wrong_type", 422),
    (b'{"lines": [{"offer": "cup", "quantity": 1.0}]}', "wrong_type", 422),
    (b'{"lines": [{"offer": "cup", "quantity": "1"}]}', "wrong_type", 422),
    (b'{"lines": [{"offer": "cup", "quantity": null}]}', "wrong_type", 422),
    (b'{"lines": [{"offer": "cup", "quantity": 0}]}', "out_of_range", 422),
    (b'{"lines": [{"offer": "cup", "quantity": 1000}]}', "out_of_range", 422),
    (b'{"lines": [{"offer": "", "quantity": 1}]}', "out_of_range", 422),
    (b'{"lines": [{"offer": "c\\u0000p", "quantity": 1}]}', "bad_text", 422),
    (b'{"lines": [{"offer": "cup", "quantity": 1}], "voucher": 5}', "wrong_type", 422),
    (
        b'{"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "gold", "amount_minor": 1}}',
        "unknown_choice",
        422,
    ),
    (b'{"lines": [{"offer": "cup", "quantity": 1}], "total_minor": 1}', "unknown_field", 422),
]


@pytest.mark.parametrize(("body", "code", "status"), REFUSED, ids=range(len(REFUSED)))
def test_a_bad_body_is_refused_by_name(box: Box, body: bytes, code: str, status: int) -> None:
    head = box.desk.head_seq
    answer = box.client("staff").post("/orders", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert box.desk.head_seq == head


def test_messages_name_the_field_and_suggest_the_right_one(box: Box) -> None:
    staff = box.client("staff")

    def message(body: object) -> str:
        return str(staff.post("/orders", body).json["error"]["message"])

    assert (
        message({"lines": [{"ofer": "cup", "quantity": 1}]})
        == "There is no field 'lines[0].ofer'; did you mean 'offer'?"
    )
    known = "lines, voucher, member, discounts, payment, shipping, paper"
    assert message({"zzz": 1}) == f"There is no field 'zzz'; known are {known}."
    assert message({"lines": [{"offer": "cup", "quantity": "2"}]}) == (
        "'lines[0].quantity' must be a whole number, not a text."
    )
    assert staff.post("/prints/1/reprint", {"copies": 2}).json["error"]["message"] == (
        "There is no field 'copies'; none is known here."
    )


def test_a_body_must_be_sent_as_json(box: Box) -> None:
    staff = box.client("staff")
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/json5"):
        answer = staff.post("/orders", data=b'{"lines": []}', content_type=content_type)
        assert (answer.status_code, answer.json["error"]["code"]) == (415, "wrong_content_type")
    answer = staff.post("/scan", data=b'{"code": "x"}', content_type="application/json; charset=utf-8")
    assert answer.status_code == 200


def test_a_body_above_the_limit_is_refused(box: Box) -> None:
    body = json.dumps({"code": "x" * 65_536}).encode()
    answer = box.client("kiosk").post("/scan", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "too_large")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
LINE = st.fixed_dictionaries(
    {"offer": st.sampled_from(["cup", "postcard", "none", ""]) | JSON, "quantity": st.integers(-1, 1001) | JSON}
)
ORDER = st.fixed_dictionaries(
    {},
    optional={
        "lines": st.lists(LINE, max_size=3) | JSON,
        "voucher": st.sampled_from(["PRESS-50", "welcome-3", " "]) | JSON,
        "member": JSON,
        "payment": st.fixed_dictionaries({"tender": st.sampled_from(["cash", "card"]) | JSON, "amount_minor": JSON})
        | JSON,
        "extra": JSON,
    },
)
ROUTES = ["/orders", "/scan", "/signals", "/shifts", "/shifts/current/close", "/offers/cup/stock", "/prints/1/settle",
          "/sales/1/refund", "/orders/x/payments", "/orders/x/cancel", "/prints/1/reprint"]  # fmt: skip
fuzz = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def assert_clean(answer: Any) -> None:
    assert answer.status_code in {200, 201, 400, 404, 409, 413, 415, 422}, answer.data
    if answer.status_code >= 400:
        assert set(answer.json["error"]) == {"code", "message"}
        assert answer.json["error"]["message"].endswith((".", "?"))


@fuzz
@given(ORDER)
def test_any_order_is_taken_or_refused_in_shape(box: Box, body: object) -> None:
    assert_clean(box.client("staff").post("/orders", data=json.dumps(body), content_type="application/json"))


@fuzz
@given(st.sampled_from(ROUTES), JSON, st.text(st.characters(codec="latin-1"), max_size=8))
def test_any_json_anywhere_is_answered_in_shape(box: Box, path: str, body: object, key: str) -> None:
    key = "".join(char for char in key if char not in "\r\n")
    assert_clean(box.client("staff").post(path, data=json.dumps(body), content_type="application/json", key=key))


@fuzz
@given(st.binary(max_size=200))
def test_any_bytes_are_answered_in_shape(box: Box, body: bytes) -> None:
    assert_clean(box.client("staff").post("/scan", data=body, content_type="application/json"))


@fuzz
@given(st.text(max_size=60))
def test_every_text_that_is_scanned_gets_a_verdict(box: Box, code: str) -> None:
    answer = box.client("kiosk").post("/scan", {"code": code})
    assert answer.status_code == 200
    assert answer.json["verdict"] in {"admit", "refuse", "info"}
