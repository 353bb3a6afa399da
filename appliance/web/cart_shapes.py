"""The shapes of carts and windows; see shapes.py. Fields may be added, none renamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from appliance.core.suggestions import Suggestion
from appliance.services.carts import Cart
from appliance.services.windows import OUTSIDE, WindowFigures
from appliance.web.shapes import line


def cart(value: Cart, suggested: Sequence[Suggestion]) -> dict[str, Any]:
    """Shape a priced cart with what goes with it."""
    return {
        "currency": value.event.currency,
        "total_minor": value.total_minor,
        "cash_total_minor": value.cash_total_minor,
        "lines": [line(one) for one in value.lines],
        "taxes": [asdict(one) for one in value.taxes],
        "notes": list(value.notes),
        "window": value.window or None,
        "is_member": value.has_member_prices,
        "suggestions": [suggestion(one) for one in suggested],
    }


def window_figures(value: WindowFigures, with_money: bool) -> dict[str, Any]:
    """Shape a sales window with what was sold in it, and for how much, if that may be told."""
    known = value.window
    return {
        "id": known.id if known else None,
        "name": known.name if known else OUTSIDE,
        "opens_at": known.opens_at if known else None,
        "closes_at": known.closes_at if known else None,
        "state": value.state,
        "figures": {name: count for name, count in value.figures.items() if with_money or not name.endswith("_minor")},
        "shares": dict(value.shares),
    }


def suggestion(value: Suggestion) -> dict[str, Any]:
    """Shape a suggestion."""
    return {
        "offer": value.offer.id,
        "kind": str(value.offer.kind),
        "name": value.offer.name,
        "text": value.text,
        "price_minor": value.price_minor,
        "saves_minor": value.saves_minor,
    }
