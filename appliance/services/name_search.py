"""Finding a ticket by its holder's name, for somebody who has no code with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.core.errors import Refusal
from appliance.core.gate import Case, gate_of
from appliance.core.holders import is_like
from appliance.core.ports import Books, VaultPort
from appliance.core.trade import Ticket

AT_MOST = 20

_OFF = {
    "no_names": "No names are on this box: import a list with names.",
    "no_pin": "Search by name is off: the owner chooses a PIN, on the setup page or with 'stallbox pin "
    "set', and imports the list again.",
    "no_copies": "These names came in before the owner chose a PIN: import the list again.",
}
_LOCKED = "Search by name is locked: the owner's PIN unlocks it."


@dataclass(frozen=True, slots=True)
class NameFound:
    """A ticket and whose it is; `used_at` on the clock of the place, None if it was not used."""

    ticket: Ticket
    name: str
    type: str
    used_at: str | None


def standing(books: Books, vault: VaultPort) -> dict[str, str]:
    """Say whether names can be searched: `open`, `locked` or `off`, and why not, in a sentence for a person."""
    why = why_off(books, vault)
    if why:
        if not books.restock.personal()["contacts"]:  # those open by the same PIN
            vault.lock()  # purged, perhaps by a command in another process
        return {"state": "off", "message": _OFF[why]}
    if vault.owner_key is None:
        return {"state": "locked", "message": _LOCKED}
    return {"state": "open", "message": ""}


def opened(books: Books, vault: VaultPort) -> bytes:
    """Return the key that opens the names. Raises Refusal if it is not open."""
    why = why_off(books, vault)
    if why:
        raise Refusal(why, _OFF[why], 409)
    if vault.owner_key is None:
        raise Refusal("locked", _LOCKED, 409)
    return vault.owner_key


def search(books: Books, owner_key: bytes, wanted: str) -> tuple[Sequence[NameFound], bool]:
    """Return up to AT_MOST tickets whose holder's name has these words, by name, and whether there are more."""
    alike = sorted((holder.name, id) for id, holder in books.holders.names(owner_key) if is_like(holder.name, wanted))
    shown = [_found(books, id, name) for name, id in alike[:AT_MOST]]
    return [one for one in shown if one], len(alike) > AT_MOST


def _found(books: Books, id: str, name: str) -> NameFound | None:
    ticket = books.tickets.find(id)
    if ticket is None:
        return None
    case = Case(ticket, gate_of(books.events.current(), 0), books.moment.at)
    return NameFound(ticket, name, case.name, case.when(ticket.first_used_at) if ticket.first_used_at else None)


def why_off(books: Books, vault: VaultPort) -> str:
    """Tell by a code why names cannot be searched; empty if they can, once they are unlocked."""
    if not books.holders.are_there():
        return "no_names"
    if not vault.has_pin:
        return "no_pin"
    return "" if books.holders.can_be_searched() else "no_copies"
