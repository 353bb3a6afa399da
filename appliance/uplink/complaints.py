"""What does not get through although the box is connected, and when to try again."""

from __future__ import annotations

from appliance.core.errors import StoreUnavailable

_JOURNAL, _STORE = "journal", "store"
_ASK_BROKER = "Ask whoever runs the broker to let this box use its own topics."
_SEE_STORE = "See to the box's disk; the uplink goes on by itself."


class Complaints:
    """The open complaints of one connection, and the pause after a refused journal entry."""

    def __init__(self, hold_min_s: float, hold_max_s: float) -> None:
        self._open: dict[str, tuple[str, str]] = {}
        self._hold_min_s = hold_min_s
        self._hold_max_s = hold_max_s
        self._hold_s = hold_min_s
        self._hold_until = 0.0
        self._refused_seq = 0

    @property
    def first(self) -> tuple[str, str] | None:
        """The reason and the advice of the oldest complaint."""
        return next(iter(self._open.values()), None)

    @property
    def holding(self) -> bool:
        """Whether the journal waits after a refusal."""
        return self._hold_until > 0

    def entry_refused(self, seq: int, reason: str, now_s: float) -> None:
        """The broker does not take an entry: pause, longer each time."""
        self._open[_JOURNAL] = (f"The broker refuses entry {seq} of the journal: {reason.lower()}.", _ASK_BROKER)
        self._refused_seq = max(self._refused_seq, seq)
        if not self.holding:
            self._hold_until = now_s + self._hold_s
            self._hold_s = min(self._hold_s * 2, self._hold_max_s)

    def hold_is_over(self, now_s: float) -> bool:
        """Tell once that the pause has ended."""
        if now_s < self._hold_until:
            return False
        self._hold_until = 0.0
        return True

    def published(self, seq: int) -> None:
        """The broker has everything up to here."""
        if _JOURNAL in self._open and seq >= self._refused_seq:
            del self._open[_JOURNAL]
            self._hold_s = self._hold_min_s

    def topic_refused(self, topic: str, reason: str) -> None:
        """The broker does not take a state, or a subscription."""
        self._open[topic] = (f"The broker refuses this box's topic {topic}: {reason.lower()}.", _ASK_BROKER)

    def topic_accepted(self, topic: str) -> None:
        """The broker has taken it."""
        self._open.pop(topic, None)

    def store_failed(self, error: StoreUnavailable) -> None:
        """The journal cannot be read now."""
        self._open[_STORE] = (error.message, _SEE_STORE)

    def store_works(self) -> None:
        """The journal can be read."""
        self._open.pop(_STORE, None)
