"""The event that the box works for: its text, what is left of its offers and its vouchers."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from appliance.core.clock import Moment
from appliance.core.event import digest, read_event
from appliance.core.tomltext import TomlProblems
from appliance.core.trade import Event, Offer, OfferKind, Voucher
from appliance.store.issued import MARK, change_balance, use_voucher_of_series, voucher_of_series
from appliance.store.tickets import Tickets

_read_event = functools.lru_cache(maxsize=4)(read_event)  # the text changes once a day; reading it takes 2 ms


class Events:
    """See EventsPort in core/ports."""

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

    def former(self, sha256: str) -> Event | None:
        """Return an event that was loaded before the present one."""
        row = self._db.execute("SELECT source FROM former_events WHERE sha256 = ?", (sha256,)).fetchone()
        try:
            return _read_event(row[0]) if row else None
        except TomlProblems:  # written for another release
            return None

    def replace(self, event: Event, source: str) -> None:
        """Take an event. Loaded anew, what is left of its stock stays where the file lists as much as before."""
        if not self._db.execute("SELECT 1 FROM events WHERE id = ?", (event.id,)).fetchone():
            self._db.execute("DELETE FROM stock")  # another event: other shelves, other vouchers
            self._db.execute("DELETE FROM voucher_uses")
            self._db.execute("DELETE FROM window_stock")
            Tickets(self._db).empty_the_place()
        if (before := self.source()) is not None:
            self._db.execute("INSERT OR IGNORE INTO former_events VALUES (?,?)", (digest(before), before))
        self._db.execute("DELETE FROM events")
        row = (event.id, event.name, source, self._moment.text())
        self._db.execute("INSERT INTO events (id, name, source, loaded_at) VALUES (?,?,?,?)", row)
        for offer in event.offers:
            # Counted anew, a shelf has what the file says; of places those that were taken stay so.
            is_place = offer.kind is OfferKind.SHIPPING
            now = "coalesce(available + :stock - listed, :stock)" if is_place else ":stock"
            self._db.execute(
                "INSERT INTO stock (offer, available, listed) VALUES (:offer, :stock, :stock)"
                f" ON CONFLICT (offer) DO UPDATE SET available = {now}, listed = :stock WHERE listed IS NOT :stock",
                {"offer": offer.id, "stock": offer.stock},
            )
        self._share_out(event)

    def _share_out(self, event: Event) -> None:
        """Note the windows' shares; what is left of one stays while the file lists as much as before."""
        shares = {(window.id, offer): pieces for window in event.windows for offer, pieces in window.shares}
        for key in self._db.execute("SELECT window_id, offer FROM window_stock").fetchall():
            if key not in shares:
                self._db.execute("DELETE FROM window_stock WHERE window_id = ? AND offer = ?", key)
        for (window, offer), pieces in shares.items():
            self._db.execute(
                "INSERT INTO window_stock (window_id, offer, available, listed) VALUES (:window, :offer, :n, :n)"
                " ON CONFLICT (window_id, offer) DO UPDATE SET available = :n, listed = :n WHERE listed <> :n",
                {"window": window, "offer": offer, "n": pieces},
            )

    def offers(self, window: str = "") -> Sequence[Offer]:
        """Return the offers with what can be sold now."""
        event = self.current()
        left = dict(self._db.execute("SELECT offer, available FROM stock"))
        query = "SELECT offer, available FROM window_stock WHERE window_id = ?"
        for offer, share in self._db.execute(query, (window,)):
            shelf = left.get(offer)
            left[offer] = share if shelf is None else min(shelf, share)
        return [replace(offer, stock=left.get(offer.id)) for offer in event.offers] if event else []

    def take_stock(self, offer: str, quantity: int, window: str = "") -> bool:
        """Reserve stock if there is enough, on the shelf and of the window's share."""
        query = "SELECT available FROM window_stock WHERE window_id = ? AND offer = ?"
        share = self._db.execute(query, (window, offer)).fetchone()
        if share and share[0] < quantity:
            return False
        done = self._db.execute(
            "UPDATE stock SET available = available - :n"
            " WHERE offer = :offer AND (available IS NULL OR available >= :n)",
            {"offer": offer, "n": quantity},
        )
        if done.rowcount == 1 and share:
            self._move_share(offer, -quantity, window)
        return done.rowcount == 1

    def return_stock(self, offer: str, quantity: int, window: str = "") -> None:
        """Give stock back."""
        if window:
            self._move_share(offer, quantity, window)
        self._db.execute("UPDATE stock SET available = available + ? WHERE offer = ?", (quantity, offer))

    def _move_share(self, offer: str, quantity: int, window: str) -> None:
        query = "UPDATE window_stock SET available = available + ? WHERE window_id = ? AND offer = ?"
        self._db.execute(query, (quantity, window, offer))

    def set_stock(self, offer: str, stock: int | None) -> None:
        """Set what can be sold now."""
        self._db.execute("UPDATE stock SET available = ? WHERE offer = ?", (stock, offer))

    def voucher(self, code: str) -> Voucher | None:
        """Find a voucher of the event."""
        event = self.current()
        if event is None:
            return None
        found = next((voucher for voucher in event.vouchers if voucher.code == code), None)
        if found is None:
            return voucher_of_series(self._db, event, code)
        row = self._db.execute("SELECT used FROM voucher_uses WHERE code = ?", (code,)).fetchone()
        return replace(found, used=row[0] if row else 0)

    def use_voucher(self, code: str, times: int = 1) -> None:
        """Count a use; -1 gives it back."""
        if MARK in code:
            use_voucher_of_series(self._db, code, times)
            return
        self._db.execute(
            "INSERT INTO voucher_uses VALUES (:code, :n) ON CONFLICT (code) DO UPDATE SET used = used + :n",
            {"code": code, "n": times},
        )

    def change_balance(self, code: str, amount_minor: int) -> None:
        """Change what is left on a gift card."""
        change_balance(self._db, code, amount_minor)
