"""The people at the till: who they are, how they log in, what each may do, and how their work is signed on paper."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from appliance.core.clock import local_time
from appliance.core.document import Align, Block, Cut, Document, Text
from appliance.core.errors import NotFound, Refusal
from appliance.core.pins import SALT_BYTES, draw_pin, pin_hash
from appliance.core.ports import Books
from appliance.core.slips import approval_slip
from appliance.core.texts import english
from appliance.core.trade import OWNER, Actor, Cashier, Right

MAX_NAME_CHARS = 40
MAX_CASHIERS = 50  # at a time


def add(
    books: Books,
    name: str,
    rights: Iterable[Right],
    taken: Iterable[str] = (),
    digits: Callable[[int], int] = secrets.randbelow,
) -> tuple[Cashier, str]:
    """Let somebody work at the till; return them and their PIN, which nobody can read again. Raises Refusal.

    `taken` are PINs of others that are not in the store: the staff's and the owner's.
    """
    name, active = name.strip(), books.cashiers.active()
    if not 1 <= len(name) <= MAX_NAME_CHARS or not name.isprintable():
        raise Refusal("bad_name", f"A cashier's name has 1 to {MAX_NAME_CHARS} printable characters.")
    if name.casefold() in {cashier.name.casefold() for cashier in active}:
        raise Refusal("cashier_known", f"There is a cashier '{name}' already: choose another name.", status=409)
    if len(active) >= MAX_CASHIERS:
        raise Refusal("too_many_cashiers", f"A box has at most {MAX_CASHIERS} cashiers: remove one first.", status=409)
    salt, pin = _draw(books, taken, digits)
    id = f"c{len(books.cashiers.all()) + 1}"  # rows are never taken away, so no id comes twice
    cashier = Cashier(id, name, frozenset(rights), salt, pin_hash(pin, salt), 1, books.moment.text())
    books.cashiers.add(cashier)
    books.journal.append("cashier.added", {"id": id, "rights": sorted(cashier.rights)})
    return cashier, pin


def new_pin(
    books: Books, who: str, taken: Iterable[str] = (), digits: Callable[[int], int] = secrets.randbelow
) -> tuple[Cashier, str]:
    """Give a cashier another PIN, and end their sessions; return them and the PIN. Raises Refusal."""
    cashier = find(books, who)
    salt, pin = _draw(books, taken, digits)
    books.cashiers.set_pin(cashier.id, salt, pin_hash(pin, salt))
    books.journal.append("cashier.pin_changed", {"id": cashier.id})
    return cashier, pin


def remove(books: Books, who: str) -> Cashier:
    """Let a cashier work no more; the reports still name them. Raises Refusal."""
    cashier = find(books, who)
    books.cashiers.remove(cashier.id, books.moment.text())
    books.journal.append("cashier.removed", {"id": cashier.id})
    return replace(cashier, removed_at=books.moment.text())


def find(books: Books, who: str) -> Cashier:
    """Find a cashier who may log in, by id or by name. Raises Refusal."""
    wanted = who.strip().casefold()
    for cashier in books.cashiers.active():
        if wanted in (cashier.id, cashier.name.casefold()):
            return cashier
    raise NotFound("cashier_unknown", f"There is no cashier '{who}' on this box.")


def by_pin(books: Books, pin: str) -> Cashier | None:
    """Find the cashier with this PIN. All share a salt, so one slow hash answers for all of them."""
    active = books.cashiers.active()
    hashes = {salt: pin_hash(pin, salt) for salt in {cashier.pin_salt for cashier in active}}
    matching = [c for c in active if secrets.compare_digest(hashes[c.pin_salt], c.pin_hash)]
    return matching[0] if matching else None


def by_session(books: Books, id: str, pin_version: int) -> Cashier | None:
    """Find who logged in with this version of their PIN; None once it was changed or they were removed."""
    cashier = books.cashiers.get(id)
    good = cashier is not None and cashier.removed_at is None and cashier.pin_version == pin_version
    return cashier if good else None


def names(books: Books) -> dict[str, str]:
    """Return every cashier's name by id, removed ones too."""
    return {cashier.id: cashier.name for cashier in books.cashiers.all()}


def signed_by(books: Books, document: Document) -> Document:
    """Write who did it, and who approved it, at the end of a paper. Without cashiers it stays as it is."""
    actor = books.actor
    if not actor.marks():
        return document
    event = books.events.current()
    say = event.texts if event else english()
    known = {**names(books), OWNER: say["owner"]}
    lines: list[Block] = []
    if actor.cashier:
        lines.append(Text(f"{say['cashier']}: {known.get(actor.cashier, actor.cashier)}", align=Align.CENTER))
    if actor.approved_by:
        who = known.get(actor.approved_by, actor.approved_by)
        lines.append(Text(f"{say['approved_by']}: {who}", align=Align.CENTER))
    blocks = list(document.blocks)
    end = len(blocks) - 1 if blocks and isinstance(blocks[-1], Cut) else len(blocks)
    return replace(document, blocks=(*blocks[:end], *lines, *blocks[end:]))


@contextlib.contextmanager
def acting(books: Books, actor: Actor) -> Iterator[None]:
    """Do an act in somebody's name. That a right was lent for it is on paper: on the act's own, else on a slip."""
    with books.acting(actor):
        papers, before = books.prints.span(), books.journal.head()
        yield
        if not actor.approved_by or books.prints.span() != papers:
            return
        for entry in books.journal.after(before.seq if before else 0, 1):  # what else there is followed from it
            event = books.events.current()
            at = local_time(entry.at, event.time_zone) if event else entry.at
            slip = approval_slip(event.name if event else "", entry, at)
            books.prints.add("slip", f"approval {entry.seq}", signed_by(books, slip).to_json())


def _draw(books: Books, taken: Iterable[str], digits: Callable[[int], int]) -> tuple[str, str]:
    """Draw a PIN that nobody has; return its salt, the same for all, and the PIN."""
    active, taken = books.cashiers.active(), set(taken)
    salt = active[0].pin_salt if active else secrets.token_hex(SALT_BYTES)
    while True:
        pin = draw_pin(digits)
        if pin not in taken and by_pin(books, pin) is None:
            return salt, pin
