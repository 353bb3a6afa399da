"""An update on trial: kept only once the daemon was healthy for a while without a break."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from appliance.client import Client
from appliance.trial import LOOK_EVERY_S, holds, is_healthy, main
from tests.brokers import free_port


class Day:
    """A clock that goes only while somebody pauses, and a daemon whose health is a matter of the time."""

    def __init__(self, healthy_at: Callable[[float], bool]) -> None:
        self.now_s = 0.0
        self._healthy_at = healthy_at

    def holds(self, well_s: float, limit_s: float) -> bool:
        return holds(lambda: self._healthy_at(self.now_s), well_s, limit_s, lambda: self.now_s, self._pause)

    def _pause(self, duration_s: float) -> None:
        self.now_s += duration_s


def test_a_daemon_that_comes_up_and_stays_is_kept_as_soon_as_it_was_well_for_long_enough() -> None:
    day = Day(lambda now_s: now_s >= 30)
    assert day.holds(well_s=60, limit_s=600)
    assert day.now_s == pytest.approx(90, abs=2 * LOOK_EVERY_S)


def test_one_that_never_answers_is_given_up_at_the_limit() -> None:
    day = Day(lambda now_s: False)
    assert not day.holds(well_s=60, limit_s=600)
    assert day.now_s == pytest.approx(600, abs=LOOK_EVERY_S)


def test_one_that_crashes_again_and_again_is_never_kept() -> None:
    assert not Day(lambda now_s: now_s % 50 > 1).holds(well_s=60, limit_s=600)


def test_one_break_begins_the_while_anew() -> None:
    day = Day(lambda now_s: not 58 <= now_s < 59)
    assert day.holds(well_s=60, limit_s=600)
    assert day.now_s == pytest.approx(119, abs=2 * LOOK_EVERY_S)


def test_one_that_hangs_in_the_middle_is_not_kept() -> None:
    assert not Day(lambda now_s: 30 <= now_s < 80).holds(well_s=60, limit_s=600)


@contextmanager
def answering(status: int, body: bytes = b"{}") -> Iterator[str]:
    """A server that answers every question with a status and some JSON."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "healthy"),
    [
        (200, b'{"status": "ok"}', True),
        (503, b'{"codes": ["no_event"]}', True),  # an update is often taken in before the next event is
        (503, b'{"codes": ["safe_mode", "no_event"]}', False),
        (503, b'{"codes": ["disk_full"]}', False),
        (503, b"{}", False),
        (500, b"{}", False),
        (503, b"no JSON", False),
    ],
)
def test_who_can_sell_or_lacks_only_an_event_is_healthy(status: int, body: bytes, healthy: bool) -> None:
    with answering(status, body) as address:
        assert is_healthy(Client(address)) is healthy


def test_a_port_that_nobody_listens_on_is_not_healthy() -> None:
    assert not is_healthy(Client(f"http://127.0.0.1:{free_port()}"))


def test_the_exit_code_and_a_sentence_tell_how_it_ended(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(200) as address:
        assert main(address, well_s=0.1, limit_s=60) == 0
    with answering(503) as address:
        assert main(address, well_s=60, limit_s=0.1) == 1
    assert capsys.readouterr().out.splitlines() == [
        "stallbox: healthy for 0.1 s: this slot is kept",
        "stallbox: not healthy for 60 s within 0.1 s: starting again",
    ]
