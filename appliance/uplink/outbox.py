"""Which journal entries to send next. Pure: it knows numbers, no network, no store and no clock.

Two cursors, which only grow: `published` is the highest entry up to which the broker has acknowledged all
(PUBACK); `stored` is the highest up to which the collector says that its database has all (ack). A PUBACK is not
storage, so a collector that has answered once and then stays behind gets everything after its ack again. Nor is an
ack a PUBACK: a box that was restored from a backup is behind its collector, which knows the numbers, not the entries.
"""

from __future__ import annotations

_FRUITLESS_MAX = 4  # patience doubles with every resend that the collector ignores, at most so many times
_SETTLE_S = 10.0  # a collector may need so long, once the line is back, to say what it has


class Outbox:
    """The window of entries in flight. Times are seconds of a monotonic clock that the caller reads."""

    def __init__(self, published: int, stored: int, window: int, resend_after_s: float, now_s: float) -> None:
        self.published = max(published, stored)
        self.stored = stored
        self._acked = stored  # what the collector claims; `stored` follows it up to `published`
        self.window = window
        self._resend_after_s = resend_after_s
        self._in_flight: set[int] = set()
        self._early: set[int] = set()  # acknowledged, but something before them is not
        self._next_new = self.published + 1
        self._again = range(0)  # what is to be sent once more, all of it published before
        self._collector_seen = stored > 0
        self._fruitless = 0
        self._waiting_since_s = now_s

    @property
    def in_flight(self) -> int:
        """How many entries wait for their PUBACK."""
        return len(self._in_flight)

    @property
    def newest_sent(self) -> int:
        """The highest entry that was sent on this connection or is published."""
        return self._next_new - 1

    def next_seq(self, head: int) -> int | None:
        """Return the entry to send now; None if the window is full or nothing is left up to `head`."""
        if len(self._in_flight) >= self.window:
            return None
        if self._again:
            return self._again.start
        return self._next_new if self._next_new <= head else None

    def sent(self, seq: int) -> None:
        """Note that the entry which `next_seq` named is on its way."""
        self._in_flight.add(seq)
        if self._again:
            self._again = self._again[1:]
        else:
            self._next_new = seq + 1

    def puback(self, seq: int) -> None:
        """Take the broker's acknowledgement. One that is not waited for, or comes twice, changes nothing."""
        if seq not in self._in_flight:
            return
        self._in_flight.discard(seq)
        if seq == self.published + 1:
            self.published = seq
            self._absorb_early()
        elif seq > self.published:
            self._early.add(seq)
        self._follow_ack()

    def refused(self, seq: int) -> None:
        """Note that the broker did not take an entry; `start_over` will send it again."""
        self._in_flight.discard(seq)

    def ack(self, seq: int, head: int, now_s: float) -> bool:
        """Take the collector's ack; False, and nothing changed, if it claims entries that do not exist."""
        if seq > head:
            return False
        self._collector_seen = True
        self._acked = max(self._acked, seq)
        if self._follow_ack():
            self._waiting_since_s = now_s
        return True

    def start_over(self, now_s: float) -> None:
        """Begin a connection, or try again after a refusal: whatever was not acknowledged is sent anew."""
        resent = [seq for seq in self._in_flight if self.stored < seq <= self.published]
        if resent:
            stop = self._again.stop if self._again else max(resent) + 1
            self._again = range(min(resent), stop)
        self._in_flight.clear()
        self._early.clear()
        self._next_new = self.published + 1
        # Not anew: on a line that is lost more often than the patience lasts, nothing would ever be sent again.
        settled_s = now_s - self._patience_s + _SETTLE_S
        self._waiting_since_s = max(self._waiting_since_s, min(now_s, settled_s))

    def resend_if_due(self, now_s: float) -> int:
        """Decide, while connected, to send again from ack + 1; return how many entries that makes, mostly 0."""
        if not self._collector_seen or self.stored >= self.published or self._resending:
            self._waiting_since_s = now_s
            return 0
        if now_s - self._waiting_since_s < self._patience_s:
            return 0
        self._again = range(self.stored + 1, self.published + 1)
        self._waiting_since_s = now_s
        self._fruitless = min(self._fruitless + 1, _FRUITLESS_MAX)
        return len(self._again)

    @property
    def _patience_s(self) -> float:
        return self._resend_after_s * 2.0**self._fruitless

    @property
    def _resending(self) -> bool:
        return bool(self._again) or any(seq <= self.published for seq in self._in_flight)

    def _follow_ack(self) -> bool:
        """Move `stored` on, never past what this box itself has published; whether it moved."""
        reached = min(self._acked, self.published)
        if reached <= self.stored:
            return False
        self.stored = reached
        self._fruitless = 0
        self._again = range(max(self._again.start, reached + 1), self._again.stop) if self._again else range(0)
        return True

    def _absorb_early(self) -> None:
        while self.published + 1 in self._early:
            self.published += 1
            self._early.discard(self.published)
