"""The journal told to a person: each entry as one plain sentence of core/languages/office/journal, and who did it.

A sentence names offers, cashiers and tablets as people do, and never says what the drawer should hold: whoever counts
it counts blind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.core.journal import KINDS, Entry
from appliance.core.office_texts import office
from appliance.core.ports import Books
from appliance.core.texts import paper_money
from appliance.core.trade import OWNER, STAFF, order_code
from appliance.services import cashiers

Data = Mapping[str, Any]

# What people look for, and the kinds of entries that it is: by the first word of a kind.
GROUPS: Mapping[str, frozenset[str]] = {
    "door": frozenset("ticket code scanner".split()),
    "money": frozenset("order payment sale voucher credits cash drawer shift".split()),
    "goods": frozenset("stock restock".split()),
    "people": frozenset("cashier tablet pin owner_pin staff_pin member signal".split()),
    "box": frozenset("box clock hello event tickets codes power shutdown device lights print sms".split()),
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


def newest(books: Books, group: str, before: int | None, limit: int, language: str = "en") -> Sequence[Told]:
    """Tell the newest entries of a group (empty: of all), those before a number if one is given, newest first.

    In a `language` of staff's pages; in any other, in English.
    """
    entries = books.journal.newest(kinds_of(group), limit, before)
    teller = _Teller(books, language)
    return [teller.tell(entry) for entry in entries]


def kinds_of(group: str) -> Sequence[str]:
    """Name the kinds of entries in a group; all of them for none."""
    if not group:
        return list(KINDS)
    return [kind for kind in KINDS if kind.partition(".")[0] in GROUPS[group]]


class _Teller:
    """Knows the names that the sentences of one reading need, and the words for them."""

    def __init__(self, books: Books, language: str) -> None:
        event = books.events.current()
        self._language = office(language, event.offices if event else ())
        self._currency = event.currency if event else ""
        self._offers = {offer.id: offer.name for offer in books.events.offers()} if event else {}
        own = {OWNER: self.say("owner"), STAFF: self.say("staff_pin")}
        self._people = {**cashiers.names(books), **own}
        self._tablets = {tablet.id: tablet.name for tablet in books.tablets.all()}

    def tell(self, entry: Entry) -> Told:
        say = _SENTENCES.get(entry.kind)
        try:
            words = say(self, entry.data) if say else KINDS.get(entry.kind, entry.kind)
        except (KeyError, TypeError, ValueError):  # of an older or a later release, which said something else
            words = KINDS.get(entry.kind, entry.kind)
        if entry.data.get("rehearsal"):
            words = self.say("rehearsal", words=words)
        return Told(entry, words, self._by(entry.data), entry.kind in WEIGHTY)

    def say(self, key: str, /, **values: object) -> str:
        """Say `told_<key>`; names and amounts keep their own direction in a sentence that runs the other way."""
        if self._language.direction == "rtl":
            values = {name: f"\u2068{value}\u2069" for name, value in values.items()}
        return self._language.texts[f"told_{key}"].format(**values)

    def title(self, data: Data) -> str:
        """Say the title of a verdict."""
        title = str(data["title"])
        return self._language.texts.get(f"verdict_{title.lower().replace(' ', '_')}", title)

    def _by(self, data: Data) -> str | None:
        said: list[str] = []
        if who := data.get("cashier"):
            said.append(self.person(who))
        if who := data.get("approved_by"):
            said.append(self.say("approved_by", name=self.person(who)))
        if where := data.get("tablet"):
            said.append(self.say("at", tablet=self.tablet(where)))
        return ", ".join(said) or None

    def money(self, minor: int, code: str = "") -> str:
        currency = code or self._currency
        return paper_money(currency, self._language.texts).text(minor) if currency else str(minor)

    def offer(self, id: str) -> str:
        return self._offers.get(id, id)

    def lines(self, data: Data) -> str:
        return ", ".join(f"{line['quantity']} × {self.offer(line['offer'])}" for line in data["lines"])

    def tablet(self, id: str) -> str:
        return self._tablets.get(id, id)

    def person(self, id: str) -> str:
        return self._people.get(id, id)

    def why(self, data: Data) -> str:
        reason = data.get("reason") or data.get("note")
        return self.say("why", reason=reason) if reason else ""


Sentence = Callable[[_Teller, Data], str]


def _plain(key: str) -> Sentence:
    """Say a text with what the entry holds."""
    return lambda teller, data: teller.say(key, **data)


def _scan(key: str) -> Sentence:
    return lambda t, d: t.say(key, what=d.get("ticket_type") or t.title(d), source=d["source"])


def _order(key: str) -> Sentence:
    return lambda t, d: t.say(key, order=order_code(d["order"]))


def _opened(teller: _Teller, data: Data) -> str:
    amount = teller.money(data["total_minor"])
    return teller.say("order_opened", order=order_code(data["order"]), amount=amount, lines=teller.lines(data))


def _payment(key: str) -> Sentence:
    def say(teller: _Teller, data: Data) -> str:
        facts = {"amount": teller.money(data["amount_minor"]), "tender": teller.say(data["tender"])}
        outcome = teller.say(data["outcome"]) if "outcome" in data else ""
        return teller.say(key, **facts, order=order_code(data["order"]), outcome=outcome)

    return say


def _sale(teller: _Teller, data: Data) -> str:
    amount = teller.money(data["total_minor"], data["currency"])
    return teller.say("sale", number=data["number"], amount=amount, lines=teller.lines(data))


def _back(teller: _Teller, data: Data) -> str:
    key = "sale_voided" if data.get("void") else "sale_given_back"
    return teller.say(key, amount=teller.money(data["amount_minor"]), sale=data["sale"], reason=data["reason"])


def _cash(teller: _Teller, data: Data) -> str:
    key = "cash_in" if data["direction"] == "in" else "cash_out"
    return teller.say(key, amount=teller.money(data["amount_minor"]), reason=data["reason"])


def _moved(key: str) -> Sentence:
    return lambda t, d: t.say(key, quantity=d["quantity"], offer=t.offer(d["offer"]), why=t.why(d))


def _counted(teller: _Teller, data: Data) -> str:
    count = teller.say("no_limit") if data["to"] is None else data["to"]
    return teller.say("stock_counted", offer=teller.offer(data["offer"]), count=count, reason=data["reason"])


def _low(teller: _Teller, data: Data) -> str:
    return teller.say("stock_low", offer=teller.offer(data["offer"]), stock=data["stock"])


def _person(key: str) -> Sentence:
    return lambda t, d: t.say(key, name=t.person(d["id"]))


def _paired(teller: _Teller, data: Data) -> str:
    beside = teller.say("beside", scanner=data["scanner"]) if data.get("scanner") else ""
    role = teller.say(f"role_{data['role']}")
    return teller.say("tablet_paired", name=teller.tablet(data["id"]), role=role, beside=beside)


def _signal(teller: _Teller, data: Data) -> str:
    offer = teller.say("offer", offer=teller.offer(data["offer"])) if data.get("offer") else ""
    return teller.say(f"guest_{data['what']}", offer=offer)


def _device(key: str) -> Sentence:
    def say(teller: _Teller, data: Data) -> str:
        return teller.say(key, device=data["device"], why=teller.why(data) or ".")

    return say


def _power(teller: _Teller, data: Data) -> str:
    charge = data.get("charge_pct")
    at = "" if charge is None else teller.say("charge", charge=f"{charge:.0f}")
    return teller.say("power", before=data["from"], after=data["to"], charge=at)


def _started(teller: _Teller, data: Data) -> str:
    after = teller.say(f"after_{data['after']}") if data.get("after") in ("power", "crash") else ""
    return teller.say("box_started", version=data["version"], after=after)


def _clock(teller: _Teller, data: Data) -> str:
    before, after = (data[when][:16].replace("T", " ") for when in ("before", "after"))
    return teller.say("clock_set", before=before, after=after, source=teller.say(f"clock_by_{data['source']}"))


_SENTENCES: Mapping[str, Sentence] = {
    "box.started": _started,
    "clock.set": _clock,
    "event.loaded": _plain("event_loaded"),
    "tickets.imported": _plain("tickets_imported"),
    "tickets.removed": _plain("tickets_removed"),
    "ticket.admitted": _scan("ticket_admitted"),
    "ticket.exited": _scan("ticket_exited"),
    "ticket.overridden": _plain("ticket_overridden"),
    "ticket.refused": lambda t, d: t.say("ticket_refused", source=d["source"], title=t.title(d)),
    "code.shown": _scan("code_shown"),
    "order.opened": _opened,
    "order.cancelled": _order("order_cancelled"),
    "order.expired": _order("order_expired"),
    "payment.taken": _payment("payment_taken"),
    "payment.asked": _payment("payment_asked"),
    "payment.settled": _payment("payment_settled"),
    "sale.completed": _sale,
    "sale.refunded": _back,
    "lights.switched": lambda t, d: t.say(f"lights_{d['to']}"),
    "stock.corrected": _counted,
    "stock.delivered": _moved("stock_delivered"),
    "stock.wasted": _moved("stock_wasted"),
    "stock.low": _low,
    "restock.handed_over": lambda t, d: t.say("parcels_left", parcels=len(d["orders"]), pieces=d["pieces"]),
    "credits.bought": _plain("credits_bought"),
    "credits.spent": lambda t, d: t.say("credits_spent", credits=d["credits"], order=order_code(d["order"])),
    "shift.opened": _plain("shift_opened"),
    "shift.counted": _plain("shift_counted"),
    "shift.closed": _plain("shift_closed"),
    "cash.moved": _cash,
    "drawer.opened": _plain("drawer_opened"),
    "cashier.added": _person("cashier_added"),
    "cashier.pin_changed": _person("cashier_pin"),
    "cashier.removed": _person("cashier_removed"),
    "tablet.paired": _paired,
    "tablet.revoked": lambda t, d: t.say("tablet_revoked", name=t.tablet(d["id"])),
    "pin.refused": lambda t, d: t.say("pin_refused", where=d["where"], device=t.tablet(d["from"])),
    "print.copied": _plain("print_copied"),
    "print.settled": lambda t, d: t.say("print_is_there" if d["on_paper"] else "print_is_not", subject=d["subject"]),
    "signal.noted": _signal,
    "power.changed": _power,
    "device.lost": _device("device_lost"),
    "device.back": _device("device_back"),
}
