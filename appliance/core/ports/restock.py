"""Restock: parcels, hand-offs, and the sealed contacts to whom they go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from appliance.core.goods.contact import Contact
from appliance.core.trade import Handoff, Parcel, ParcelState, Way


class RestockPort(Protocol):
    """Orders that are sent later. Rehearsals and the real thing each see their own."""

    def add(self, order_id: str, tier: str, way: Way, sealed: bytes) -> None:
        """Keep how an order is sent, and its sealed contact."""

    def get(self, order_id: str) -> Parcel | None:
        """Find the parcel of an order, paid or not."""

    def parcels(self) -> Sequence[Parcel]:
        """Return the parcels of all paid orders, newest first."""

    def waiting(self) -> Sequence[Parcel]:
        """Return the paid parcels that are to be sent and did not leave yet, oldest first."""

    def waiting_count(self) -> int:
        """Count the paid parcels that did not leave and were not picked up yet."""

    def of_handoff(self, number: int) -> Sequence[Parcel]:
        """Return the parcels that left with a hand-off, oldest first."""

    def set_state(self, order_id: str, state: ParcelState, handoff: int | None = None) -> None:
        """Note how far a parcel has come."""

    def sealed(self, order_id: str) -> bytes | None:
        """Return the sealed contact of an order; None if it was wiped."""

    def forget(self, order_id: str) -> None:
        """Wipe the contact of an order."""

    def add_handoff(self, reason: str) -> Handoff:
        """Number a hand-off of now."""

    def handoff(self, number: int) -> Handoff | None:
        """Find a hand-off."""

    def handoffs(self) -> Sequence[Handoff]:
        """Return all hand-offs, newest first."""

    def figures(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Return {"orders", "pieces", "goods_minor", "shipping_minor"} of what was sold, refunds subtracted."""

    def warn_low(self, offer: str, is_low: bool) -> bool:
        """Remember whether an offer was called low; tell whether that is new."""

    def personal(self) -> Mapping[str, int]:
        """Count what `purge` would take away."""

    def purge(self) -> Mapping[str, int]:
        """Wipe every contact, and every paper that has one; return how many of each there were."""


class ContactKeysPort(Protocol):
    """Seals contacts, and opens them while it can; from any thread."""

    def seal(self, contact: Contact) -> bytes:
        """Seal a contact. Raises StallboxError if a key is damaged."""

    def open(self, sealed: bytes) -> Contact | None:
        """Open a contact; None as long as the owner's PIN is needed for it, and was not entered."""
