"""The uplink's worker: connect, talk, lose the connection, wait, and again, until it is told to stop."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping

from appliance.core.devices import BoardPort
from appliance.core.errors import DeviceLost, StoreUnavailable
from appliance.core.ports import Books, DeskPort
from appliance.uplink.client import Link
from appliance.uplink.connect import Connector
from appliance.uplink.cursors import Cursors
from appliance.uplink.outbox import Outbox
from appliance.uplink.session import Counts, Session
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.standing import Standing
from appliance.uplink.topics import Topics

_SLICE_S = 1.0
_STEADY_S = 60.0  # a connection that held so long was a good one: the next wait is short again


def no_counts(books: Books) -> Mapping[str, object]:
    """Count nothing."""
    return {}


class Uplink:
    """Brings the journal to the fleet. One thread calls `run` and owns everything here."""

    def __init__(self, settings: UplinkSettings, desk: DeskPort, board: BoardPort, counts: Counts = no_counts) -> None:
        """Prepare. `counts` gives the day's figures for the telemetry. Raises ValueError for a bad address."""
        self._settings = settings
        self._topics = Topics(settings.fleet, settings.box)
        self._connector = Connector(settings, self._topics)
        self._desk = desk
        self._board = board
        self._counts = counts
        self._cursors = Cursors(desk, settings.source)
        self._standing = Standing(board, desk)
        self._pause_s = settings.reconnect_min_s

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Work until `stop` is set, calling `beat` at least once in 2 s but for a slow store."""
        outbox = self._load(stop, beat)
        while outbox is not None and not stop.is_set():
            try:
                self._connect_and_talk(outbox, stop, beat)
            except DeviceLost as loss:
                self._standing.offline(loss)
            except StoreUnavailable as error:
                self._standing.offline(DeviceLost(error.code, error.message, "See to the box's disk."))
            self._cursors.save(outbox)
            self._pause(outbox, stop, beat)
        self._standing.offline(DeviceLost("stopped", "The uplink is stopped.", "It starts again with the box."))
        if outbox is not None:
            self._standing.figures(outbox, time.monotonic())

    def _load(self, stop: threading.Event, beat: Callable[[], None]) -> Outbox | None:
        while not stop.is_set():
            beat()
            try:
                published, stored = self._cursors.load()
            except StoreUnavailable as error:
                self._standing.offline(DeviceLost(error.code, error.message, "See to the box's disk."))
                stop.wait(_SLICE_S)
                continue
            settings = self._settings
            return Outbox(published, stored, settings.in_flight, settings.resend_after_s, time.monotonic())
        return None

    def _connect_and_talk(self, outbox: Outbox, stop: threading.Event, beat: Callable[[], None]) -> None:
        self._standing.figures(outbox, time.monotonic())
        connection = self._connector.connect(stop, beat)
        if connection is None:
            return
        link, up = connection
        began_at = time.monotonic()
        try:
            self._session(link, outbox).run(up.receive_maximum, stop, beat)
            link.close()
        finally:
            link.abandon()
            if time.monotonic() - began_at > _STEADY_S:
                self._pause_s = self._settings.reconnect_min_s

    def _session(self, link: Link, outbox: Outbox) -> Session:
        return Session(
            self._settings,
            self._topics,
            self._desk,
            self._board,
            self._counts,
            link,
            outbox,
            self._cursors,
            self._standing,
        )

    def _pause(self, outbox: Outbox, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Wait before the next attempt: twice as long each time, and never in step with the other boxes."""
        until = time.monotonic() + self._pause_s * random.uniform(0.5, 1.0)
        self._pause_s = min(self._pause_s * 2, self._settings.reconnect_max_s)
        while (left_s := until - time.monotonic()) > 0 and not stop.is_set():
            beat()
            self._standing.figures(outbox, time.monotonic())
            stop.wait(min(_SLICE_S, left_s))
