"""Real pages on a bad line: they open, take an order, say when the line is gone, and get through once it is back."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

from playwright.sync_api import Page

from benchmarks.box import Box
from benchmarks.browser import LIMIT_MS, TABLET, chromium
from benchmarks.figures import Figure
from benchmarks.line import Line

SAYS_SO_S = 3.0  # from the last answer, which may still be under way when the line goes
NOTE_BANNER = """() => {
  window.saidAt = 0;
  const banner = document.getElementById("link");
  const note = () => { if (!banner.hidden && !window.saidAt) window.saidAt = Date.now(); };
  new MutationObserver(note).observe(banner, { attributes: true });
}"""


def run(box: Box, line: Line, count: int) -> list[Figure]:
    """Open some kiosks at the far end, order at each, lose the line with a full cart, and get it back.

    They share an address, so that they must be few: the box paces guests by address.
    """
    with chromium(line.under) as browser:
        pages = [browser.new_context(viewport=TABLET).new_page() for _ in range(count)]  # type: ignore[arg-type]
        opened_s = [took(begin, page, f"http://{line.address}:{box.port}/") for page in pages]
        before = orders(box)
        ordered_s = [took(order, page) for page in pages]
        usual = line.loss
        said_s = without_line(pages, line)
        kept = [page.locator("#lines li").count() for page in pages]
        for page in pages:
            page.locator("#order").click()
        time.sleep(SAYS_SO_S)  # they try in vain
        line.loss = usual
        back_s = took(all_done, pages)
    return [
        Figure("kiosk opened on a bad line", max(opened_s), "s", f"slowest of {count}, to its first offer"),
        Figure("order placed on a bad line", max(ordered_s), "s", f"slowest of {count}"),
        Figure("kiosk says that the line is gone", max(said_s), "s", f"slowest of {count}", SAYS_SO_S + line.delay_s),
        Figure("carts lost with the line", sum(lines != 1 for lines in kept), "carts", f"of {count}", 0),
        Figure("orders through once the line is back", back_s, "s", "the last of them"),
        Figure("orders lost or doubled", abs(orders(box) - before - 2 * count), "orders", f"of {2 * count}", 0),
    ]


def begin(page: Page, address: str) -> None:
    """Open the kiosk, through whatever is lost on the way."""
    page.set_default_timeout(LIMIT_MS)
    page.goto(address)
    page.locator("#begin").click()
    page.locator("#offers [data-key=postcard]").wait_for()
    page.evaluate(NOTE_BANNER)


def order(page: Page) -> None:
    page.locator("#offers [data-key=postcard]").click()
    page.locator("#order").click()
    page.locator("#done").wait_for()


def without_line(pages: list[Page], line: Line) -> list[float]:
    """Fill a cart on each page, then lose the line; return after how many seconds each page said so."""
    for page in pages:
        page.locator("#finish").click()
        page.locator("#begin").click()
        page.locator("#offers [data-key=postcard]").click()
        page.locator("#link").wait_for(state="hidden")
        page.evaluate("window.saidAt = 0")
    lost_at_s, line.loss = time.time(), 1.0
    for page in pages:
        page.locator("#link").wait_for()
    return [float(page.evaluate("window.saidAt")) / 1000 - lost_at_s for page in pages]


def all_done(pages: list[Page]) -> None:
    for page in pages:
        page.locator("#done").wait_for()


def took(act: Callable[..., object], *about: object) -> float:
    began_s = time.monotonic()
    act(*about)
    return time.monotonic() - began_s


def orders(box: Box) -> int:
    """Count the orders in the box."""
    with sqlite3.connect(f"file:{box.data / 'stallbox.db'}?mode=ro", uri=True) as books:
        return int(books.execute("SELECT count(*) FROM orders").fetchone()[0])
