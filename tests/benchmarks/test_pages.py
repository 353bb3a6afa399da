"""Every page keeps its budget of bytes and requests, whatever is added to it."""

from __future__ import annotations

import pytest

from benchmarks import pages
from benchmarks.browser import chromium

pytestmark = [pytest.mark.system, pytest.mark.browser]
FIRST_PAGE_KB = 100  # of the kiosk, in all


def test_every_page_keeps_its_budget():
    with pages.a_box() as box, chromium() as browser:
        figures = {figure.name: figure for figure in pages.weights(browser, box)}
    assert len(figures) == 2 * len(pages.KINDS)
    assert [figure for figure in figures.values() if figure.misses] == []
    assert all(figure.value > 0 for figure in figures.values())
    assert pages.KINDS["kiosk"].wire_kb <= FIRST_PAGE_KB
    assert figures["kiosk: requests"].value > 15  # the counting counts
    assert int(figures["kiosk: requests"].beside.split()[-1]) <= 6  # opened once more: no file comes again
