"""waitress inside this process, on a thread of its own, with an end that leaves nothing open."""

from __future__ import annotations

import copy
import errno
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask

from appliance.core.errors import StallboxError

BIND_RETRY_S = 5.0  # a predecessor that was just killed may still hold the port
BIND_RETRY_STEP_S = 0.1
POLL_S = 1.0
MAX_UPLOAD_BYTES = 1_048_576  # beyond this the server itself answers 413, without keeping the body
MAX_CONNECTIONS = 300  # at this the server would take no more
ROOMY_CONNECTIONS = 280  # from here on each new one takes the place of the one that was silent longest
IDLE_CONNECTION_S = 60
BodyLimit = Callable[[str, str, Mapping[str, str]], int | None]  # method, path, headers -> bytes, None: as others

# Each poll of a tablet that finds all threads busy for an instant would be a line in the log.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def _no_other(method: str, path: str, headers: Mapping[str, str]) -> int | None:
    return None


class _JsonErrorTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """Requests that never reach the application are refused in the API's error shape too."""

    def execute(self) -> None:
        """Write the refusal."""
        error = self.request.error
        code = "too_large" if error.code == 413 else "bad_request"
        body = json.dumps({"error": {"code": code, "message": f"{error.reason}."}}).encode() + b"\n"
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def _channel(limit_of: BodyLimit) -> type[Any]:
    """Make a kind of connection that asks how large a body may be once it knows who sends it to where."""

    class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
        adj: Any

        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            limit = limit_of(self.command, self.path, self.headers)
            if limit is not None:
                adjustments = copy.copy(self.adj)
                adjustments.max_request_body_size = limit
                self.adj = adjustments  # of this request alone

    class Channel(HTTPChannel):  # type: ignore[misc]
        error_task_class = _JsonErrorTask
        parser_class = Parser

        def __init__(self, server: Any, *args: Any, **kwargs: Any) -> None:
            super().__init__(server, *args, **kwargs)
            _make_room(list(server.active_channels.values()))

    return Channel


def _make_room(channels: Sequence[HTTPChannel]) -> None:
    """Close the longest silent connection where there are many: a phone that opens hundreds locks nobody out."""
    waiting = [channel for channel in channels if not channel.requests and not channel.will_close]
    if len(channels) >= ROOMY_CONNECTIONS and waiting:
        min(waiting, key=lambda channel: channel.last_activity).will_close = True


class WebServer:
    """Serves one application on one address. `port` 0 takes a free one; see the property.

    `body_limit` may allow a request a larger body, by its method, path and headers (named as `CONTENT_TYPE`).
    """

    def __init__(self, app: Flask, host: str, port: int, threads: int, body_limit: BodyLimit = _no_other) -> None:
        self._body_limit = body_limit
        self._app = app
        self._host = host
        self._port = port
        self._threads = threads
        self._map: dict[int, Any] = {}
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._flush_until_s = 0.0

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        return self._port

    @property
    def running(self) -> bool:
        """Whether requests are being taken."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Listen and serve from now on. Raises StallboxError `cannot_listen`."""
        listener = self._listen()
        self._port = listener.getsockname()[1]
        self._server = create_server(
            self._app,
            map=self._map,
            sockets=[listener],
            threads=self._threads,
            ident="stallbox",
            max_request_body_size=MAX_UPLOAD_BYTES,
            connection_limit=MAX_CONNECTIONS,
            channel_timeout=IDLE_CONNECTION_S,
            asyncore_use_poll=True,
        )
        self._server.channel_class = _channel(self._body_limit)
        self._stopping.clear()
        self._thread = threading.Thread(
            target=self._serve, name="web", daemon=True
        )  # stuck, it must not hold up the end
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Let answers under way go out, then close everything. Stopping twice is fine."""
        if self._thread is None:
            return
        self._flush_until_s = time.monotonic() + timeout_s
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=timeout_s)
        self._stopping.set()
        self._server.pull_trigger()
        self._thread.join(timeout_s + POLL_S)
        wasyncore.close_all(self._map)
        self._thread = None

    def _serve(self) -> None:
        while not self._stopping.is_set() or self._has_unsent():
            wasyncore.loop(timeout=POLL_S, use_poll=True, map=self._map, count=1)

    def _has_unsent(self) -> bool:
        channels = list(self._server.active_channels.values())
        return time.monotonic() < self._flush_until_s and any(channel.total_outbufs_len for channel in channels)

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        both = self._host == "::" and socket.has_dualstack_ipv6()  # every network, as with 0.0.0.0
        give_up_s = time.monotonic() + BIND_RETRY_S
        while True:
            try:
                address = (self._host, self._port)
                return socket.create_server(address, family=family, backlog=128, dualstack_ipv6=both)
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() >= give_up_s:
                    reason = (error.strerror or str(error)).lower()
                    message = f"The web server cannot listen on {self._host} port {self._port}: {reason}."
                    raise StallboxError("cannot_listen", message) from error
            self._stopping.wait(BIND_RETRY_STEP_S)
