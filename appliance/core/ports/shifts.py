"""Shifts of the till, who stands there, and what was taken in a span of the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.core.trade import Cashier


@dataclass(frozen=True, slots=True)
class Shift:
    """One cashier's session of the till. `opened_seq` and `closed_seq` are its journal entries.

    `id` counts 1, 2, 3 … on this box, and is the number of the shift's Z report: only one shift is open at a time.
    """

    id: int
    opened_at: str
    opened_seq: int
    float_minor: int
    closed_at: str | None = None
    closed_seq: int | None = None
    counted_minor: int | None = None


class ShiftsPort(Protocol):
    """Shifts of the till."""

    def current(self) -> Shift | None:
        """Return the open shift."""

    def get(self, id: int) -> Shift | None:
        """Find a shift by its number."""

    def last_closed(self) -> Shift | None:
        """Return the newest closed shift."""

    def open(self, opened_at: str, opened_seq: int, float_minor: int) -> Shift:
        """Open a shift."""

    def close(self, id: int, closed_at: str, closed_seq: int, counted_minor: int) -> None:
        """Close a shift."""


class TakingsPort(Protocol):
    """What a span of the journal brought, in detail: after `since_seq`, up to and with `until_seq` (None: the end).

    Rehearsals are in none of it. Each is reckoned from rows that never change, so it comes out the same for ever.
    """

    def taxes(self, since_seq: int, until_seq: int | None) -> Mapping[str, Mapping[str, int]]:
        """Return {tax id: {"rate_ppm", "gross_minor", "net_minor", "tax_minor"}}, refunds subtracted."""

    def offers(self, since_seq: int, until_seq: int | None) -> Mapping[str, tuple[str, int, int]]:
        """Return {offer id: (name as it was sold, quantity, minor units)}, refunds subtracted."""

    def cashiers(self, since_seq: int, until_seq: int | None) -> Mapping[str, Mapping[str, int]]:
        """Return {cashier's id: {"sales", "gross_minor", "refunds", "refunds_minor"}}; "" where nobody was named."""

    def windows(self, since_seq: int, until_seq: int | None) -> Mapping[str, Mapping[str, int]]:
        """Return {window id: {"sales", "gross_minor"}} of the sales that were made in a window."""

    def discounts(self, since_seq: int, until_seq: int | None) -> tuple[int, int]:
        """Return how many sales had something taken off, and how much that was in all."""

    def voids(self, since_seq: int, until_seq: int | None) -> tuple[int, int]:
        """Return how many orders were given up by hand, and what they would have brought."""

    def numbers(self, since_seq: int, until_seq: int | None) -> tuple[int, int] | None:
        """Return the first and the last number of the sales; None if nothing was sold."""

    def given_back(self, tender: str, since_seq: int, until_seq: int | None) -> int:
        """Return what was given back by a tender."""

    def tips(self, since_seq: int, until_seq: int | None) -> Mapping[str, int]:
        """Return the tips by tender, those of voided sales subtracted."""

    def voided_sales(self, since_seq: int, until_seq: int | None) -> tuple[int, int]:
        """Return how many sales were voided, and what they came to; they are among the refunds as well."""

    def part_paid(self, tender: str) -> int:
        """Return what was taken by a tender for orders that are still open."""


class CashiersPort(Protocol):
    """The people at the till. Their names are in this table and nowhere else."""

    def all(self) -> Sequence[Cashier]:
        """Return every cashier there ever was, oldest first."""

    def active(self) -> Sequence[Cashier]:
        """Return those who may log in, oldest first."""

    def get(self, id: str) -> Cashier | None:
        """Find a cashier, also one who was removed."""

    def add(self, cashier: Cashier) -> None:
        """Keep a new cashier."""

    def set_pin(self, id: str, salt: str, pin_hash: str) -> None:
        """Change a PIN; its version grows."""

    def remove(self, id: str, at: str) -> None:
        """Let a cashier log in no more; the row stays for the reports."""
