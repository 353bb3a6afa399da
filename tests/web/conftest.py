"""A whole box for the web tests: the real store and desk on a disk, the example event, tickets, and the real app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.web.server import WebServer
from appliance.web.uploads import body_limit
from tests.web.late import maybe_late
from tests.web.tablets import chromium, tablets  # noqa: F401 - fixtures
from tests.web.webbox import Box, load_example, open_empty_box


@pytest.fixture
def empty_box(tmp_path: Path) -> Iterator[Box]:
    """A box fresh from the shop: no event, no tickets."""
    with open_empty_box(tmp_path) as made:
        yield made


@pytest.fixture
def box(empty_box: Box) -> Box:
    """A box on which the example event and its tickets are loaded."""
    load_example(empty_box)
    return empty_box


@pytest.fixture
def serve(box: Box) -> Iterator[Callable[[], WebServer]]:
    """Start the real server on a free port of this computer; it is stopped at the end."""
    started: list[WebServer] = []
    box.app.wsgi_app = maybe_late(box.app.wsgi_app)  # type: ignore[method-assign]

    def start(threads: int = 8) -> WebServer:
        server = WebServer(box.app, "127.0.0.1", 0, threads, body_limit(box.app, box.context))
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
