"""Every page keeps its budget of bytes and requests, whatever is added to it."""

from __future__ import annotations

import pytest

from benchmarks import pages
from benchmarks.browser import chromium

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(400)]
FIRST_PAGE_KB = 100  # of the kiosk, in all
ONCE_MORE = 6  # requests of the kiosk: its page and what it asks of the API, and no file


def test_every_page_keeps_its_budget():
    found = {}
    with pages.a_box() as box, chromium() as browser:
        for name, kind in pages.addressed(box).items():
            if name == "door":
                continue  # the same document as the till's
            with pages.a_tablet(browser) as context:
                found[name] = pages.visit(context, box, kind)
                if name == "kiosk":
                    again = pages.visit(context, box, kind)
    over = {
        name: (one.requests, one.wire_bytes)
        for name, one in found.items()
        if one.requests > pages.KINDS[name].requests or one.wire_bytes > 1000 * pages.KINDS[name].wire_kb
    }
    assert over == {}
    assert pages.KINDS["kiosk"].wire_kb <= FIRST_PAGE_KB
    assert found["kiosk"].requests > 15  # the counting counts
    assert again.requests <= ONCE_MORE
