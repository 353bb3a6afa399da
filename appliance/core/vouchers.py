"""What a voucher takes off a cart, and the sentence that says why it does not."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.cart import Draft, part_of, spread, total
from appliance.core.clock import local_time
from appliance.core.errors import Refusal
from appliance.core.money import Currency
from appliance.core.trade import AdjustmentKind, Event, Voucher


def worth(voucher: Voucher, event: Event) -> str:
    """Say what a voucher is worth: `50 %`, `$3.00`, `one Postcard`; with what it is restricted to."""
    money = Currency(event.currency).text
    if voucher.left_minor is not None or voucher.balance_minor:
        left = voucher.balance_minor if voucher.left_minor is None else voucher.left_minor
        return f"a gift card with {money(left)} on it"
    if voucher.item:
        value = f"one {_name(event, voucher.item)}, free"
    else:
        value = f"{voucher.percent_off} % off" if voucher.percent_off else f"{money(voucher.amount_off_minor)} off"
    only = f" {_names(event, voucher.offers)}" if voucher.offers else ""
    least = f", from {money(voucher.minimum_minor)}" if voucher.minimum_minor else ""
    return value + only + least


def objection(voucher: Voucher, event: Event, at: str | None) -> tuple[str, str] | None:
    """Return a code and a sentence if a voucher cannot be used at an RFC 3339 time (None: whenever), else None."""
    if voucher.uses is not None and voucher.used >= voucher.uses:
        return "voucher_used", "This voucher is used up."
    if at and voucher.valid_from and at < voucher.valid_from:
        return "voucher_not_yet", f"This voucher is good from {local_time(voucher.valid_from, event.time_zone)} on."
    if at and voucher.valid_until and at >= voucher.valid_until:
        return "voucher_expired", f"This voucher ended at {local_time(voucher.valid_until, event.time_zone)}."
    return None


def check_standing(voucher: Voucher, event: Event, at: str | None) -> None:
    """See that a voucher may be used at all; see `objection`. Raises Refusal."""
    if objected := objection(voucher, event, at):
        code, sentence = objected
        message = f"{sentence} Take '{voucher.code}' off the order, or use another."
        raise Refusal(code, message, status=409 if code == "voucher_used" else 422)


def apply_voucher(voucher: Voucher, drafts: Sequence[Draft], event: Event) -> list[Draft]:
    """Take a voucher's worth off the lines that it is for. Raises Refusal if it does not fit the cart."""
    _check_minimum(voucher, drafts, event)
    if voucher.item:
        return _item_off(voucher, drafts, event)
    chosen = [
        index for index, draft in enumerate(drafts) if not voucher.offers or draft.offer.is_one_of(voucher.offers)
    ]
    if not chosen:
        names = _names(event, voucher.offers)
        message = f"The voucher '{voucher.code}' is for {names}: add it, or take the voucher off the order."
        raise Refusal("voucher_not_for_these", message)
    amount = part_of([drafts[index] for index in chosen], voucher.percent_off, voucher.amount_off_minor)
    return spread(drafts, chosen, AdjustmentKind.VOUCHER, event.texts["voucher_off"], amount)


def _check_minimum(voucher: Voucher, drafts: Sequence[Draft], event: Event) -> None:
    if missing := max(0, voucher.minimum_minor - total(drafts)):
        money = Currency(event.currency).text
        least = money(voucher.minimum_minor)
        message = f"The voucher '{voucher.code}' needs an order of at least {least}: add {money(missing)} more."
        raise Refusal("voucher_minimum", message)


def _item_off(voucher: Voucher, drafts: Sequence[Draft], event: Event) -> list[Draft]:
    """Make one piece free: of several that it may be, the dearest."""
    chosen = [index for index, draft in enumerate(drafts) if draft.offer.is_one_of((voucher.item,))]
    if not chosen:
        name = _name(event, voucher.item)
        message = f"The voucher '{voucher.code}' is worth one '{name}': add it to the order, it is free then."
        raise Refusal("voucher_item", message)
    best = max(chosen, key=lambda index: _piece(drafts[index]))
    return spread(drafts, [best], AdjustmentKind.VOUCHER, event.texts["voucher_off"], _piece(drafts[best]))


def _piece(draft: Draft) -> int:
    """Return what one piece of a line costs after all that was taken off, rounded up."""
    return -(-draft.left_minor // draft.quantity)


def _names(event: Event, ids: Sequence[str]) -> str:
    return " or ".join(dict.fromkeys(f"'{_name(event, id)}'" for id in ids))


def _name(event: Event, id: str) -> str:
    for offer in event.offers:
        if offer.id == id:
            return offer.name
        if offer.group == id:
            return offer.family
    return id
