"""Orders, payments, sales, refunds and their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from appliance.core.trade import (
    Order,
    OrderStatus,
    Payment,
    RefundLine,
    RefundPart,
    Sale,
)


class OrdersPort(Protocol):
    """Orders, payments, sales and refunds."""

    def add(self, order: Order) -> None:
        """Keep a new order."""

    def get(self, id: str) -> Order | None:
        """Find an order."""

    def set_status(self, id: str, status: OrderStatus) -> None:
        """Close an order one way or the other."""

    def open(self) -> Sequence[Order]:
        """Return the open orders, oldest first."""

    def grow_older(self, elapsed_s: int) -> None:
        """Add to the age of every open order; ages do not depend on the wall clock."""

    def older_than(self, age_s: int) -> Sequence[Order]:
        """Return the open orders of at least this age, and those that are held for less and are older than that."""

    def held(self, offer: str) -> int:
        """Count the pieces of an offer's stock that open orders hold."""

    def add_payment(self, payment: Payment) -> None:
        """Keep a payment."""

    def is_being_paid(self, ticket: str) -> bool:
        """Tell whether an open order is to pay for this ticket (its id)."""

    def payments(self, order_id: str) -> Sequence[Payment]:
        """Return an order's payments, oldest first."""

    def next_sale_number(self) -> int:
        """Return the number that the next sale of this box gets; without gaps."""

    def add_sale(self, sale: Sale) -> None:
        """Keep a sale."""

    def sale(self, number: int) -> Sale | None:
        """Find a sale by its number."""

    def sale_of_order(self, order_id: str) -> Sale | None:
        """Find the sale that an order became."""

    def sale_of_page(self, page: str) -> Sale | None:
        """Find the sale whose receipt's page has this name."""

    def newest_sales(self, limit: int) -> Sequence[Sale]:
        """Return the newest sales, newest first."""

    def refunded(self, number: int) -> Mapping[str, int]:
        """Return how many of each offer of a sale were given back."""

    def refunded_by(self, number: int, tender: str) -> int:
        """Return what was given back of a sale by a tender."""

    def add_refund(
        self,
        number: int,
        lines: Sequence[RefundLine],
        parts: Sequence[RefundPart],
        reason: str,
        at: str,
        seq: int,
        is_void: bool = False,
    ) -> int:
        """Keep a refund, with what went back by each tender; return its number."""


class FiguresPort(Protocol):
    """Sums over the books; rehearsals are in none of them."""

    def sales(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Return {"sales", "takings_minor", "refunds_minor", "items", …} between two journal entries."""

    def tenders(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Return what was taken by tender, refunds subtracted."""

    def offers_sold(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Return how many of each offer were sold, refunds subtracted."""

    def windows(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, Mapping[str, int]]:
        """Return {window id: {"sales", "items", "gross_minor", "refunds", "refunds_minor", "takings_minor",
        "with_microbundle", "memberships", "browsed", "tried", "admitted"}}; what was outside of all windows is
        under the empty id.
        """

    def tally(self, name: str) -> int:
        """Return a running sum of the event: the number of entries of a kind, or `takings_minor`."""

    def tally_anew(self, spans: Sequence[tuple[int, int | None]]) -> None:
        """Begin the running sums with what lies in these spans of the journal; all but who is inside."""
