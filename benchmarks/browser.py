"""A real browser before a box: Debian's Chromium, driven by Playwright; it counts itself what it loads."""

from __future__ import annotations

import shlex
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
TABLET = {"width": 1280, "height": 800}
LIMIT_MS = 60_000
QUIET_S, UNREAD_S, LOOK_MS = 1.0, 5.0, 50


@dataclass
class Load:
    """What a page loaded, by address: bytes as they came over the wire, headers included, and unpacked, without."""

    wire: dict[str, float] = field(default_factory=dict)
    raw: dict[str, float] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)  # request -> address
    awaited: set[str] = field(default_factory=set)  # requests

    def watch(self, line: CDPSession) -> None:
        """Count from now on; an address that is asked for again (a poll) counts once, what a cache had does not."""
        line.on("Network.requestWillBeSent", self._sent)
        line.on("Network.requestServedFromCache", self._kept)
        line.on("Network.dataReceived", self._came)
        line.on("Network.loadingFinished", self._done)
        line.on("Network.loadingFailed", self._failed)
        line.send("Network.enable")

    def _sent(self, event: dict[str, Any]) -> None:
        address = event["request"]["url"]
        if address.startswith("http") and address not in self.addresses.values():
            self.addresses[event["requestId"]] = address
            self.awaited.add(event["requestId"])

    def settle(self, page: Page) -> None:
        """Wait until nothing new is asked for and nothing comes any more; polls go on for ever.

        An answer whose body no script reads never ends for the browser: it is waited for a little longer, not for good.
        """
        since_s, known = time.monotonic(), (-1, 0, 0.0)
        while time.monotonic() - since_s < (UNREAD_S if self.awaited else QUIET_S):
            page.wait_for_timeout(LOOK_MS)  # what the browser tells comes in meanwhile
            seen = len(self.addresses), len(self.awaited), sum(self.raw.values())
            if seen != known:
                since_s, known = time.monotonic(), seen

    def _kept(self, event: dict[str, Any]) -> None:
        self.addresses.pop(event["requestId"], None)
        self.awaited.discard(event["requestId"])

    def _failed(self, event: dict[str, Any]) -> None:
        self.awaited.discard(event["requestId"])

    def _came(self, event: dict[str, Any]) -> None:
        if address := self.addresses.get(event["requestId"]):
            self.raw[address] = self.raw.get(address, 0) + event["dataLength"]

    def _done(self, event: dict[str, Any]) -> None:
        self.awaited.discard(event["requestId"])
        if (address := self.addresses.get(event["requestId"])) and event["encodedDataLength"]:
            self.wire[address] = event["encodedDataLength"]


@contextmanager
def chromium(under: Sequence[str] = ()) -> Iterator[Browser]:
    """Debian's browser, or else Playwright's own; `under` are words before Debian's, to run it somewhere else."""
    with tempfile.TemporaryDirectory(prefix="stallbox-browser-") as folder, sync_playwright() as playwright:
        start = Path(folder) / "chromium"
        start.write_text(f'#!/bin/sh\nexec {shlex.join([*under, str(CHROMIUM)])} "$@"\n')
        start.chmod(0o755)
        path = start if CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(context: BrowserContext, address: str, pin: str = "") -> Page:
    """Open a page, through its PIN form if a PIN is given."""
    page = context.new_page()
    page.goto(address)
    if pin:
        page.get_by_label("PIN").fill(pin)
        page.get_by_role("button", name="Open").click()
    return page
