"""The lines of a cart while they are priced: each step takes something off and says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from appliance.core.money import round_half_up, share
from appliance.core.trade import Adjustment, AdjustmentKind, Offer


@dataclass(frozen=True, slots=True)
class Draft:
    """One offer in a cart: so many pieces at so much each, and what was taken off so far."""

    offer: Offer
    quantity: int
    unit_minor: int
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def full_minor(self) -> int:
        """What all pieces come to at their price."""
        return self.unit_minor * self.quantity

    @property
    def discount_minor(self) -> int:
        """All that was taken off."""
        return -sum(adjustment.amount_minor for adjustment in self.adjustments)

    @property
    def left_minor(self) -> int:
        """What the line costs after all that was taken off, never below nothing."""
        return self.full_minor - self.discount_minor

    def less(self, kind: AdjustmentKind, what: str, amount_minor: int) -> Draft:
        """Take something off; nothing is no step."""
        if amount_minor == 0:
            return self
        return replace(self, adjustments=(*self.adjustments, Adjustment(kind, what, -amount_minor)))


def total(drafts: Sequence[Draft]) -> int:
    """Return what the lines come to."""
    return sum(draft.left_minor for draft in drafts)


def part_of(drafts: Sequence[Draft], percent: int, amount_minor: int) -> int:
    """Return a percentage or an amount of what the lines come to, rounded once and never more than all of it."""
    left = total(drafts)
    return min(left, round_half_up(left * percent, 100) + amount_minor)


def spread(
    drafts: Sequence[Draft], chosen: Sequence[int], kind: AdjustmentKind, what: str, amount_minor: int
) -> list[Draft]:
    """Take an amount off the chosen lines, each its share by what it costs; the shares add up to the minor unit."""
    parts = dict(zip(chosen, share(amount_minor, [drafts[index].left_minor for index in chosen]), strict=True))
    return [draft.less(kind, what, parts.get(index, 0)) for index, draft in enumerate(drafts)]
