"""The tables, as migrations. Names are for people who open the store with Datasette or sqlite-utils.

Migrations only ever add, so that the release before can still read the store after a roll-back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from appliance.store import pending, restock, tablets
from appliance.store.sms import MIGRATION as SMS_MIGRATION

_SET = "stallbox"

# Every migration by name, in order: plain SQL, applied once each inside its own transaction by sqlite-utils.
MIGRATIONS: tuple[tuple[str, str], ...] = (
    (
        "0001_the_books",
        """
        CREATE TABLE journal (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, at TEXT NOT NULL,
            clock TEXT NOT NULL, data TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL
        );
        CREATE INDEX journal_by_kind ON journal (kind, seq);
        CREATE TABLE journal_head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL);
        CREATE TABLE signed_heads (
            seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, signature TEXT NOT NULL, public_key TEXT NOT NULL
        );
        CREATE TABLE tallies (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE cursors (name TEXT PRIMARY KEY, seq INTEGER NOT NULL);
        CREATE TABLE answers (
            key TEXT PRIMARY KEY, request_sha256 TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
            at TEXT NOT NULL
        );

        CREATE TABLE events (id TEXT PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, loaded_at TEXT NOT NULL);
        CREATE TABLE stock (offer TEXT PRIMARY KEY, available INTEGER, listed INTEGER);
        CREATE TABLE voucher_uses (code TEXT PRIMARY KEY, used INTEGER NOT NULL);

        CREATE TABLE orders (
            id TEXT PRIMARY KEY, status TEXT NOT NULL, currency TEXT NOT NULL, total_minor INTEGER NOT NULL,
            paid_minor INTEGER NOT NULL DEFAULT 0, voucher TEXT, member TEXT, opened_at TEXT NOT NULL,
            age_s INTEGER NOT NULL DEFAULT 0, rehearsal INTEGER NOT NULL
        );
        CREATE INDEX orders_open ON orders (age_s) WHERE status = 'open';
        CREATE TABLE order_lines (
            order_id TEXT NOT NULL REFERENCES orders (id), position INTEGER NOT NULL, offer TEXT NOT NULL,
            kind TEXT NOT NULL, name TEXT NOT NULL, quantity INTEGER NOT NULL, unit_price_minor INTEGER NOT NULL,
            discount_minor INTEGER NOT NULL, tax TEXT NOT NULL, tax_rate_ppm INTEGER NOT NULL,
            total_minor INTEGER NOT NULL, credits INTEGER NOT NULL, PRIMARY KEY (order_id, position)
        ) WITHOUT ROWID;
        CREATE TABLE payments (
            id INTEGER PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders (id), tender TEXT NOT NULL,
            amount_minor INTEGER NOT NULL, tendered_minor INTEGER NOT NULL, reference TEXT NOT NULL, at TEXT NOT NULL
        );
        CREATE INDEX payments_by_order ON payments (order_id);
        CREATE TABLE sales (
            number INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE REFERENCES orders (id),
            currency TEXT NOT NULL, total_minor INTEGER NOT NULL, refunded_minor INTEGER NOT NULL DEFAULT 0,
            granted TEXT NOT NULL, at TEXT NOT NULL, seq INTEGER NOT NULL, rehearsal INTEGER NOT NULL
        );
        CREATE INDEX sales_by_seq ON sales (seq);
        CREATE TABLE refunds (
            number INTEGER PRIMARY KEY, sale INTEGER NOT NULL REFERENCES sales (number), tender TEXT NOT NULL,
            amount_minor INTEGER NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL, seq INTEGER NOT NULL,
            rehearsal INTEGER NOT NULL
        );
        CREATE INDEX refunds_by_sale ON refunds (sale);
        CREATE TABLE refund_lines (
            refund INTEGER NOT NULL REFERENCES refunds (number), offer TEXT NOT NULL, quantity INTEGER NOT NULL,
            amount_minor INTEGER NOT NULL, PRIMARY KEY (refund, offer)
        ) WITHOUT ROWID;

        CREATE TABLE tickets (
            id TEXT PRIMARY KEY, product TEXT NOT NULL, status TEXT NOT NULL, first_used_at TEXT,
            first_used_by TEXT NOT NULL DEFAULT ''
        ) WITHOUT ROWID;
        CREATE TABLE members (code TEXT PRIMARY KEY, credits INTEGER NOT NULL, joined_at TEXT NOT NULL);

        CREATE TABLE print_jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, status TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
            document TEXT NOT NULL, queued_at TEXT NOT NULL, reason TEXT NOT NULL DEFAULT ''
        );
        CREATE INDEX print_jobs_waiting ON print_jobs (status, id) WHERE status <> 'printed';
        CREATE TABLE shifts (
            id INTEGER PRIMARY KEY, opened_at TEXT NOT NULL, opened_seq INTEGER NOT NULL, float_minor INTEGER NOT NULL,
            closed_at TEXT, closed_seq INTEGER, counted_minor INTEGER
        );
        """,
    ),
    (
        "0002_the_door",
        """
        ALTER TABLE tickets ADD COLUMN event TEXT NOT NULL DEFAULT '';
        ALTER TABLE tickets ADD COLUMN valid_from TEXT;
        ALTER TABLE tickets ADD COLUMN valid_until TEXT;
        ALTER TABLE tickets ADD COLUMN entry TEXT;
        ALTER TABLE tickets ADD COLUMN entries_allowed INTEGER;
        ALTER TABLE tickets ADD COLUMN entries_used INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tickets ADD COLUMN inside INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tickets ADD COLUMN last_entry_at TEXT;
        ALTER TABLE tickets ADD COLUMN note TEXT NOT NULL DEFAULT '';
        ALTER TABLE tickets ADD COLUMN price_due_minor INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE scanner_layouts (
            scanner TEXT PRIMARY KEY, swaps TEXT NOT NULL DEFAULT '{}', card_expected_until TEXT
        );
        """,
    ),
    ("0002_ticket_sources", "ALTER TABLE tickets ADD COLUMN source TEXT NOT NULL DEFAULT ''"),
    (
        "0003_power",
        """
        CREATE TABLE power_samples (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, state TEXT NOT NULL, charge_pct REAL, charging INTEGER NOT NULL,
            input TEXT NOT NULL, battery_mv INTEGER, battery_ma INTEGER, temperature_c INTEGER, input_mv INTEGER,
            input_ma INTEGER
        );
        CREATE INDEX power_samples_by_time ON power_samples (at);
        """,
    ),
    (
        "0003_issuing",
        """
        CREATE TABLE ticket_aliases (alias TEXT PRIMARY KEY, ticket TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX ticket_aliases_by_ticket ON ticket_aliases (ticket);
        CREATE TABLE ticket_serials (public_key TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE issued_vouchers (
            id TEXT PRIMARY KEY, event TEXT NOT NULL, series TEXT NOT NULL, uses INTEGER NOT NULL,
            used INTEGER NOT NULL DEFAULT 0, issued_at TEXT NOT NULL
        ) WITHOUT ROWID;
        """,
    ),
    (
        "0003_shifts",
        """
        CREATE TABLE cashiers (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, rights TEXT NOT NULL, pin_salt TEXT NOT NULL,
            pin_hash TEXT NOT NULL, pin_version INTEGER NOT NULL, added_at TEXT NOT NULL, removed_at TEXT
        );
        CREATE INDEX refunds_by_seq ON refunds (seq);
        """,
    ),
    (
        "0003_door_extras",
        """
        ALTER TABLE tickets ADD COLUMN paid_here INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tickets ADD COLUMN language TEXT NOT NULL DEFAULT '';
        CREATE INDEX tickets_paid_here ON tickets (id) WHERE paid_here = 1;
        ALTER TABLE order_lines ADD COLUMN ticket TEXT NOT NULL DEFAULT '';
        CREATE INDEX order_lines_by_ticket ON order_lines (ticket) WHERE ticket <> '';
        """,
    ),
    (
        "0003_holders",
        """
        ALTER TABLE tickets ADD COLUMN holder TEXT NOT NULL DEFAULT '';
        ALTER TABLE tickets ADD COLUMN slow INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX tickets_slow ON tickets (slow) WHERE slow = 1;
        CREATE TABLE code_salt (one INTEGER PRIMARY KEY CHECK (one = 1), salt BLOB NOT NULL);
        CREATE TABLE event_keys (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL UNIQUE);
        CREATE TABLE holders (
            ticket TEXT PRIMARY KEY REFERENCES tickets (id) ON DELETE CASCADE, sealed BLOB NOT NULL,
            event_key INTEGER REFERENCES event_keys (number), search BLOB
        ) WITHOUT ROWID;
        """,
    ),
    (
        "0003_offers",
        """
        ALTER TABLE members ADD COLUMN valid_until TEXT;
        ALTER TABLE orders ADD COLUMN window_id TEXT NOT NULL DEFAULT '';
        ALTER TABLE orders ADD COLUMN notes TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE order_lines ADD COLUMN adjustments TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE payments ADD COLUMN rounding_minor INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE sales ADD COLUMN window_id TEXT NOT NULL DEFAULT '';
        ALTER TABLE refunds ADD COLUMN rounding_minor INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE window_stock (
            window_id TEXT NOT NULL, offer TEXT NOT NULL, available INTEGER NOT NULL, listed INTEGER NOT NULL,
            PRIMARY KEY (window_id, offer)
        ) WITHOUT ROWID;
        """,
    ),
    ("0004_pay", pending.MIGRATION),
    ("0004_sms", SMS_MIGRATION),
    ("0005_goods", restock.MIGRATION),
    (
        "0005_money",
        """
        ALTER TABLE payments ADD COLUMN tip_minor INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE pending_payments ADD COLUMN tip_minor INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE refunds ADD COLUMN is_void INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE refund_parts (
            refund INTEGER NOT NULL REFERENCES refunds (number), tender TEXT NOT NULL, amount_minor INTEGER NOT NULL,
            rounding_minor INTEGER NOT NULL DEFAULT 0, tip_minor INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (refund, tender)
        ) WITHOUT ROWID;
        INSERT INTO refund_parts (refund, tender, amount_minor, rounding_minor)
            SELECT number, tender, amount_minor, rounding_minor FROM refunds;
        """,
    ),
    (
        "0005_receipts",
        """
        ALTER TABLE sales ADD COLUMN page TEXT NOT NULL DEFAULT '';
        CREATE UNIQUE INDEX sales_by_page ON sales (page) WHERE page <> '';
        """,
    ),
    ("0006_guest_hold", "ALTER TABLE orders ADD COLUMN hold_min INTEGER"),
    ("0007_tablets", tablets.MIGRATION),
    ("0008_former_events", "CREATE TABLE former_events (sha256 TEXT PRIMARY KEY, source TEXT NOT NULL)"),
)


def is_current(connection: sqlite3.Connection) -> bool:
    """Tell whether every migration was applied, with plain SQL: sqlite-utils takes 0.4 s to import on a start."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
    if not known:
        return False
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (_SET,))
    applied = {name for (name,) in rows}
    return applied >= {name for name, _ in MIGRATIONS}


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a store up to date. Raises sqlite3.Error; a migration that fails leaves nothing behind.

    The write lock is held throughout: of processes that open a store at once, one migrates and the others find it
    done.
    """
    from sqlite_utils import Database, Migrations

    migrations = Migrations(_SET)
    for name, sql in MIGRATIONS:
        migrations(name=name)(_applier(sql))
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(Database(connection))
        connection.execute("COMMIT")
    except BaseException:  # whatever it is goes on to the caller
        connection.execute("ROLLBACK")
        raise


def _applier(sql: str) -> Callable[[Any], None]:
    def apply(db: Any) -> None:  # a sqlite_utils.Database
        for statement in sql.split(";"):
            if statement.strip():
                db.execute(statement)

    return apply
