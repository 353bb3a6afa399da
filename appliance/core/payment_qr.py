"""The codes by which guests pay from their own bank's app: what stands in each, for one amount and one reference.

Nobody tells the box that such money came: a person looks, and says so.

Sources: European Payments Council, EPC069-12, version 2.1 (the lines and their limits); NPCI, UPI linking
specification 1.6 (pa, pn, am, cu, tn, tr); Swish, QR-code API manual, 6.1 (C, payee, amount, message, lock mask).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from appliance.core.errors import Refusal
from appliance.core.money import Currency
from appliance.core.trade import Scheme, Transfer

CURRENCY_OF: Mapping[Scheme, str] = {Scheme.SEPA: "EUR", Scheme.UPI: "INR", Scheme.SWISH: "SEK"}
PLACES = ("amount", "amount_minor", "currency", "reference", "name")  # what a link's template may hold, in braces
MAX_SEPA_MINOR = 99_999_999_999
MAX_NAME = 70
MAX_NAME_BYTES = 238  # the code has at most 331 (QR version 13 at level M), and all else of it up to 93
_PLACE = re.compile(r"{(\w*)}")
_UPI_ID = re.compile(r"[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9.-]{1,63}")
_SWISH_NUMBER = re.compile(r"(?:46|0)7[0-9]{8}|123[0-9]{7}")
_LINK = re.compile(r"[a-z][a-z0-9+.-]*:\S+")


def payment_code(to: Transfer, currency: str, amount_minor: int, reference: str) -> str:
    """Write the text of the code that pays an amount. Raises Refusal for what the scheme cannot carry."""
    amount = Currency(currency).number(amount_minor)
    match to.scheme:
        case Scheme.SEPA:
            return _sepa(to, amount, amount_minor, reference)
        case Scheme.UPI:
            wanted = {"pa": to.account, "pn": to.name, "am": amount, "cu": currency, "tn": reference, "tr": reference}
            return "upi://pay?" + "&".join(f"{key}={quote(value, safe='@')}" for key, value in wanted.items() if value)
        case Scheme.SWISH:
            return f"C{to.account};{amount.replace('.', ',')};{quote(reference)};0"  # 0: the payer changes nothing
        case Scheme.LINK:
            known = dict(zip(PLACES, (amount, str(amount_minor), currency, reference, to.name), strict=True))
            return _PLACE.sub(lambda place: quote(known[place[1]], safe=""), to.account)


def account_problem(scheme: Scheme, account: str) -> str | None:
    """Tell what is wrong with an account as its scheme writes it; None if nothing is."""
    match scheme:
        case Scheme.SEPA:
            return _iban_problem(account)
        case Scheme.UPI:
            return None if _UPI_ID.fullmatch(account) else "no UPI id such as stall@bank"
        case Scheme.SWISH:
            is_right = _SWISH_NUMBER.fullmatch(account.replace(" ", ""))
            return None if is_right else "no Swish number: 123 and seven digits, or a mobile number"
        case Scheme.LINK:
            return _link_problem(account)


def bic_problem(text: str) -> str | None:
    """Tell what is wrong with a bank's BIC; None if nothing is."""
    from stdnum import bic

    return None if bic.is_valid(text) else "no BIC of 8 or 11 characters"


def compact(scheme: Scheme, account: str) -> str:
    """Write an account as its code holds it: without the spaces that people put between its digits."""
    if scheme is Scheme.LINK:
        return account
    plain = account.replace(" ", "")
    return plain.upper() if scheme is Scheme.SEPA else plain


def _sepa(to: Transfer, amount: str, amount_minor: int, reference: str) -> str:
    if amount_minor > MAX_SEPA_MINOR:
        raise Refusal("amount", "A SEPA transfer carries at most 999,999,999.99 euro.")
    lines = ("BCD", "002", "1", "SCT", to.bic, to.name, to.account, f"EUR{amount}", "", "", reference)
    return "\n".join(lines)


def _link_problem(template: str) -> str | None:
    places = set(_PLACE.findall(template))
    if not _LINK.fullmatch(template):
        return "no address such as https://pay.example/stall/{amount}"
    if unknown := sorted(places - set(PLACES)):
        return f"not known between braces: {', '.join(unknown)}; there are {', '.join(PLACES)}"
    return None if places & {"amount", "amount_minor"} else "without {amount} it would pay nothing in particular"


def _iban_problem(account: str) -> str | None:
    from stdnum import iban  # with its table of countries; an event without transfers never needs it

    return None if iban.is_valid(account) else "no IBAN: count and check its digits"
