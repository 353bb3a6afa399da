"""A whole box for the web tests: the real store and desk on a disk, the example event, tickets, and the real app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.core.clock import ClockQuality, Moment
from appliance.runtime.desk import Desk
from appliance.services import events, tickets
from appliance.store.books import Ledger, Readers
from appliance.web.server import WebServer
from appliance.web.uploads import body_limit
from tests.web.tablets import chromium, tablets  # noqa: F401 - fixtures
from tests.web.webbox import EVENT_FILE, Box, build_box


@pytest.fixture
def empty_box(tmp_path: Path) -> Iterator[Box]:
    """A box fresh from the shop: no event, no tickets."""
    at = [datetime(2026, 12, 5, 21, 30, tzinfo=UTC)]
    path = tmp_path / "stallbox.db"
    ledger = Ledger(path)
    desk = Desk(ledger, Readers(path), lambda: Moment(at[0], ClockQuality.SYNCED))
    desk.start()
    yield build_box(desk, at, tmp_path)
    desk.stop(5)


@pytest.fixture
def box(empty_box: Box) -> Box:
    """A box on which the example event and its tickets are loaded."""
    desk = empty_box.desk
    event = desk.submit(lambda books: events.load_event(books, EVENT_FILE.read_text()))
    listed = tickets.read_tickets((EVENT_FILE.parent / str(event.tickets_file)).read_text())
    desk.submit(lambda books: tickets.import_tickets(books, listed, "test"))
    return empty_box


@pytest.fixture
def serve(box: Box) -> Iterator[Callable[[], WebServer]]:
    """Start the real server on a free port of this computer; it is stopped at the end."""
    started: list[WebServer] = []

    def start(threads: int = 8) -> WebServer:
        server = WebServer(box.app, "127.0.0.1", 0, threads, body_limit(box.app, box.context))
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
