"""The queue of text messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from appliance.core.sms.message import SmsMessage, SmsStatus
from appliance.core.sms.pdu import Outcome


class SmsPort(Protocol):
    """Messages and their parts."""

    def add(self, sale: int | None, number: str, text: str, parts: int, by_guest: bool) -> SmsMessage:
        """Queue a message."""

    def get(self, id: int) -> SmsMessage | None:
        """Find a message."""

    def newest(self, limit: int) -> Sequence[SmsMessage]:
        """Return the newest messages, newest first."""

    def next_due(self, at: str) -> SmsMessage | None:
        """Return the oldest queued message whose next try is due."""

    def by_status(self, status: SmsStatus) -> Sequence[SmsMessage]:
        """Return the messages in one state, oldest first."""

    def of_sale(self, sale: int) -> Sequence[SmsMessage]:
        """Return a sale's messages, oldest first."""

    def guests_since(self, at: str) -> int:
        """Count what guests queued since a time."""

    def set_status(self, id: int, status: SmsStatus, reason: str = "") -> None:
        """Note how a message fares; whatever ends it dates its end."""

    def try_again(self, id: int, tries: int, next_try_at: str, reason: str) -> None:
        """Queue a message again."""

    def add_part(self, id: int, part: int, reference: int) -> None:
        """Note that the network has a part."""

    def part_of(self, reference: int, number: str) -> tuple[int, int] | None:
        """Return message and number of the newest part with this reference that was sent and is not settled."""

    def settle_part(self, id: int, part: int, outcome: Outcome) -> None:
        """Note what became of a part."""

    def delivered_parts(self, id: int) -> int:
        """Count the parts that are on the telephone."""

    def wipe(self, ended_before: str | None) -> int:
        """Wipe number and text of what ended before a time (None: of everything that ended); return of how many."""

    def personal(self) -> int:
        """Count the messages that still have number and text."""
