"""The tablets of the stall: pair one, send one away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from appliance.core.errors import NotFound, Refusal
from appliance.core.ports import Books
from appliance.core.trade import Tablet, TabletRole

MAX_NAME_CHARS = 40
MAX_TABLETS = 100  # at a time


def pair(
    books: Books, key_hash: str, name: str, role: TabletRole, scanner: str | None, scanners: Sequence[str]
) -> Tablet:
    """Let a tablet belong to the stall; `scanners` are the roles that there are. Raises Refusal."""
    name, active = name.strip(), books.tablets.active()
    if not 1 <= len(name) <= MAX_NAME_CHARS or not name.isprintable():
        raise Refusal("bad_name", f"A tablet's name has 1 to {MAX_NAME_CHARS} printable characters.")
    if name.casefold() in {tablet.name.casefold() for tablet in active}:
        raise Refusal("tablet_known", f"There is a tablet '{name}' already: choose another name.", status=409)
    if len(active) >= MAX_TABLETS:
        raise Refusal("too_many_tablets", f"A box has at most {MAX_TABLETS} tablets: send one away.", status=409)
    if scanner is not None and scanner not in scanners:
        raise NotFound("scanner_unknown", f"There is no scanner '{scanner}' on this box.")
    id = f"t{len(books.tablets.all()) + 1}"  # rows are never taken away, so no id comes twice
    tablet = Tablet(id, name, role, scanner, books.moment.text())
    books.tablets.add(tablet, key_hash)
    books.journal.append("tablet.paired", {"id": id, "role": role, "scanner": scanner})
    return tablet


def revoke(books: Books, id: str) -> Tablet:
    """Let a tablet belong no more: from its next request on it is a guest's. Raises Refusal."""
    tablet = books.tablets.get(id)
    if tablet is None or tablet.revoked_at is not None:
        raise NotFound("tablet_unknown", f"No tablet '{id}' belongs to this box.")
    books.tablets.revoke(id, books.moment.text())
    books.journal.append("tablet.revoked", {"id": id})
    return replace(tablet, revoked_at=books.moment.text())
