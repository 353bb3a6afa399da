"""The snapshot that tablets poll: built at most once for each version of the box, then handed out from memory."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from appliance.core.clock import Moment, parse_timestamp, timestamp
from appliance.core.event import window_at
from appliance.core.ports import Books
from appliance.core.trade import Event, Tablet
from appliance.core.unitprice import rules_now
from appliance.services import clock, door, overview, stock
from appliance.web import shapes
from appliance.web.context import WebContext
from appliance.web.strict_json import dumps

MAX_AGE_S = 5.0  # paper comes out and clocks are set without an entry in the journal
BUILD_TIMEOUT_S = 5.0
SCANS_AMONG = 30  # the newest scan of each scanner is looked for among so many
TAKINGS = ("takings_minor",)  # what passers-by with a browser need not know


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The box at one version, as JSON text with an ETag: for staff, for guests, for each tablet that asked."""

    state: Mapping[str, Any]  # all of it, as staff who may see reports does
    texts: dict[tuple[bool, bool, str], tuple[str, str]] = field(default_factory=dict)

    def seen_by(self, is_staff: bool, told_takings: bool, tablet: Tablet | None) -> tuple[str, str]:
        """Return what somebody is shown, and its tag. A tablet that is not staff's hears its own scanner only."""
        key = is_staff, told_takings, tablet.id if tablet else ""
        if key not in self.texts:
            state = self.state if told_takings else _without_takings(self.state)
            state = state if is_staff else _for_kiosk(state, tablet)
            text = dumps({**state, "tablet": _about(tablet)})
            self.texts[key] = text, _etag(text)
        return self.texts[key]


class Snapshots:
    """Keeps the newest snapshot; safe from many threads. `clock` gives seconds that only grow."""

    def __init__(self, context: WebContext, clock: Callable[[], float] = time.monotonic) -> None:
        self._context = context
        self._clock = clock
        self._lock = threading.Lock()
        self._version: tuple[int, int] | None = None
        self._good_until_s = 0.0
        self._kept: Snapshot | None = None
        self._built = (dt.datetime.now(dt.UTC), clock())

    def current(self) -> Snapshot:
        """Return the snapshot of now. Raises TimeoutError if the store takes too long, StoreUnavailable."""
        if not self._lock.acquire(timeout=BUILD_TIMEOUT_S):
            raise TimeoutError("the snapshot is being built")
        try:
            version = (self._context.desk.head_seq, self._context.board.version)
            if self._kept is None or version != self._version or self._clock() >= self._good_until_s:
                self._kept = self._build(version)
                self._version = version
            return self._kept
        finally:
            self._lock.release()

    def box_time(self) -> str:
        """Return the time of the box now, for screens that count down by a clock of their own."""
        at, built_s = self._built
        return timestamp(at + dt.timedelta(seconds=self._clock() - built_s))

    def _build(self, version: tuple[int, int]) -> Snapshot:
        with self._context.desk.reading() as books:
            state, change_in_s = self._state(books, version[0])
            self._built = (books.moment.at, self._clock())
        self._good_until_s = self._clock() + min(change_in_s, MAX_AGE_S)
        return Snapshot(state)

    def _state(self, books: Books, seq: int) -> tuple[dict[str, Any], float]:
        """Return the state, and in how many seconds it changes by itself."""
        board, event = self._context.board, books.events.current()
        window, change_in_s = _window(event, books.moment)
        state = {
            "seq": seq,
            "box": self._context.box_id,
            "box_name": self._context.box_name,
            "version": self._context.version,
            "event": None if event is None else shapes.event(event),
            "window": window,
            "price_rules": [] if event is None else list(rules_now(event, books.moment.text())),
            "devices": {device.name: shapes.device(device) for device in board.devices()},
            "battery": _facts(board.get("battery")),
            "clock": clock.facts(books.moment),
            "lights": _facts(board.get("lights")),
            "closing": board.get("closing"),
            "uplink": _facts(board.get("uplink")),
            "scans": {
                source: shapes.noted_verdict(entry)
                for source, entry in door.newest_by_source(books, SCANS_AMONG).items()
            },
            "shift": overview.shift_card(books),
            "counts": overview.counts(books),
            "low_stock": [shapes.little_left(offer) for offer in stock.low(stock.shelf(books))],
        }
        return state, change_in_s


def _etag(text: str) -> str:
    """Return a tag of what is said, which holds across starts of the daemon."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _facts(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _about(tablet: Tablet | None) -> dict[str, Any] | None:
    if tablet is None:
        return None
    return {"id": tablet.id, "name": tablet.name, "role": str(tablet.role), "scanner": tablet.scanner}


def _without_takings(state: Mapping[str, Any]) -> Mapping[str, Any]:
    counts = {name: count for name, count in state["counts"].items() if name not in TAKINGS}
    shift = state["shift"] and {"id": state["shift"]["id"], "opened_at": state["shift"]["opened_at"]}
    return {**state, "counts": counts, "shift": shift}


def _for_kiosk(state: Mapping[str, Any], tablet: Tablet | None) -> Mapping[str, Any]:
    scanner = tablet.scanner if tablet else None
    scans = {scanner: state["scans"][scanner]} if scanner in state["scans"] else {}
    return {**state, "scans": scans, "low_stock": []}


def _window(event: Event | None, moment: Moment) -> tuple[dict[str, Any] | None, float]:
    """Return the open window, or else the next one, and the seconds until that changes."""
    found = window_at(event, moment.text()) if event else None
    if found is None:
        return None, MAX_AGE_S
    window, state = found
    change_at = parse_timestamp(window.closes_at if state == "open" else window.opens_at)
    return shapes.window(window, state), (change_at - moment.at).total_seconds()
