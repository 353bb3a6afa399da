"""Who stands at the till, and what each may do there."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Right(enum.StrEnum):
    """What a cashier needs to be allowed by name; selling and admitting need none of these."""

    REFUND = "refund"  # give money back
    DISCOUNT = "discount"  # take something off a price by hand
    OVERRIDE = "override"  # let somebody in against the door's verdict
    STOCK = "stock"  # correct what is counted as there
    REPORT = "report"  # see and print X and Z reports and the takings
    DRAWER = "drawer"  # put cash in, take cash out, open the drawer without a sale
    VOID = "void"  # give up an order
    PAIR = "pair"  # let a tablet belong to the stall


ALL_RIGHTS = frozenset(Right)
OWNER = "owner"  # who approved, where it was the owner's PIN
STAFF = "staff"  # who approved, where it was the staff PIN of a box without cashiers


@dataclass(frozen=True, slots=True)
class Cashier:
    """One person at the till. `id` is all that the journal ever says of them.

    `pin_version` grows with each new PIN, so that sessions of the one before end.
    """

    id: str
    name: str
    rights: frozenset[Right]
    pin_salt: str = field(repr=False)
    pin_hash: str = field(repr=False)
    pin_version: int
    added_at: str
    removed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does what is done now, and whose right was borrowed for it: ids of cashiers, or OWNER or STAFF."""

    cashier: str | None = None
    approved_by: str | None = None
    tablet: str | None = None  # id of the paired tablet at which it was done

    def marks(self) -> dict[str, str]:
        """Return what each journal entry of the act says of them; nothing where nobody is known."""
        named = {"cashier": self.cashier, "approved_by": self.approved_by, "tablet": self.tablet}
        return {name: id for name, id in named.items() if id is not None}


NOBODY = Actor()
