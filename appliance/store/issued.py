"""The tables of what was issued in numbers: serials, other codes of a ticket, vouchers of a series."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from appliance.core.clock import Moment
from appliance.core.codes import ticket_id
from appliance.core.shortcode import canonical
from appliance.core.trade import Event, Voucher

MARK = "#"  # parts a series from a voucher of it, in names: never in a voucher's own code
_NAME_DIGITS = 16


class Issued:
    """See IssuedPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection, moment: Moment) -> None:
        self._db = connection
        self._moment = moment

    def take_serials(self, public_key: bytes, count: int) -> int:
        """Reserve serials of a key."""
        query = (
            "INSERT INTO ticket_serials VALUES (:key, :n) ON CONFLICT (public_key) DO UPDATE SET next = next + :n"
            " RETURNING next"
        )
        row = self._db.execute(query, {"key": public_key.hex(), "n": count}).fetchone()
        return int(row[0]) - count

    def add_vouchers(self, codes: Sequence[str], event: str, series: str, uses: int, balance_minor: int = 0) -> int:
        """Keep vouchers of a series; those of another one that nobody used belong to this one from now on."""
        at = self._moment.text()
        query = (
            "INSERT INTO issued_vouchers (id, event, series, uses, issued_at, balance_minor) VALUES (?,?,?,?,?,?)"
            " ON CONFLICT (id) DO UPDATE SET event = excluded.event, series = excluded.series, uses = excluded.uses,"
            " balance_minor = excluded.balance_minor"
            " WHERE used = 0 AND (event, series) <> (excluded.event, excluded.series)"
        )
        return self._each(query, ((code, event, series, uses, at, balance_minor) for code in codes))

    def add_members(self, codes: Sequence[str]) -> int:
        """Keep members."""
        at = self._moment.text()
        query = "INSERT OR IGNORE INTO members (code, credits, joined_at) VALUES (?,0,?)"
        return self._each(query, ((code, at) for code in codes))

    def withdraw_tickets(self, codes: Sequence[str]) -> int:
        """Take away tickets that were never used."""
        unused = (
            "SELECT id FROM tickets WHERE first_used_at IS NULL AND id = coalesce("
            "(SELECT ticket FROM ticket_aliases WHERE alias = :code), :code)"
        )
        ids = [row for code in codes for row in self._db.execute(unused, {"code": code})]
        forget(self._db, ids)
        return len(set(ids))

    def withdraw_vouchers(self, codes: Sequence[str]) -> int:
        """Take away vouchers that were never used."""
        return self._each("DELETE FROM issued_vouchers WHERE id = ? AND used = 0", ((code,) for code in codes))

    def withdraw_members(self, codes: Sequence[str]) -> int:
        """Take away members without credits."""
        return self._each("DELETE FROM members WHERE code = ? AND credits = 0", ((code,) for code in codes))

    def _each(self, query: str, rows: Iterable[Sequence[object]]) -> int:
        return max(0, self._db.executemany(query, rows).rowcount)


def forget(db: sqlite3.Connection, ids: Sequence[tuple[str]]) -> int:
    """Take tickets away together with their other codes; return how many."""
    db.executemany("DELETE FROM ticket_aliases WHERE ticket = ?", ids)
    return max(0, db.executemany("DELETE FROM tickets WHERE id = ?", ids).rowcount)


def voucher_of_series(db: sqlite3.Connection, event: Event, typed: str) -> Voucher | None:
    """Find a voucher that was issued in numbers; its name is its series and the beginning of its hash."""
    code = canonical(typed)
    if code is None:
        return None
    id = ticket_id(code)
    query = "SELECT series, uses, used, balance_minor FROM issued_vouchers WHERE id = ? AND event = ?"
    row = db.execute(query, (id, event.id)).fetchone()
    series = next((known for known in event.vouchers if row and known.code == row[0]), None)
    if series is None:
        return None
    name = f"{series.code}{MARK}{id[:_NAME_DIGITS]}"
    if series.balance_minor:
        return replace(series, code=name, uses=None, used=row[2], left_minor=row[3])
    return replace(series, code=name, uses=row[1] or None, used=row[2])


def use_voucher_of_series(db: sqlite3.Connection, name: str, times: int) -> None:
    """Count a use of a voucher by its name; see voucher_of_series."""
    series, _, begin = name.partition(MARK)
    query = "UPDATE issued_vouchers SET used = used + ? WHERE id BETWEEN ? AND ? AND series = ?"
    db.execute(query, (times, begin, begin + "g", series))  # g is just above the hex digits


def change_balance(db: sqlite3.Connection, name: str, amount_minor: int) -> None:
    """Change what is left on a gift card, by its name; whoever takes something off counts as a use."""
    series, _, begin = name.partition(MARK)
    query = (
        "UPDATE issued_vouchers SET balance_minor = balance_minor + :amount, used = used + (:amount < 0)"
        " WHERE id BETWEEN :first AND :last AND series = :series"
    )
    db.execute(query, {"amount": amount_minor, "first": begin, "last": begin + "g", "series": series})
