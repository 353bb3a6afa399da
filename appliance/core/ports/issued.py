"""What was issued in numbers: serials of signed tickets, vouchers of a series, member cards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class IssuedPort(Protocol):
    """Serials of signed tickets, vouchers of a series, and how an issue is taken back."""

    def take_serials(self, public_key: bytes, count: int) -> int:
        """Reserve so many serials of a key, for ever; return the first. May go beyond what a ticket can hold."""

    def add_vouchers(self, codes: Sequence[str], event: str, series: str, uses: int, balance_minor: int = 0) -> int:
        """Keep vouchers of a series, unless they are known; return how many are new. `codes` are SHA-256 in hex."""

    def add_members(self, codes: Sequence[str]) -> int:
        """Keep members, unless they are known; return how many are new. `codes` are short codes."""

    def withdraw_tickets(self, codes: Sequence[str]) -> int:
        """Take away tickets that were never used; return how many. `codes` are SHA-256 of any code of them."""

    def withdraw_vouchers(self, codes: Sequence[str]) -> int:
        """Take away vouchers that were never used; return how many. `codes` are SHA-256 in hex."""

    def withdraw_members(self, codes: Sequence[str]) -> int:
        """Take away members without credits; return how many. `codes` are short codes."""
