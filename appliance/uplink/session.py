"""What is said while a connection lasts: greeting, journal, telemetry, acknowledgements."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from appliance.core.devices import BoardPort
from appliance.core.errors import DeviceLost, StoreUnavailable
from appliance.core.ports import Books, DeskPort
from appliance.uplink import telemetry, trouble
from appliance.uplink.client import OFFLINE, ONLINE, Acknowledged, Down, Fact, Link, Received, Refused
from appliance.uplink.complaints import Complaints
from appliance.uplink.cursors import Cursors
from appliance.uplink.discovery import discovery
from appliance.uplink.events import encoder, read_ack
from appliance.uplink.outbox import Outbox
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.standing import Standing
from appliance.uplink.tail import Tail
from appliance.uplink.topics import Topics

log = logging.getLogger(__name__)
Counts = Callable[[Books], Mapping[str, object]]
_BUSY_S = 0.2  # with something in flight: how soon a new entry is noticed
_IDLE_S = 0.5  # with nothing in flight: how soon a message from the broker is noticed
_FAREWELL_S = 2.0


class Session:
    """One connection's conversation. Times are seconds of the monotonic clock."""

    def __init__(
        self,
        settings: UplinkSettings,
        topics: Topics,
        desk: DeskPort,
        board: BoardPort,
        counts: Counts,
        link: Link,
        outbox: Outbox,
        cursors: Cursors,
        standing: Standing,
    ) -> None:
        self._settings = settings
        self._topics = topics
        self._desk = desk
        self._board = board
        self._counts = counts
        self._link = link
        self._outbox = outbox
        self._cursors = cursors
        self._standing = standing
        self._tail = Tail(desk)
        self._encode = encoder(settings.source, settings.boot_id)
        self._sent: dict[int, int | str] = {}  # message id -> the entry's seq, or the topic of a state
        self._states: deque[tuple[str, bytes]] = deque()  # states that wait for room in the window
        self._complaints = Complaints(settings.reconnect_min_s, settings.reconnect_max_s)
        self._receive_maximum = 1
        self._progress_at = 0.0
        self._telemetry_at = 0.0
        self._told: object = None
        self._quiet = True  # the broker said nothing the last time

    def run(self, receive_maximum: int, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Talk until `stop`. Raises DeviceLost when the connection is over, StoreUnavailable."""
        self._receive_maximum = receive_maximum
        now = time.monotonic()
        self._progress_at = now
        self._outbox.start_over(now)
        self._greet()
        self._standing.ready()
        while not stop.is_set():
            beat()
            self._step(time.monotonic())
        self._farewell()

    def _step(self, now: float) -> None:
        wait_s = self._speak(now)
        facts = self._link.pump(wait_s)
        self._quiet = not facts
        for fact in facts:
            self._take(fact, now)
        if self._sent and now - self._progress_at > self._settings.publish_timeout_s:
            raise trouble.of_reason("the broker acknowledges nothing any more", self._settings)
        self._show(now)
        self._cursors.save_if_due(self._outbox, now)
        if again := self._outbox.resend_if_due(now):
            log.info("uplink: the collector is behind; sending %d entries again", again)

    def _speak(self, now: float) -> float:
        """Send what there is to send; return how long to wait for the broker then."""
        try:
            self._tell(now)
            self._send(now)
        except StoreUnavailable as error:
            self._complaints.store_failed(error)
            self._link.flush()
            return _IDLE_S
        self._complaints.store_works()
        if self._sent:
            return _BUSY_S
        if self._complaints.holding:
            return _IDLE_S
        if self._quiet:  # otherwise more may be there: paho reads one packet at a time while nothing is in flight
            self._desk.wait_head(self._outbox.newest_sent, _IDLE_S)
        return 0.0

    # --- out -------------------------------------------------------------------------------------------------

    def _greet(self) -> None:
        topics = self._topics
        with self._desk.reading() as books:
            birth = telemetry.birth(self._settings, books.journal.head(), self._outbox, books.moment)
        self._states.append((topics.birth, telemetry.to_payload(birth)))
        self._states.append((topics.status, ONLINE))
        if self._settings.home_assistant:
            body = telemetry.to_payload(discovery(self._settings, topics))
            self._states.append((topics.discovery, body))
        mid = self._link.subscribe(topics.ack)
        if mid is not None:
            self._sent[mid] = topics.ack

    def _tell(self, now: float) -> None:
        told = telemetry.changes_that_matter(self._board.devices(), self._board.get("battery"))
        if now < self._telemetry_at and told == self._told:
            return
        every_s = telemetry.period_s(self._settings.telemetry_every_s, self._board.get("battery"))
        self._telemetry_at, self._told = now + every_s, told
        with self._desk.reading() as books:
            waiting = telemetry.queue(self._outbox, self._desk.head_seq)
            body = telemetry.snapshot(self._board, self._counts(books), waiting, books.moment)
        self._states.append((self._topics.telemetry, telemetry.to_payload(body)))

    def _send(self, now: float) -> None:
        if not self._sent:
            self._progress_at = now
        while self._states and len(self._sent) < self._receive_maximum:
            topic, payload = self._states.popleft()
            self._note(self._link.publish_state(topic, payload), topic)
        if self._complaints.holding and not self._released(now):
            self._link.flush()
            return
        head = self._desk.head_seq
        while len(self._sent) < self._receive_maximum and (seq := self._outbox.next_seq(head)) is not None:
            entry = self._tail.entry(seq)
            mid = self._link.publish_event(self._topics.event(entry.kind), self._encode(entry))
            if mid is None:
                break  # the line is gone; pump says so
            self._sent[mid] = seq
            self._outbox.sent(seq)
        self._link.flush()

    def _note(self, mid: int | None, topic: str) -> None:
        if mid is not None:
            self._sent[mid] = topic

    def _released(self, now: float) -> bool:
        """After a refusal: let the broker answer what is under way, wait, then begin anew behind the cursor."""
        if self._sent or not self._complaints.hold_is_over(now):
            return False
        self._outbox.start_over(now)
        return True

    # --- in --------------------------------------------------------------------------------------------------

    def _take(self, fact: Fact, now: float) -> None:
        match fact:
            case Acknowledged(mid):
                self._progress_at = now
                what = self._sent.pop(mid, None)
                if isinstance(what, int):
                    self._outbox.puback(what)
                elif what:
                    self._complaints.topic_accepted(what)
            case Refused(mid, reason):
                self._progress_at = now
                self._refused(self._sent.pop(mid, None), reason, now)
            case Received(topic, payload) if topic == self._topics.ack:
                self._acknowledged(payload, now)
            case Down(reason):
                if self._complaints.first:  # some brokers refuse a message and hang up
                    raise DeviceLost("broker_refused", *self._complaints.first)
                raise trouble.of_reason(reason, self._settings)

    def _refused(self, what: int | str | None, reason: str, now: float) -> None:
        if isinstance(what, str):
            self._complaints.topic_refused(what, reason)
        elif what is not None:
            self._outbox.refused(what)
            self._complaints.entry_refused(what, reason, now)

    def _acknowledged(self, payload: bytes, now: float) -> None:
        seq = read_ack(payload)
        if seq is None:
            log.warning("uplink: the collector sent an ack that cannot be read")
        elif not self._outbox.ack(seq, self._desk.head_seq, now):
            log.warning("uplink: the collector acknowledges entry %d, which this journal does not have", seq)

    # --- all the while -----------------------------------------------------------------------------------------

    def _show(self, now: float) -> None:
        self._complaints.published(self._outbox.published)
        complaint = self._complaints.first
        if complaint:
            self._standing.degraded(*complaint)
        else:
            self._standing.ready()
        self._standing.figures(self._outbox, now)

    def _farewell(self) -> None:
        """Say that the box goes offline, and give the broker a moment to take it."""
        mid = self._link.publish_state(self._topics.status, OFFLINE)
        give_up_at = time.monotonic() + _FAREWELL_S
        while mid is not None and time.monotonic() < give_up_at:
            facts = self._link.pump(_BUSY_S)
            for fact in facts:
                if isinstance(fact, Acknowledged):
                    self._take(fact, time.monotonic())
            if any(isinstance(fact, Down) or fact == Acknowledged(mid) for fact in facts):
                break
