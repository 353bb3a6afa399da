"""kill -9 of the real daemon while a guest orders at a real browser: the order is there once, the guest sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.system.daemon import Daemon
from tests.web.kiosk_page import begin, tap_offer
from tests.web.tablets import chromium  # noqa: F401 - a fixture

pytestmark = [pytest.mark.system, pytest.mark.browser]


def test_a_guest_orders_across_a_kill_of_the_box(tmp_path: Path, chromium: Browser) -> None:  # noqa: F811
    with Daemon(tmp_path) as daemon:
        daemon.load_event()
        daemon.start()
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{daemon.port}/")
        begin(page)
        tap_offer(page, "cup")
        daemon.kill()
        expect(page.locator("#link")).to_contain_text("Your order is kept.", timeout=3500)
        tap_offer(page, "cup")
        page.locator("#order").click()
        expect(page.locator("#order-wait")).to_contain_text("it is placed once only")
        daemon.start()
        expect(page.locator("#slip-total")).to_have_text("$48.00")
        code = page.locator("#slip-code").inner_text()
        daemon.kill()  # and once more, while the guest looks at the code
        daemon.start()
        with daemon.staff() as staff:
            (order,) = staff.get("/api/v1/orders").body["orders"]
            assert order["code"] == code
            staff.post(f"/api/v1/orders/{order['id']}/payments", {"tender": "cash", "amount_minor": 4800})
        expect(page.locator("#slip-state")).to_have_text("Paid")
        expect(page.locator("#link")).to_be_hidden()
        page.close()
