"""A tablet that belongs to the stall: what it is for, and the scanner beside it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class TabletRole(enum.StrEnum):
    """What a tablet is for."""

    KIOSK = "kiosk"  # guests order at it; it may scan, and is not paced as guests' own telephones are
    DOOR = "door"  # verdicts with names, head count, search by name; no money
    STAFF = "staff"  # the staff's page without the staff PIN; rights by name still need a cashier's


@dataclass(frozen=True, slots=True)
class Tablet:
    """One paired tablet. `id` is all that the journal ever says of it; `scanner` is a role of `[scanners]` or none."""

    id: str
    name: str
    role: TabletRole
    scanner: str | None
    paired_at: str
    revoked_at: str | None = None
