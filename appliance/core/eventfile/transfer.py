"""Payments by transfer: to whom, and as which code."""

from __future__ import annotations

from appliance.core.payment_qr import CURRENCY_OF, MAX_NAME, MAX_NAME_BYTES, account_problem, bic_problem, compact
from appliance.core.tomltable import Table
from appliance.core.trade import Scheme, Transfer


def read_transfer(table: Table | None, currency: str) -> Transfer | None:
    """Read `[transfer]`; None without one, or with something wrong in it, which is noted."""
    if table is None:
        return None
    word = table.choice("scheme", [scheme.value for scheme in Scheme])
    scheme = Scheme(word) if word in set(Scheme) else Scheme.LINK
    account = table.text("account")
    name = table.text("name", "" if scheme in (Scheme.LINK, Scheme.SWISH) else None)
    bic = table.text("bic", "") if scheme is Scheme.SEPA else ""
    table.finish()
    if account and word in set(Scheme) and (problem := account_problem(scheme, account)):
        table.problem(f"account: '{account}' is {problem}", "account")
    if bic and (problem := bic_problem(bic)):
        table.problem(f"bic: '{bic}' is {problem}", "bic")
    if len(name) > MAX_NAME or len(name.encode()) > MAX_NAME_BYTES:
        told = f"{MAX_NAME} characters of it at most, in {MAX_NAME_BYTES} bytes of UTF-8"
        table.problem(f"name: a code holds {told}", "name")
    if currency and CURRENCY_OF.get(scheme, currency) != currency:
        table.problem(f"scheme: {scheme} pays {CURRENCY_OF[scheme]}, and this event sells in {currency}", "scheme")
    return Transfer(scheme, compact(scheme, account), name, bic)
