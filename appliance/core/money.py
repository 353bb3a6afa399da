"""Money as whole minor units of a currency, and taxes that add up to the last of them."""

from __future__ import annotations

from dataclasses import dataclass

# ISO 4217 active currencies whose minor unit is not 1/100 (list one, 2024).
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
# The smallest amount that cash can pay, in minor units, where coins are coarser than the currency; halves go up.
# CHF: 0.05, the smallest coin (SR 941.10, Art. 1 and 2; 0.01 withdrawn 2007). SEK: 1.00 (SFS 1970:1029). NOK: 1.00
# (0.50 withdrawn 2012). DKK: 0.50 (0.25 withdrawn 2008). CZK: 1.00 (0.50 withdrawn 2008). HUF: 5 (Act III of 2008).
# CAD: 0.05 (cent withdrawn 2013). AUD: 0.05 (1992). NZD: 0.10 (2006). Unicode CLDR lists the same for most of them
# (supplementalData, currencyData/fractions, cashRounding). In the euro area it goes by country: the event says so.
_CASH_STEPS_MINOR = {
    **dict.fromkeys("CHF CAD AUD".split(), 5),
    **dict.fromkeys("SEK NOK CZK".split(), 100),
    "DKK": 50,
    "HUF": 500,
    "NZD": 10,
}
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
PPM = 1_000_000  # a tax rate of 19 % is 190,000 parts per million


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency; `exponent` is the number of decimals of its minor unit.

    Papers write amounts as their language does: with another `mark`, and the sign after the number.
    """

    code: str
    mark: str = "."
    is_after: bool = False

    @property
    def exponent(self) -> int:
        """Decimals of the minor unit: 2 for USD, 0 for JPY, 3 for KWD."""
        return _EXPONENTS.get(self.code, 2)

    @property
    def cash_step_minor(self) -> int:
        """The smallest amount that cash can pay: 5 for CHF, 100 for SEK, 1 where every amount can be paid."""
        return _CASH_STEPS_MINOR.get(self.code, 1)

    def number(self, amount_minor: int) -> str:
        """Write an amount without its currency, `-12.50`."""
        sign, digits = "-" if amount_minor < 0 else "", str(abs(amount_minor)).rjust(self.exponent + 1, "0")
        whole, decimals = digits[: len(digits) - self.exponent], digits[len(digits) - self.exponent :]
        return f"{sign}{whole}{self.mark}{decimals}" if decimals else f"{sign}{whole}"

    def text(self, amount_minor: int) -> str:
        """Write an amount as people do, `$12.50`, or `CHF 12.50` where there is no common sign."""
        if self.is_after:
            return f"{self.number(amount_minor)} {_SYMBOLS.get(self.code, self.code)}"
        symbol = _SYMBOLS.get(self.code, f"{self.code} ")
        number = self.number(abs(amount_minor))
        return f"-{symbol}{number}" if amount_minor < 0 else f"{symbol}{number}"


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest whole number, halves away from zero."""
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient


def in_cash(amount_minor: int, step_minor: int) -> int:
    """Round an amount to what cash can pay, halves away from zero."""
    return round_half_up(amount_minor, step_minor) * step_minor


def tax_included(gross_minor: int, rate_ppm: int) -> int:
    """Return the tax contained in a gross amount."""
    return round_half_up(gross_minor * rate_ppm, PPM + rate_ppm)


def tax_on_top(net_minor: int, rate_ppm: int) -> int:
    """Return the tax that comes on top of a net amount."""
    return round_half_up(net_minor * rate_ppm, PPM)


def share(total_minor: int, weights: list[int]) -> list[int]:
    """Split an amount by weights so that the parts add up exactly (largest remainders get the odd units).

    Raises ValueError if the weights are all zero while there is something to split.
    """
    whole = sum(weights)
    if whole == 0:
        if total_minor:
            raise ValueError("nothing to share the amount over")
        return [0] * len(weights)
    parts = [total_minor * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total_minor * weights[i] % whole), i))
    for index in by_remainder[: total_minor - sum(parts)]:
        parts[index] += 1
    return parts
