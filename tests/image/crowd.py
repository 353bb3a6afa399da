"""A busy stall, seen from outside the machine: tablets that sell and admit, and paper that comes out of its printer."""

from __future__ import annotations

import contextlib
import http.cookiejar
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.image.card import Card
from tests.image.machine import Machine
from tests.system.clients import History
from tests.system.httpclient import Http
from tests.system.load import at_work, write_event

TICKETS = 60
CLIENTS = 3
SLOW_S = 60.0  # an answer of a machine that is emulated on a busy one
SLIP = re.compile(r"Staff PIN +(\d{6})(?=(.|\n)*What the lights say)")


def prepare(card: Card, folder: Path) -> None:
    """Put the event of the tests under load on a card, whose tablets hang on the cable."""
    card.write("stallbox.txt", "cable = stall\n")
    event = folder / "event"
    event.mkdir()
    write_event(event, TICKETS)
    card.put(event, "event")


def pin_on(paper: str) -> str | None:
    """Read the staff's PIN off a hello slip that is whole."""
    found = SLIP.search(paper)
    return found[1] if found else None


def receipts_on(paper: str) -> list[int]:
    """Read the numbers of the receipts."""
    return [int(number) for number in re.findall(r"Receipt (\d+)", paper)]


class Staff:
    """Tablets on which somebody typed the staff's PIN."""

    def __init__(self, machine: Machine, pin: str) -> None:
        self._machine = machine
        jar = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        with browser.open(machine.url("/staff"), timeout=SLOW_S) as page:
            token = re.search(r'name="form_token" value="([^"]+)"', page.read().decode())
        assert token is not None
        form = urllib.parse.urlencode({"form_token": token[1], "pin": pin}).encode()
        with browser.open(machine.url("/staff"), form, timeout=SLOW_S) as page:
            assert page.status == 200
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
        self._headers: Mapping[str, str] = {"Cookie": cookies, "X-Stallbox": "1"}

    def __call__(self) -> Http:
        """A connection with the staff's rights."""
        return Http(("127.0.0.1", self._machine.port), timeout_s=SLOW_S, headers=self._headers)

    def has_event(self) -> bool:
        """Tell whether the event that came with the card is taken in."""
        with self() as box:
            return box.get("/api/v1/offers").status == 200

    @contextlib.contextmanager
    def busy(self, history: History, seed: int) -> Iterator[None]:
        """Tablets that sell, admit and give back, until the end."""
        with at_work(self, history, TICKETS, seed, CLIENTS, pause_s=0.01):
            yield


def watch_paper(machine: Machine, on_slip: Callable[[str], object], on_receipt: Callable[[int], object]) -> None:
    """Tell of a hello slip's PIN and of each receipt, once each, the moment it is on paper."""
    seen: set[Any] = set()

    def on_paper() -> None:
        paper = machine.printer.text(last=1)
        pin = pin_on(paper)
        if pin is not None and pin not in seen:
            seen.add(pin)
            on_slip(pin)
        for number in receipts_on(paper):
            if number not in seen:
                seen.add(number)
                on_receipt(number)

    machine.printer.on_paper = on_paper
