"""The web server: a free port, a clean end, and a clear word when the address is taken."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import urllib.request
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask

from appliance.core.errors import StallboxError
from appliance.web import server as module
from appliance.web.server import WebServer
from tests.waiting import wait_until


@pytest.fixture
def app() -> Flask:
    """An application with a page that waits to be let go."""
    app = Flask("slow")
    app.entered, app.release = threading.Event(), threading.Event()  # type: ignore[attr-defined]

    @app.get("/")
    def home() -> str:
        return "here"

    @app.get("/slow")
    def slow() -> str:
        app.entered.set()  # type: ignore[attr-defined]
        app.release.wait(10)  # type: ignore[attr-defined]
        return "x" * 500_000

    return app


def fetch(port: int, path: str = "/", host: str = "127.0.0.1") -> bytes:
    with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=10) as answer:
        return bytes(answer.read())


def test_it_serves_on_the_port_that_it_names_and_stops_clean(app: Flask) -> None:
    threads = threading.active_count()
    server = WebServer(app, "127.0.0.1", 0, threads=3)
    assert not server.running
    server.start()
    assert server.running
    assert fetch(server.port) == b"here"
    server.stop(5)
    assert not server.running
    server.stop(5)
    wait_until(lambda: threading.active_count() == threads)
    with pytest.raises(OSError, match="refused"):
        fetch(server.port)


def test_on_every_network_means_ipv4_too(app: Flask) -> None:
    server = WebServer(app, "::", 0, threads=1)
    server.start()
    assert [fetch(server.port, host=host) for host in ("[::1]", "127.0.0.1")] == [b"here", b"here"]
    server.stop(5)


def test_it_listens_on_ipv6(app: Flask) -> None:
    server = WebServer(app, "::1", 0, threads=1)
    server.start()
    assert fetch(server.port, host="[::1]") == b"here"
    server.stop(5)


def test_answers_under_way_go_out_before_the_end(app: Flask) -> None:
    server = WebServer(app, "127.0.0.1", 0, threads=2)
    server.start()
    answers: list[bytes] = []
    client = threading.Thread(target=lambda: answers.append(fetch(server.port, "/slow")))
    client.start()
    assert app.entered.wait(5)  # type: ignore[attr-defined]
    stopper = threading.Thread(target=server.stop)
    stopper.start()
    app.release.set()  # type: ignore[attr-defined]
    client.join(10)
    stopper.join(10)
    assert [len(answer) for answer in answers] == [500_000]


def test_a_client_that_only_connects_does_not_hold_up_the_end(app: Flask) -> None:
    server = WebServer(app, "127.0.0.1", 0, threads=1)
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as idle:
        idle.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n")
        assert fetch(server.port) == b"here"
        server.stop(5)
        assert idle.recv(1) == b""


def test_an_address_that_stays_taken_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BIND_RETRY_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StallboxError, match=rf"cannot listen on 127\.0\.0\.1 port {port}: address already in use"):
            WebServer(app, "127.0.0.1", port, threads=1).start()


def test_an_address_of_somebody_else_is_named_at_once(app: Flask) -> None:
    with pytest.raises(StallboxError, match=r"cannot listen on 192\.0\.2\.1 port 0: cannot assign"):
        WebServer(app, "192.0.2.1", 0, threads=1).start()


def test_a_predecessor_that_is_about_to_go_is_waited_for(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    other = socket.create_server(("127.0.0.1", 0))
    tries: list[object] = []
    real = socket.create_server

    def counted(*args: Any, **kwargs: Any) -> socket.socket:
        tries.append(args)
        return real(*args, **kwargs)

    monkeypatch.setattr(socket, "create_server", counted)
    server = WebServer(app, "127.0.0.1", other.getsockname()[1], threads=1)
    starter = threading.Thread(target=server.start)
    starter.start()
    wait_until(lambda: len(tries) > 1)
    other.close()
    starter.join(10)
    assert fetch(server.port) == b"here"
    server.stop(5)


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n", 413, "too_large"),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "bad_request"),
        (b"nonsense\r\n\r\n", 400, "bad_request"),
    ],
)
def test_what_never_reaches_the_application_is_refused_in_shape(
    app: Flask, request_bytes: bytes, status: int, code: str
) -> None:
    server = WebServer(app, "127.0.0.1", 0, threads=1)
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(request_bytes)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert (answer.status, json.loads(answer.read())["error"]["code"]) == (status, code)
        answer.close()
    server.stop(5)


def test_connections_that_do_nothing_make_room_for_others(app: Flask) -> None:
    """Otherwise one phone that opens many and says nothing keeps every tablet out for a minute."""
    server = WebServer(app, "127.0.0.1", 0, threads=2)
    server.start()
    with ExitStack() as stack:
        tablet = stack.enter_context(
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10))
        )
        tablet.request("GET", "/slow")
        assert app.entered.wait(5)  # type: ignore[attr-defined]
        idle = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            for _ in range(2 * module.MAX_CONNECTIONS)
        ]
        assert fetch(server.port) == b"here"
        assert idle[0].recv(1) == b""  # the one that had been idle longest had to go
        app.release.set()  # type: ignore[attr-defined]
        assert len(tablet.getresponse().read()) == 500_000  # who waits for an answer stays
    server.stop(5)
