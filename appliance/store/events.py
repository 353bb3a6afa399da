"""The event that the box works for: its text, what is left of its offers and its vouchers."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from appliance.core.clock import Moment
from appliance.core.event import read_event
from appliance.core.trade import Event, Offer, Voucher
from appliance.store.tickets import Tickets

_read_event = functools.lru_cache(maxsize=4)(read_event)  # the text changes once a day; reading it takes 2 ms


class Events:
    """See EventsPort in core/ports.py."""

    def __init__(self, connection: sqlite3.Connection, moment: Moment) -> None:
        self._db = connection
        self._moment = moment

    def current(self) -> Event | None:
        """Return the loaded event."""
        source = self.source()
        return _read_event(source) if source else None

    def source(self) -> str | None:
        """Return the event's TOML text."""
        row = self._db.execute("SELECT source FROM events ORDER BY loaded_at DESC, rowid DESC LIMIT 1").fetchone()
        return row[0] if row else None

    def replace(self, event: Event, source: str) -> None:
        """Take an event. Loaded anew, what is left of its stock stays where the file lists as much as before."""
        if not self._db.execute("SELECT 1 FROM events WHERE id = ?", (event.id,)).fetchone():
            self._db.execute("DELETE FROM stock")  # another event: other shelves, other vouchers
            self._db.execute("DELETE FROM voucher_uses")
            Tickets(self._db).empty_the_place()
        self._db.execute("DELETE FROM events")
        row = (event.id, event.name, source, self._moment.text())
        self._db.execute("INSERT INTO events (id, name, source, loaded_at) VALUES (?,?,?,?)", row)
        for offer in event.offers:
            self._db.execute(
                "INSERT INTO stock (offer, available, listed) VALUES (:offer, :stock, :stock)"
                " ON CONFLICT (offer) DO UPDATE SET available = :stock, listed = :stock WHERE listed IS NOT :stock",
                {"offer": offer.id, "stock": offer.stock},
            )

    def offers(self) -> Sequence[Offer]:
        """Return the offers with what can be sold now."""
        event = self.current()
        left = dict(self._db.execute("SELECT offer, available FROM stock"))
        return [replace(offer, stock=left.get(offer.id)) for offer in event.offers] if event else []

    def take_stock(self, offer: str, quantity: int) -> bool:
        """Reserve stock if there is enough."""
        done = self._db.execute(
            "UPDATE stock SET available = available - :n"
            " WHERE offer = :offer AND (available IS NULL OR available >= :n)",
            {"offer": offer, "n": quantity},
        )
        return done.rowcount == 1

    def return_stock(self, offer: str, quantity: int) -> None:
        """Give stock back."""
        self._db.execute("UPDATE stock SET available = available + ? WHERE offer = ?", (quantity, offer))

    def set_stock(self, offer: str, stock: int | None) -> None:
        """Set what can be sold now."""
        self._db.execute("UPDATE stock SET available = ? WHERE offer = ?", (stock, offer))

    def voucher(self, code: str) -> Voucher | None:
        """Find a voucher of the event."""
        event = self.current()
        found = next((voucher for voucher in event.vouchers if voucher.code == code), None) if event else None
        if found is None:
            return None
        row = self._db.execute("SELECT used FROM voucher_uses WHERE code = ?", (code,)).fetchone()
        return replace(found, used=row[0] if row else 0)

    def use_voucher(self, code: str, times: int = 1) -> None:
        """Count a use; -1 gives it back."""
        self._db.execute(
            "INSERT INTO voucher_uses VALUES (:code, :n) ON CONFLICT (code) DO UPDATE SET used = used + :n",
            {"code": code, "n": times},
        )
