"""A whole box for the web tests: the real store and desk on a disk, the example event, tickets, and the real app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.web.server import WebServer
from tests.web.tablets import chromium, tablets  # noqa: F401 - fixtures
from tests.web.webbox import Box, open_box


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A box on which the example event and its tickets are loaded."""
    with open_box(tmp_path) as made:
        yield made


@pytest.fixture
def serve(box: Box) -> Iterator[Callable[[], WebServer]]:
    """Start the real server on a free port of this computer; it is stopped at the end."""
    started: list[WebServer] = []

    def start(threads: int = 8) -> WebServer:
        server = WebServer(box.app, "127.0.0.1", 0, threads)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
