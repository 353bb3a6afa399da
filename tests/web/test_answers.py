"""Errors have one shape, headers are strict, and trouble in the box is told, never shown as a traceback."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from appliance.core.errors import StoreUnavailable
from appliance.web import answers
from tests.web.webbox import Box


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/", "/api/v1/sales/0", "/api/v1/sales/99999999999999999999"])
def test_an_unknown_address_of_the_api_answers_in_shape(box: Box, path: str) -> None:
    answer = box.browser().get(path)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")


def test_an_unknown_page_is_a_friendly_page(box: Box) -> None:
    answer = box.browser().get("/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert b"There is nothing at this address." in answer.data


def test_a_wrong_method_says_which_are_right(box: Box) -> None:
    answer = box.browser().delete("/api/v1/orders")
    assert (answer.status_code, answer.json["error"]["code"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert box.browser().put("/").status_code == 405


@pytest.mark.parametrize("path", ["/", "/staff", "/nothing", "/healthz", "/api/v1/offers", "/static/style.css"])
def test_every_answer_has_the_security_headers(box: Box, path: str) -> None:
    with box.browser().get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("http://box.lan", False),
        ("http://10.42.0.1", False),
        ("http://127.0.0.1:8080", True),
        ("https://box.lan", True),
    ],
)
def test_a_header_that_browsers_complain_of_over_plain_http_is_sent_where_they_heed_it(
    box: Box, address: str, sent: bool
) -> None:
    assert ("Cross-Origin-Opener-Policy" in box.browser().get("/", base_url=address).headers) is sent


def test_no_cache_keeps_an_answer_of_the_api(box: Box) -> None:
    assert box.client("kiosk").get("/offers").headers["Cache-Control"] == "no-store"


def test_pages_bring_no_inline_script_or_style_and_nothing_from_outside(box: Box) -> None:
    browser = box.browser()
    for path in ("/", "/staff"):
        page = browser.get(path).data.decode()
        assert "style=" not in page
        assert "<style" not in page
        assert " on" not in [attribute[:3] for attribute in page.split('="')]
        assert "//" not in page.replace("http://www.w3.org", "")
        scripts = page.split("<script")[1:]
        assert all('src="/static/' in tag or tag.startswith(' type="application/json"') for tag in scripts)


def test_health_says_why_not(box: Box) -> None:
    browser = box.browser()
    assert (browser.get("/healthz").status_code, browser.get("/healthz").json) == (200, {"status": "ok"})
    box.reasons.append(StoreUnavailable("disk_full", "The disk is full."))
    answer = browser.get("/healthz")
    unwell = {"status": "unavailable", "reasons": ["The disk is full."], "codes": ["disk_full"]}
    assert (answer.status_code, answer.json) == (503, unwell)


def test_a_closed_store_is_503_and_nothing_was_sold(box: Box) -> None:
    box.desk.stop(5)
    answer = box.client("kiosk").post("/scan", {"code": "STREET-GOOD-1"})
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "shutting_down")
    assert answer.headers["Retry-After"] == "1"
    assert box.scanned == []


def test_a_box_that_lost_its_store_says_so_on_pages_and_in_the_api(tmp_path: Path, box: Box) -> None:
    for lost in tmp_path.glob("stallbox.db*"):
        lost.unlink()
    with ThreadPoolExecutor(1) as pool:  # a thread that has no connection yet
        page = pool.submit(box.browser().get, "/").result(5)
        answer = pool.submit(box.client("kiosk").get, "/offers").result(5)
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert b"The box cannot do this now" in page.data
    assert answer.status_code == 503
    assert answer.json["error"]["code"].startswith("store_")


def test_a_desk_that_takes_too_long_is_busy(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "COMMAND_TIMEOUT_S", 0.05)
    release, held = threading.Event(), threading.Event()
    blocker = threading.Thread(target=lambda: box.desk.submit(lambda books: (held.set(), release.wait(10))))
    blocker.start()
    assert held.wait(5)
    answer = box.client("kiosk").post("/scan", {"code": "x"}, key="k1")
    release.set()
    blocker.join()
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "busy")
    assert answer.headers["Retry-After"] == "1"
    monkeypatch.setattr(answers, "COMMAND_TIMEOUT_S", 5)
    assert box.client("kiosk").post("/scan", {"code": "x"}, key="k1").json["reason"] == "unknown"


def test_a_mistake_of_ours_is_logged_and_not_shown(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Any:
        raise ZeroDivisionError("the secret detail")

    box.app.view_functions["api.list_offers"] = broken
    with caplog.at_level(logging.CRITICAL + 1):
        answer = box.client("kiosk").get("/offers")
    assert (answer.status_code, answer.json["error"]["code"]) == (500, "internal")
    assert b"secret detail" not in answer.data
