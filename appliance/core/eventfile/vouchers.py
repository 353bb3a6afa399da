"""Vouchers."""

from __future__ import annotations

from appliance.core.clock import timestamp
from appliance.core.eventfile import checks
from appliance.core.eventfile.offers import Names
from appliance.core.tomltable import Table
from appliance.core.trade import Voucher


def read_voucher(table: Table, names: Names) -> Voucher:
    """Read a voucher: worth a percentage, an amount, one piece of an offer, or a balance."""
    has_from, has_until = table.has("valid_from"), table.has("valid_until")
    voucher = Voucher(
        code=table.text("code", check=checks.voucher_code),
        percent_off=table.integer("percent_off", 0, 100, 0),
        amount_off_minor=table.integer("amount_off_minor", 0, checks.MAX_PRICE_MINOR, 0),
        uses=None if table.flag("unlimited", False) else table.integer("uses", 1, 1_000_000, 1),
        item=table.choice("item", names.groups, ""),
        offers=checks.known(table, "offers", names.groups, "offer"),
        valid_from=timestamp(table.moment("valid_from")) if has_from else None,
        valid_until=timestamp(table.moment("valid_until")) if has_until else None,
        minimum_minor=table.integer("minimum_minor", 0, checks.MAX_PRICE_MINOR, 0),
        balance_minor=table.integer("balance_minor", 0, checks.MAX_PRICE_MINOR, 0),
    )
    worths = (voucher.percent_off > 0, voucher.amount_off_minor > 0, bool(voucher.item), voucher.balance_minor > 0)
    if sum(worths) != 1:
        table.problem(
            "a voucher is worth either percent_off or amount_off_minor or an item or balance_minor: write one", "code"
        )
    if voucher.balance_minor and (voucher.offers or voucher.minimum_minor):
        table.problem(
            "balance_minor: a gift card pays for everything; leave offers and minimum_minor out", "balance_minor"
        )
    if voucher.item and voucher.offers:
        table.problem("offers: an item's voucher is for that item; leave this out", "offers")
    if voucher.valid_from and voucher.valid_until and voucher.valid_from >= voucher.valid_until:
        table.problem("valid_until: must be later than valid_from", "valid_until")
    table.finish()
    return voucher
