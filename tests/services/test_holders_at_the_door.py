"""Holders at the door: opened by the code in hand, found by name, and no use ever forgotten on the way."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from appliance.core.codes import ticket_id
from appliance.core.errors import NotFound, Refusal
from appliance.core.holders import is_weak, slow_secret
from appliance.core.lists.listed import ListProblems
from appliance.core.trade import PrintStatus
from appliance.core.verdict import Decision, Verdict
from appliance.services import cashiers, door, name_search, printing, privacy, tickets
from appliance.services.tickets import import_tickets, read_tickets
from appliance.store.holders import scrub, sealer_for
from appliance.store.vault import Vault
from tests.books import Box
from tests.people import LONG, OTHER_LONG, OTHER_SHORT, PEOPLE, PIN, PRIVATE, SHORT, take_list

NAMELESS = "code,product\n" + "".join(f"{code},workshop\n" for code in (LONG, OTHER_LONG, SHORT, OTHER_SHORT))


def scan(box: Box, code: str, **how: str) -> Verdict:
    return box.submit(lambda books: door.scan(books, code, "gate", **how))  # type: ignore[arg-type]


def rows(box: Box, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(box.path) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """The owner's PIN is chosen and the names are open."""
    vault = Vault(tmp_path / "keys")
    vault.set_pin(PIN)
    assert vault.unlock(PIN)
    return vault


@pytest.mark.parametrize(
    ("code", "holder", "note", "word"),
    [
        (LONG, "Zoë Ångström", "Brings a wheelchair", "Admit and look"),
        (OTHER_LONG, "Ada Lovelace", "Hand out a wristband.", "Admit and look"),
        (SHORT, "Ada Løvstad", "Speaks at nine", "Admit and look"),
        (OTHER_SHORT, "", "Hand out a wristband.", "Admit and look"),
    ],
)
def test_the_code_in_hand_opens_its_holder(box: Box, code: str, holder: str, note: str, word: str) -> None:
    assert take_list(box.desk, box.path) == (4, 0, 0)
    first, second = scan(box, code), scan(box, code)
    assert (first.verdict, first.holder, first.note, first.card.word) == (Decision.ADMIT, holder, note, word)
    assert (second.reason, second.holder, second.note) == ("already_used", holder, note)


def test_nothing_of_a_holder_is_in_a_table_or_the_journal(box: Box, vault: Vault) -> None:
    take_list(box.desk, box.path, vault=vault)
    for code in (LONG, SHORT, OTHER_LONG):
        scan(box, code)
        scan(box, code, override="she lost her wristband")
    told = json.dumps(box.entries(), ensure_ascii=False)
    dump = "\n".join(str(row) for (name,) in rows(box, "SELECT name FROM sqlite_master WHERE type = 'table'")
                     for row in rows(box, f"SELECT * FROM {name}"))  # fmt: skip
    for private in (*PRIVATE, LONG, SHORT):
        assert private not in told
        assert private not in dump
    assert {row[0] for row in rows(box, "SELECT note FROM tickets")} == {""}


def test_a_short_code_with_a_holder_is_kept_under_a_slow_id_only(box: Box) -> None:
    take_list(box.desk, box.path)
    ids = {row[0] for row in rows(box, "SELECT id FROM tickets")}
    salt = rows(box, "SELECT salt FROM code_salt")[0][0]
    assert ticket_id(SHORT) not in ids
    assert slow_secret(SHORT, salt).id in ids  # type: ignore[arg-type]
    assert {ticket_id(LONG), ticket_id(OTHER_SHORT)} <= ids  # long, or nobody to protect
    assert rows(box, "SELECT count(*) FROM tickets WHERE slow") == [(1,)]
    assert scan(box, SHORT.lower()).reason == "unknown"  # codes of both cases are read as they are


def test_a_short_code_typed_in_small_letters_is_found(box: Box) -> None:
    take_list(box.desk, box.path, "code,name\nQR7-X2M,Ada Lovelace\n")
    assert scan(box, "qr7-x2m").holder == "Ada Lovelace"


def test_a_wrong_short_code_leaves_no_fast_hash_to_guess_by(box: Box) -> None:
    scan(box, "a7Kd2Q")
    take_list(box.desk, box.path)
    scan(box, "a7Kd2R")
    before, after = (entry for entry in box.entries("ticket.refused"))
    assert before["code_sha256"] == ticket_id("a7Kd2Q")
    assert "code_sha256" not in after
    assert len(after["code_scrypt"]) == 64


def test_nobody_pays_for_slow_ids_before_there_are_any(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[str] = []

    def counted(code: str, salt: bytes) -> object:
        derived.append(code)
        return slow_secret(code, salt)

    monkeypatch.setattr("appliance.services.resolver.slow_secret", counted)
    scan(box, "WRONG1")
    assert derived == []
    take_list(box.desk, box.path)
    scan(box, LONG)
    assert derived == []
    scan(box, SHORT)
    scan(box, "x" * 40)
    assert derived == [SHORT]


@pytest.mark.parametrize("first", [NAMELESS, PEOPLE], ids=["without names", "with names"])
@pytest.mark.parametrize("second", [NAMELESS, PEOPLE], ids=["then without", "then with"])
def test_a_use_survives_names_coming_and_going(box: Box, first: str, second: str) -> None:
    codes = (LONG, OTHER_LONG, SHORT, OTHER_SHORT)
    take_list(box.desk, box.path, first)
    count = len(rows(box, "SELECT id FROM tickets"))
    for code in codes:
        assert scan(box, code).verdict == Decision.ADMIT
    for text in (second, first, second):
        new, _, _ = take_list(box.desk, box.path, text)
        assert new == 0
        for code in codes:
            assert scan(box, code).reason == "already_used"
    assert len(rows(box, "SELECT id FROM tickets")) == count
    assert scan(box, SHORT).holder == ("Ada Løvstad" if second == PEOPLE else "")
    assert box.verify() == []


def test_a_ticket_of_an_older_release_keeps_its_use_and_loses_its_open_note(box: Box) -> None:
    box.submit(lambda books: import_tickets(books, read_tickets(NAMELESS), "old.csv"))
    scan(box, SHORT)
    with sqlite3.connect(box.path) as connection:
        connection.execute("UPDATE tickets SET note = 'Ada, speaks at nine' WHERE id = ?", (ticket_id(SHORT),))
    connection.close()
    assert scan(box, SHORT).note == "Ada, speaks at nine"
    take_list(box.desk, box.path)
    verdict = scan(box, SHORT)
    assert (verdict.reason, verdict.holder, verdict.note) == ("already_used", "Ada Løvstad", "Speaks at nine")
    assert rows(box, "SELECT count(*) FROM tickets WHERE note <> ''") == [(0,)]


def test_a_list_taken_in_again_tells_who_changed(box: Box) -> None:
    take_list(box.desk, box.path)
    assert take_list(box.desk, box.path) == (0, 0, 4)
    assert take_list(box.desk, box.path, PEOPLE.replace("Ada Lovelace", "Ada King")) == (0, 1, 3)
    assert scan(box, OTHER_LONG).holder == "Ada King"
    assert take_list(box.desk, box.path, NAMELESS)[0] == 0
    assert rows(box, "SELECT count(*) FROM holders") == [(0,)]


def test_a_list_that_goes_takes_its_unused_holders_along(box: Box) -> None:
    take_list(box.desk, box.path)
    scan(box, SHORT)
    assert tickets.remove(box.desk, "people.csv") == (3, 1)
    assert rows(box, "SELECT count(*) FROM holders") == [(1,)]
    assert scan(box, SHORT).reason == "already_used"


def test_a_short_code_twice_is_found_with_a_name_and_without(box: Box) -> None:
    text = f"code,name\n{SHORT},\n{SHORT},Ada\n{LONG},Bob\n{LONG},\n"
    with pytest.raises(ListProblems) as raised:
        read_tickets(text, sealer=sealer_for(box.path, None))
    assert [(one.line, one.message) for one in raised.value.problems] == [
        (3, "this code is on line 2 already"),
        (5, "this code is on line 4 already"),
    ]


def test_two_lists_read_at_the_same_time_cannot_part_a_ticket_from_its_use(box: Box) -> None:
    one, other = sealer_for(box.path, None), sealer_for(box.path, None)
    nameless, named = read_tickets(NAMELESS, sealer=one), read_tickets(PEOPLE, sealer=other)
    box.submit(lambda books: import_tickets(books, named, "people.csv", other))
    with pytest.raises(Refusal, match="once more"):
        box.submit(lambda books: import_tickets(books, nameless, "codes.csv", one))


def test_holders_survive_a_restart(box: Box) -> None:
    take_list(box.desk, box.path)
    box.restart()
    assert scan(box, SHORT).holder == "Ada Løvstad"


# Search by name


def found(box: Box, vault: Vault, wanted: str) -> list[str]:
    with box.reading() as books:
        names, _ = name_search.search(books, name_search.opened(books, vault), wanted)
    return [one.name for one in names]


def test_people_are_found_by_a_part_of_their_name(box: Box, vault: Vault) -> None:
    take_list(box.desk, box.path, vault=vault)
    assert found(box, vault, "ada") == ["Ada Lovelace", "Ada Løvstad"]
    assert found(box, vault, "lov") == ["Ada Lovelace", "Ada Løvstad"]
    assert found(box, vault, "angstr") == ["Zoë Ångström"]
    assert found(box, vault, "nobody") == []


def test_at_most_twenty_are_shown_and_more_is_said(box: Box, vault: Vault) -> None:
    people = "".join(f"kfndgffgyw4tdgcacx6bb3bgemq69c{number:02},Ada {number:02}\n" for number in range(30))
    take_list(box.desk, box.path, "code,name\n" + people, vault)
    with box.reading() as books:
        names, more = name_search.search(books, name_search.opened(books, vault), "ada")
    assert ([one.name for one in names], more) == ([f"Ada {number:02}" for number in range(20)], True)


def test_admitted_by_name_a_ticket_is_used_and_the_journal_knows_how(box: Box, vault: Vault) -> None:
    take_list(box.desk, box.path, vault=vault)
    with box.reading() as books:
        ((one,), _) = name_search.search(books, vault.owner_key or b"", "lovst")
    key = vault.owner_key or b""
    verdict = box.submit(lambda books: door.admit(books, one.ticket.id, "tablet", key))
    assert (verdict.verdict, verdict.holder, verdict.note, verdict.attention) == (
        Decision.ADMIT, "Ada Løvstad", "Speaks at nine", True,
    )  # fmt: skip
    (entry,) = box.entries("ticket.admitted")
    assert (entry["by_name"], entry["source"], entry["ticket"]) == (True, "tablet", one.ticket.id[:16])
    assert "Ada" not in json.dumps(entry)
    assert scan(box, SHORT).reason == "already_used"
    again = box.submit(lambda books: door.admit(books, one.ticket.id, "tablet", key))
    assert (again.reason, again.holder) == ("already_used", "Ada Løvstad")
    with box.reading() as books:
        ((one,), _) = name_search.search(books, key, "lovst")
    assert one.used_at == "16:30"  # half past nine in the evening in UTC, at the place
    with pytest.raises(NotFound):
        box.submit(lambda books: door.admit(books, "0" * 64, "tablet", key))


def test_every_reason_why_names_cannot_be_searched_says_what_to_do(box: Box, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys")

    def standing() -> dict[str, str]:
        with box.reading() as books:
            return name_search.standing(books, vault)

    assert (standing()["state"], "import a list" in standing()["message"]) == ("off", True)
    take_list(box.desk, box.path, vault=vault)
    assert "stallbox pin set" in standing()["message"]
    vault.set_pin(PIN)
    assert (standing()["state"], "import the list again" in standing()["message"]) == ("off", True)
    take_list(box.desk, box.path, vault=vault)
    assert (standing()["state"], "owner's PIN unlocks it" in standing()["message"]) == ("locked", True)
    with box.reading() as books, pytest.raises(Refusal, match="locked"):
        name_search.opened(books, vault)
    vault.unlock(PIN)
    assert standing() == {"state": "open", "message": ""}


def test_a_forgotten_pin_costs_one_more_import_and_no_more(box: Box, vault: Vault) -> None:
    take_list(box.desk, box.path, vault=vault)
    vault.set_pin("silver spoon")
    assert vault.unlock("silver spoon")
    assert found(box, vault, "ada") == []
    assert take_list(box.desk, box.path, vault=vault) == (0, 0, 4)
    assert found(box, vault, "ada") == ["Ada Lovelace", "Ada Løvstad"]


# Purge


def test_after_a_purge_no_code_and_no_pin_opens_a_name_and_all_else_stays(box: Box, vault: Vault) -> None:
    take_list(box.desk, box.path, vault=vault)
    sale = box.sell(("cup", 1))
    scan(box, SHORT)
    scan(box, LONG)
    with box.reading() as books:
        before = (books.tickets.counts(), books.figures.sales(), books.tickets.inside())
        key = vault.owner_key or b""
        sealed = [bytes(row[0]) for row in rows(box, "SELECT sealed FROM holders")]  # type: ignore[call-overload]
    counts = box.submit(privacy.purge)
    none = dict.fromkeys(("notes", "answers", "cashiers", "papers", "messages", "contacts", "labels"), 0)
    assert counts == {"holders": 3, "searchable": 3, "event_keys": 1, **none}
    assert box.entries("event.purged") == [dict(counts)]
    scrub(box.path)
    raw = b"".join(file.read_bytes() for file in box.path.parent.glob("stallbox.db*"))
    assert sealed
    assert not [one for one in sealed if one in raw]
    with box.reading() as books:
        assert (books.tickets.counts(), books.figures.sales(), books.tickets.inside()) == before
        assert list(books.holders.names(key)) == []
        assert name_search.standing(books, vault)["state"] == "off"
    assert vault.owner_key is None
    for code in (LONG, SHORT):
        verdict = scan(box, code)
        assert (verdict.reason, verdict.holder, verdict.note) == ("already_used", "", "")
    assert scan(box, OTHER_LONG).verdict == Decision.ADMIT
    assert sale.number == 1
    assert box.verify() == []


def test_a_purge_takes_the_names_of_removed_cashiers_and_the_papers_that_say_them(box: Box) -> None:
    for name in ("Ana Quill", "Ben Reed"):
        box.submit(lambda books: cashiers.add(books, name, []))  # noqa: B023
    job = box.submit(lambda books: books.prints.add("receipt", "sale 1", [{"block": "text", "text": "Ana Quill"}]))
    box.submit(lambda books: books.prints.set_status(job, PrintStatus.PRINTED))
    box.submit(lambda books: cashiers.remove(books, "Ana Quill"))
    counts = box.submit(privacy.purge)
    assert (counts["cashiers"], counts["papers"]) == (1, 1)
    scrub(box.path)
    raw = b"".join(file.read_bytes() for file in box.path.parent.glob("stallbox.db*"))
    assert (b"Ana Quill" in raw, b"Ben Reed" in raw) == (False, True)
    with box.reading() as books:
        assert cashiers.names(books) == {"c1": "c1", "c2": "Ben Reed"}
    with pytest.raises(Refusal, match="taken away with all that is personal"):
        box.submit(lambda books: printing.reprint(books, job))


def test_a_second_purge_is_harmless_and_a_new_list_works_after_it(box: Box, vault: Vault) -> None:
    take_list(box.desk, box.path, vault=vault)
    scan(box, SHORT)
    for _ in range(2):
        box.submit(privacy.purge)
        scrub(box.path)
    assert len(box.entries("event.purged")) == 1
    take_list(box.desk, box.path, vault=vault)
    assert vault.unlock(PIN)
    assert found(box, vault, "ada") == ["Ada Lovelace", "Ada Løvstad"]
    assert scan(box, SHORT).reason == "already_used"


def test_the_codes_of_these_tests_are_what_they_are_taken_for() -> None:
    assert [is_weak(code) for code in (LONG, OTHER_LONG, SHORT, OTHER_SHORT)] == [False, False, True, True]
