"""The journal told to a person: each entry as one plain sentence, and who did it.

A sentence names offers, cashiers and tablets as people do, and never says what the drawer should hold: whoever counts
it counts blind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.core.journal import KINDS, Entry
from appliance.core.money import Currency
from appliance.core.ports import Books
from appliance.core.trade import OWNER, STAFF, order_code
from appliance.services import cashiers

Data = Mapping[str, Any]

# What people look for, and the kinds of entries that it is: by the first word of a kind.
GROUPS: Mapping[str, tuple[str, frozenset[str]]] = {
    "door": ("Door", frozenset({"ticket", "code", "scanner"})),
    "money": ("Money", frozenset({"order", "payment", "sale", "voucher", "credits", "cash", "drawer", "shift"})),
    "goods": ("Goods", frozenset({"stock", "restock"})),
    "people": ("People", frozenset({"cashier", "tablet", "pin", "owner_pin", "staff_pin", "member", "signal"})),
    "box": (
        "Box",
        frozenset(
            {
                "box",
                "clock",
                "hello",
                "event",
                "tickets",
                "codes",
                "power",
                "shutdown",
                "device",
                "lights",
                "print",
                "sms",
            }
        ),
    ),
}
# What a person should look at.
WEIGHTY = frozenset(
    "ticket.overridden sale.refunded cash.moved drawer.opened pin.refused tablet.revoked device.lost shutdown.asked"
    " stock.wasted clock.set event.purged owner_pin.renewed staff_pin.renewed sms.failed".split()
)


@dataclass(frozen=True, slots=True)
class Told:
    """One entry, told: `words` is a sentence, `by` who did it, None where nobody is named."""

    entry: Entry
    words: str
    by: str | None
    weighty: bool


def newest(books: Books, group: str, before: int | None, limit: int) -> Sequence[Told]:
    """Tell the newest entries of a group (empty: of all), those before a number if one is given, newest first."""
    entries = books.journal.newest(kinds_of(group), limit, before)
    teller = _Teller(books)
    return [teller.tell(entry) for entry in entries]


def kinds_of(group: str) -> Sequence[str]:
    """Name the kinds of entries in a group; all of them for none."""
    if not group:
        return list(KINDS)
    return [kind for kind in KINDS if kind.partition(".")[0] in GROUPS[group][1]]


class _Teller:
    """Knows the names that the sentences of one reading need."""

    def __init__(self, books: Books) -> None:
        event = books.events.current()
        self._currency = Currency(event.currency) if event else None
        self._offers = {offer.id: offer.name for offer in books.events.offers()} if event else {}
        self._people = {**cashiers.names(books), OWNER: "the owner", STAFF: "the staff PIN"}
        self._tablets = {tablet.id: tablet.name for tablet in books.tablets.all()}

    def tell(self, entry: Entry) -> Told:
        say = _SENTENCES.get(entry.kind)
        try:
            words = say(self, entry.data) if say else KINDS.get(entry.kind, entry.kind)
        except (KeyError, TypeError, ValueError):  # of an older or a later release, which said something else
            words = KINDS.get(entry.kind, entry.kind)
        if entry.data.get("rehearsal"):
            words = f"Rehearsal: {words}"
        return Told(entry, words, self._by(entry.data), entry.kind in WEIGHTY)

    def _by(self, data: Data) -> str | None:
        said: list[str] = []
        if who := data.get("cashier"):
            said.append(self.person(who))
        if who := data.get("approved_by"):
            said.append(f"approved by {self.person(who)}")
        if where := data.get("tablet"):
            said.append(f"at {self.tablet(where)}")
        return ", ".join(said) or None

    def money(self, minor: int, code: str = "") -> str:
        currency = Currency(code) if code else self._currency
        return currency.text(minor) if currency else str(minor)

    def offer(self, id: str) -> str:
        return self._offers.get(id, id)

    def lines(self, data: Data) -> str:
        return ", ".join(f"{line['quantity']} × {self.offer(line['offer'])}" for line in data["lines"])

    def tablet(self, id: str) -> str:
        return self._tablets.get(id, id)

    def person(self, id: str) -> str:
        return self._people.get(id, id)


def _scan(word: str) -> Callable[[_Teller, Data], str]:
    def say(teller: _Teller, data: Data) -> str:
        what = data.get("ticket_type") or data["title"]
        return f"{word}: {what}, at {data['source']}."

    return say


def _refused(teller: _Teller, data: Data) -> str:
    return f"Refused at {data['source']}: {data['title']}."


def _overridden(teller: _Teller, data: Data) -> str:
    return f"Let in against '{data['overridden']}' at {data['source']}: {data['override_reason']}."


def _tender(data: Data) -> str:
    return {"cash": "in cash", "card": "by card", "transfer": "by transfer", "voucher": "by gift card"}.get(
        data["tender"], f"in {data['tender']}s"
    )


def _sale(teller: _Teller, data: Data) -> str:
    return f"Sale {data['number']}, {teller.money(data['total_minor'], data['currency'])}: {teller.lines(data)}."


def _back(teller: _Teller, data: Data) -> str:
    act = "voided" if data.get("void") else "given back"
    return f"{teller.money(data['amount_minor'])} of sale {data['sale']} {act}: {data['reason']}."


def _cash(teller: _Teller, data: Data) -> str:
    act = "put into" if data["direction"] == "in" else "taken out of"
    return f"{teller.money(data['amount_minor'])} {act} the drawer: {data['reason']}."


def _moved(word: str) -> Callable[[_Teller, Data], str]:
    def say(teller: _Teller, data: Data) -> str:
        why = data.get("reason") or data.get("note")
        return f"{data['quantity']} × {teller.offer(data['offer'])} {word}{f': {why}' if why else ''}."

    return say


def _counted(teller: _Teller, data: Data) -> str:
    there = "without limit" if data["to"] is None else data["to"]
    return f"{teller.offer(data['offer'])} counted: {there} now ({data['reason']})."


def _paired(teller: _Teller, data: Data) -> str:
    scanner = f", with the {data['scanner']} scanner" if data.get("scanner") else ""
    return f"Tablet '{teller.tablet(data['id'])}' was paired as {data['role']}{scanner}."


def _pin(teller: _Teller, data: Data) -> str:
    return f"A wrong PIN was typed ({data['where']}) at {teller.tablet(data['from'])}."


def _device(word: str) -> Callable[[_Teller, Data], str]:
    return lambda teller, data: f"{data['device']} {word}{': ' + data['reason'] if data.get('reason') else '.'}"


def _clock(teller: _Teller, data: Data) -> str:
    by = {"network": "a time server", "tablet": "the owner's tablet"}.get(data["source"], "the system")
    return f"The clock went from {_minute(data['before'])} to {_minute(data['after'])} UTC, by {by}."


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")


def _power(teller: _Teller, data: Data) -> str:
    charge = "" if data.get("charge_pct") is None else f" at {data['charge_pct']:.0f} %"
    return f"Power went from {data['from']} to {data['to']}{charge}."


_ENDED = {"power": " after the power was cut", "crash": " after a crash"}
_SENTENCES: Mapping[str, Callable[[_Teller, Data], str]] = {
    "box.started": lambda t, d: f"The box started{_ENDED.get(d.get('after', ''), '')}, version {d['version']}.",
    "clock.set": _clock,
    "event.loaded": lambda t, d: f"The event '{d['name']}' was loaded.",
    "tickets.imported": lambda t, d: f"List '{d['source']}' was read: {d['new']} new, {d['changed']} changed.",
    "tickets.removed": lambda t, d: f"{d['removed']} unused tickets of the list '{d['source']}' were taken away.",
    "ticket.admitted": _scan("Admitted"),
    "ticket.exited": _scan("Went out"),
    "ticket.overridden": _overridden,
    "ticket.refused": _refused,
    "code.shown": _scan("Shown"),
    "order.opened": lambda t, d: f"Order {order_code(d['order'])}, {t.money(d['total_minor'])}: {t.lines(d)}.",
    "order.cancelled": lambda t, d: f"Order {order_code(d['order'])} was given up.",
    "order.expired": lambda t, d: f"Order {order_code(d['order'])} waited too long and was given up.",
    "payment.taken": lambda t, d: f"{t.money(d['amount_minor'])} {_tender(d)} for order {order_code(d['order'])}.",
    "payment.asked": lambda t, d: f"{t.money(d['amount_minor'])} {_tender(d)} asked for; the answer is awaited.",
    "payment.settled": lambda t, d: f"{t.money(d['amount_minor'])} {_tender(d)}: staff says {d['outcome']}.",
    "sale.completed": _sale,
    "sale.refunded": _back,
    "lights.switched": lambda t, d: f"The lights were set to {d['to']}.",
    "stock.corrected": _counted,
    "stock.delivered": _moved("came in"),
    "stock.wasted": _moved("broke or spoiled"),
    "stock.low": lambda t, d: f"{t.offer(d['offer'])} is running low: {d['stock']} left.",
    "restock.handed_over": lambda t, d: f"{len(d['orders'])} parcels left, {d['pieces']} pieces.",
    "credits.bought": lambda t, d: f"{d['credits']} credits were added to a card.",
    "credits.spent": lambda t, d: f"{d['credits']} credits were spent on order {order_code(d['order'])}.",
    "shift.opened": lambda t, d: "The till was opened with its float.",
    "shift.counted": lambda t, d: f"The drawer of shift {d['shift']} was counted.",
    "shift.closed": lambda t, d: f"Shift {d['shift']} was closed; the journal's head is signed.",
    "cash.moved": _cash,
    "drawer.opened": lambda t, d: f"The drawer was opened without a sale: {d['reason']}.",
    "cashier.added": lambda t, d: f"{t.person(d['id'])} may log in from now on.",
    "cashier.pin_changed": lambda t, d: f"{t.person(d['id'])} has a new PIN.",
    "cashier.removed": lambda t, d: f"{t.person(d['id'])} may not log in any more.",
    "tablet.paired": _paired,
    "tablet.revoked": lambda t, d: f"Tablet '{t.tablet(d['id'])}' was sent away.",
    "pin.refused": _pin,
    "print.copied": lambda t, d: f"{d['subject']} was printed once more, marked COPY.",
    "print.settled": lambda t, d: (
        f"{d['subject']}: staff says it is {'on paper' if d['on_paper'] else 'not on paper'}."
    ),
    "signal.noted": lambda t, d: f"A guest {d['what']}{' ' + t.offer(d['offer']) if d.get('offer') else ''}.",
    "power.changed": _power,
    "device.lost": _device("went away"),
    "device.back": _device("is back"),
}
