"""What one piece of an offer costs, here and now: its list price, another price of the window or hour, for members."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from appliance.core.clock import parse_timestamp
from appliance.core.money import round_half_up
from appliance.core.trade import Event, Offer, PriceRule, open_window


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """The prices of one piece. `now_minor` is what anybody pays, by the rule named `rule` (empty: the list price)."""

    list_minor: int
    now_minor: int
    rule: str
    member_minor: int | None

    def for_(self, is_member: bool) -> int:
        """Return what somebody pays: the member price only where it is the lower one."""
        return min(self.now_minor, self.member_minor) if is_member and self.member_minor is not None else self.now_minor


def unit_price(event: Event, offer: Offer, at: str | None) -> UnitPrice:
    """Return the prices of an offer at an RFC 3339 time; the first rule of the event that fits holds.

    Without a time no rule fits.
    """
    rule = next((rule for rule in event.prices if at and _fits(rule, event, offer, at)), None)
    now = offer.price_minor if rule is None else _by(rule, offer.price_minor)
    return UnitPrice(offer.price_minor, now, rule.name if rule else "", offer.member_price_minor)


def rules_now(event: Event, at: str) -> tuple[str, ...]:
    """Return the names of the price rules that are in force at an RFC 3339 time."""
    return tuple(rule.name for rule in event.prices if _is_in_window(rule, event, at) and _is_in_hours(rule, event, at))


def minute_of_day(event: Event, at: str) -> int:
    """Return the minutes after midnight on the event's wall clock."""
    there = parse_timestamp(at).astimezone(ZoneInfo(event.time_zone))
    return there.hour * 60 + there.minute


def _fits(rule: PriceRule, event: Event, offer: Offer, at: str) -> bool:
    return _is_for(rule, offer) and _is_in_window(rule, event, at) and _is_in_hours(rule, event, at)


def _is_for(rule: PriceRule, offer: Offer) -> bool:
    if not rule.offers and not rule.categories:
        return True
    return offer.is_one_of(rule.offers) or offer.category in rule.categories


def _is_in_window(rule: PriceRule, event: Event, at: str) -> bool:
    if not rule.windows:
        return True
    window = open_window(event, at)
    return window is not None and window.id in rule.windows


def _is_in_hours(rule: PriceRule, event: Event, at: str) -> bool:
    if rule.from_min is None or rule.until_min is None:
        return True
    minute = minute_of_day(event, at)
    if rule.from_min <= rule.until_min:
        return rule.from_min <= minute < rule.until_min
    return minute >= rule.from_min or minute < rule.until_min


def _by(rule: PriceRule, list_minor: int) -> int:
    if rule.price_minor is not None:
        return rule.price_minor
    return max(0, list_minor - round_half_up(list_minor * rule.percent_off, 100) - rule.amount_off_minor)
