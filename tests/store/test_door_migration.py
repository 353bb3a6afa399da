"""A store of the release before: its tickets keep what they are worth, and an import still never forgets a use."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from appliance.core.codes import ticket_id
from appliance.services import door
from appliance.services.events import load_event
from appliance.services.tickets import import_tickets, read_tickets
from appliance.store import schema
from tests.books import EVENT_TEXT, Box


@pytest.fixture
def old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of the first release, where one ticket was used, one was cancelled and one is good."""
    with monkeypatch.context() as first_release:
        first_release.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        with sqlite3.connect(tmp_path / "stallbox.db", isolation_level=None) as store:
            schema.migrate(store)
    rows = [("USED", "valid", "2026-12-05T17:00:00.000000Z"), ("GONE", "cancelled", None), ("GOOD", "valid", None)]
    for code, status, used_at in rows:
        store.execute("INSERT INTO tickets VALUES (?,'guest',?,?,'gate')", (ticket_id(code), status, used_at))
    store.close()
    return tmp_path


def test_tickets_of_the_release_before_are_worth_what_they_were(old_folder: Path) -> None:
    def reasons(box: Box) -> list[str]:
        codes = ("USED", "GONE", "GOOD", "GOOD")
        return [box.submit(lambda books, code=code: door.scan(books, code, "gate")).reason for code in codes]

    with Box(old_folder) as box:
        assert reasons(box) == ["already_used", "cancelled", "", "already_used"]
        again = read_tickets("code,product,status\nUSED,guest,valid\nGONE,guest,valid\nNEW,guest,valid\n")
        assert box.submit(lambda books: import_tickets(books, again, "again.csv")) == (1, 1, 1)
        assert reasons(box) == ["already_used", "", "already_used", "already_used"]
        assert box.verify() == []


def test_another_event_begins_with_nobody_inside(box: Box) -> None:
    box.submit(lambda books: door.scan(books, "STREET-GOOD-1", "gate"))
    for text, inside in ((EVENT_TEXT + "\n", 1), (EVENT_TEXT.replace('"street-series"', '"winter"', 1), 0)):
        box.submit(lambda books, text=text: load_event(books, text))
        with box.reading() as books:
            assert books.tickets.inside() == inside
