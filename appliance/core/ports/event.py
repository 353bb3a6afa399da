"""The event, its offers and vouchers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from appliance.core.trade import (
    Event,
    Offer,
    Voucher,
)


class EventsPort(Protocol):
    """The event that this box works for, and its offers and vouchers."""

    def current(self) -> Event | None:
        """Return the loaded event."""

    def replace(self, event: Event, source: str) -> None:
        """Take an event (`source` is its TOML text); another event's stock, voucher uses and head count
        are forgotten.

        Of the same event, stock counted before is kept unless the text now lists another number: that counts.
        """

    def source(self) -> str | None:
        """Return the TOML text of the loaded event."""

    def former(self, sha256: str) -> Event | None:
        """Return an event that was loaded before the present one, by the SHA-256 of its text.

        None: it was replaced by a release that kept no texts, or this one cannot read it.
        """

    def offers(self, window: str = "") -> Sequence[Offer]:
        """Return the offers in the event's order, each with the stock that can be sold now.

        With a `window` that has a share of its own, no more than is left of that.
        """

    def take_stock(self, offer: str, quantity: int, window: str = "") -> bool:
        """Reserve stock, also of the window's own share; False, and nothing taken, if there is not enough.

        Unlimited offers always succeed.
        """

    def return_stock(self, offer: str, quantity: int, window: str = "") -> None:
        """Give reserved or sold stock back, also to the share of the window that it came from."""

    def set_stock(self, offer: str, stock: int | None) -> None:
        """Set the stock that can be sold now."""

    def voucher(self, code: str) -> Voucher | None:
        """Find a voucher by its code, or one issued of a series by its short code.

        Of the second, `Voucher.code` is a name for the books, never the code itself.
        """

    def use_voucher(self, code: str, times: int = 1) -> None:
        """Count a use, by `Voucher.code`; -1 gives it back."""

    def change_balance(self, code: str, amount_minor: int) -> None:
        """Put an amount onto a gift card or take it off (below 0), by `Voucher.code`."""
