"""Coins and notes in circulation by currency, for counting a drawer.

As the issuing banks list them on their pages of coins and banknotes (ECB, Federal Reserve and US Mint, Bank of
England and Royal Mint, Swiss National Bank and Swissmint, Riksbank, Norges Bank, Danmarks Nationalbank, NBP, CNB,
Bank of Japan, RBI, Bank of Canada, RBA). A currency that is not listed is counted in steps of 1, 2 and 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.core.errors import Refusal
from appliance.core.money import Currency

MAX_PIECES = 100_000  # of one denomination in a drawer

_COINS_AND_NOTES = {
    "EUR": ((1, 2, 5, 10, 20, 50, 100, 200), (500, 1000, 2000, 5000, 10000, 20000, 50000)),
    "USD": ((1, 5, 10, 25, 50, 100), (100, 200, 500, 1000, 2000, 5000, 10000)),
    "GBP": ((1, 2, 5, 10, 20, 50, 100, 200), (500, 1000, 2000, 5000)),
    "CHF": ((5, 10, 20, 50, 100, 200, 500), (1000, 2000, 5000, 10000, 20000, 100000)),
    "SEK": ((100, 200, 500, 1000), (2000, 5000, 10000, 20000, 50000, 100000)),
    "NOK": ((100, 500, 1000, 2000), (5000, 10000, 20000, 50000, 100000)),
    "DKK": ((50, 100, 200, 500, 1000, 2000), (5000, 10000, 20000, 50000)),
    "PLN": ((1, 2, 5, 10, 20, 50, 100, 200, 500), (1000, 2000, 5000, 10000, 20000, 50000)),
    "CZK": ((100, 200, 500, 1000, 2000, 5000), (10000, 20000, 50000, 100000, 200000, 500000)),
    "JPY": ((1, 5, 10, 50, 100, 500), (1000, 2000, 5000, 10000)),
    "INR": ((50, 100, 200, 500, 1000, 2000), (1000, 2000, 5000, 10000, 20000, 50000)),
    "CAD": ((5, 10, 25, 50, 100, 200), (500, 1000, 2000, 5000, 10000)),
    "AUD": ((5, 10, 20, 50, 100, 200), (500, 1000, 2000, 5000, 10000)),
}
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Denominations:
    """What a currency's money comes in, smallest first, in minor units."""

    coins: tuple[int, ...]
    notes: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """Every face value once, largest first: a coin and a note of the same worth are counted together."""
        return tuple(sorted({*self.coins, *self.notes}, reverse=True))


def denominations(currency: str) -> Denominations:
    """Return the coins and notes of a currency."""
    if currency in _COINS_AND_NOTES:
        return Denominations(*_COINS_AND_NOTES[currency])
    unit: int = 10 ** Currency(currency).exponent
    coins = [step * 10**power for power in range(4) for step in _STEPS if step * 10**power < 5 * unit]
    return Denominations(tuple(coins), tuple(step * 10**power * unit for power in range(4) for step in _STEPS)[2:])


Count = Sequence[Mapping[str, int]]  # [{"denomination_minor": 500, "quantity": 3}, ...]


def counted(currency: str, count: Count) -> int:
    """Return what a count comes to, in minor units. Raises Refusal for money that the currency does not have."""
    known = denominations(currency).all
    given = [line["denomination_minor"] for line in count]
    for value in given:
        if value not in known:
            money = Currency(currency)
            raise Refusal("denomination_unknown", f"There is no coin or note of {money.text(value)}.")
    if len(set(given)) < len(given):
        raise Refusal("denomination_twice", "Name each coin or note once.")
    return sum(line["denomination_minor"] * line["quantity"] for line in count)
