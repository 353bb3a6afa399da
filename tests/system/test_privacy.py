"""What somebody finds who takes the card out of a box: no name, no address, no number, no code of any list."""

from __future__ import annotations

import base64
import csv
import http.client
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.core.lists.listed import ListedTicket
from appliance.core.lists.options import Options
from appliance.parts import choose_pin, vault_of
from tests.core.lists import SAMPLES, listed, sample
from tests.dump import leaks, spellings
from tests.people import PIN
from tests.system.daemon import Daemon
from tests.system.httpclient import Http

pytestmark = pytest.mark.system
CODES = ["code", "short_code"]
LISTS = sorted(path.name for path in SAMPLES.iterdir())
DATES = {"ticket-tailor.csv": "Sat 5 Dec 2026 18:00", "pretix-api.json": "14"}


def made() -> str:
    """A list of people, half of whom have short codes."""
    people = "".join(
        f"{'Qm7-' if number % 2 else 'kfndgffgyw4tdgcacx6bb3bgemq69x'}{number:02}xZ,workshop,Jörg Prüfling {number:02},"
        f"joerg.{number:02}@privat.example,+49 170 55501{number:02},Kommt mit Hund Nr {number:02}\n"
        for number in range(16)
    )
    return "code,product,name,email,phone,note\n" + people


def everybody(folder: Path, names: list[str]) -> list[ListedTicket]:
    """Every ticket of these lists and of the one that is made up."""
    found = [one for name in names for one in listed(sample(name), Options(date=DATES.get(name, "")))]
    (folder / "made.csv").write_text(made(), encoding="utf-8")
    return [*found, *listed(made())]


def private(tickets: list[ListedTicket]) -> set[str]:
    """All that no disk may hold."""
    values = {one.code for one in tickets} | {one.note for one in tickets}
    for one in tickets:
        if one.holder:
            values |= {one.holder.name, one.holder.email, one.holder.phone}
    return values - {""}


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    return folder


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Daemon]:
    """A running box whose owner has a PIN of his own, into which every list was taken while it ran."""
    with Daemon(tmp_path / "box") as daemon:
        daemon.load_event()
        daemon.start()
        choose_pin(daemon.data, vault_of(daemon.data), PIN, "")
        yield daemon


def take_lists(box: Daemon, lists: Path, names: list[str] = LISTS) -> list[ListedTicket]:
    tickets = everybody(lists, names)
    for file in [*(SAMPLES / name for name in names), lists / "made.csv"]:
        date = DATES.get(file.name, "")
        box.done("tickets", "import", str(file), *(["--date", date] if date else []))
    return tickets


def evening(http: Http, tickets: list[ListedTicket]) -> None:
    """Scan everybody twice, with a key and without; let some in all the same; search, and admit by name."""
    names = 0
    for number, one in enumerate(tickets):
        body = {"code": one.code, "source": "tablet"}
        first, again = (
            http.post("/api/v1/scan", body, f"key-{number}"),
            http.post("/api/v1/scan", body, f"key-{number}"),
        )
        assert first.body == again.body
        names += first.body["holder"] != ""
        http.post("/api/v1/scan", {**body, "override": {"reason": "she has her wristband"}})
        http.post("/api/v1/scan", {**body, "code": one.code[:-1]}, f"typo-{number}")
    last = {one.code: one.holder for one in tickets}  # several lists have one ticket: the last one counts
    assert names == sum(1 for one in tickets if (holder := last[one.code]) and holder.name) >= 16
    assert http.post("/api/v1/door/unlock", {"pin": PIN}, "unlock").status == 200
    found = http.post("/api/v1/door/search", {"name": "prufling 07"}, "search").body["found"]
    assert [one["name"] for one in found] == ["Jörg Prüfling 07"]
    admitted = http.post("/api/v1/door/admit", {"ticket": found[0]["ticket"]}, "admit")
    assert (admitted.status, admitted.body["holder"]) == (200, "Jörg Prüfling 07")


def issue(box: Daemon, folder: Path) -> set[str]:
    """Issue tickets, signed ones and vouchers, use them; return every code, as it is scanned and as it is typed."""
    kinds = {"plain": ["--product=workshop"], "signed": ["--product=workshop", "--signed"],
             "vouchers": ["--kind=voucher", "--series=PRESS-50"]}  # fmt: skip
    codes: dict[str, list[dict[str, str]]] = {}
    for kind, options in kinds.items():
        box.done("tickets", "issue", str(folder / f"{kind}.pdf"), "--count=4", *options,
                 "--csv", str(folder / f"{kind}.list.csv"))  # fmt: skip
        with (folder / f"{kind}.list.csv").open(encoding="utf-8", newline="") as file:
            codes[kind] = list(csv.DictReader(file))
    with box.staff() as http:
        for one in (*codes["plain"][:2], *codes["signed"][:2]):
            said = [http.post("/api/v1/scan", {"code": one[how]}, f"{how} {one['code']}") for how in CODES]
            assert [answer.body["reason"] for answer in said] == ["", "already_used"]
        for one, how in zip(codes["vouchers"], CODES * 2, strict=True):
            order = {"lines": [{"offer": "cup", "quantity": 1}], "voucher": one[how]}
            assert http.post("/api/v1/orders", order, f"order {one[how]}").body["total_minor"] == 1200
    return {one[how] for some in codes.values() for one in some for how in CODES}


def test_a_dump_of_the_whole_folder_holds_no_code_that_was_issued(box: Daemon, lists: Path) -> None:
    codes = issue(box, lists)
    assert len(codes) == 16  # a signed ticket has two
    codes |= {"-".join(re.findall("....", code)) for code in codes if len(code) == 12}
    assert leaks(box.data.parent, codes) == []  # the last pages are in the write-ahead log
    assert box.stop() == 0
    assert leaks(box.data.parent, codes) == []


def test_names_in_a_list_that_came_by_http_are_sealed_too(box: Daemon) -> None:
    address = http.client.HTTPConnection(*box.address, timeout=60)
    owner = {"Authorization": f"Bearer {box.tokens['owner']}"}
    with closing(address) as connection:
        connection.request("PUT", "/api/v1/tickets/lists/made.csv", made().encode(), owner)
        assert connection.getresponse().status == 200
    with box.staff() as staff:
        refused = staff.post("/api/v1/door/search", {"name": "prufling 07"})
        assert (refused.status, refused.error) == (409, "locked")
        assert staff.post("/api/v1/door/unlock", {"pin": PIN}).status == 200
        (found,) = staff.post("/api/v1/door/search", {"name": "prufling 07"}).body["found"]
    assert found["name"] == "Jörg Prüfling 07"
    assert leaks(box.data.parent, private(listed(made()))) == []


def test_a_dump_of_the_whole_folder_holds_nobody(box: Daemon, lists: Path) -> None:
    tickets = take_lists(box, lists)
    secrets = private(tickets) | {PIN}
    assert len(secrets) > 90
    folder = box.data.parent  # the log too
    with box.staff() as http:
        evening(http, tickets)
    assert leaks(folder, secrets) == []  # as it runs: the last pages are in the write-ahead log
    assert (box.data / "stallbox.db-wal").stat().st_size > 0
    box.kill()
    assert leaks(folder, secrets) == []
    box.start()
    assert box.stop() == 0  # the log is moved into the store
    assert leaks(folder, secrets) == []


@pytest.mark.parametrize("running", [True, False], ids=["beside the daemon", "without a daemon"])
def test_after_a_purge_nothing_can_be_opened_with_every_code_known(box: Daemon, lists: Path, running: bool) -> None:
    tickets = take_lists(box, lists, ["pretix-checkin.csv"])
    with box.staff() as http:
        evening(http, tickets)
    figures = json.loads(box.done("debrief", "--json"))
    sealed = _sealed(box.data / "stallbox.db")
    assert len(sealed) > 32
    if not running:
        box.kill()
    asked = box.command("event", "purge")
    assert (asked.returncode, "add --yes" in asked.stderr) == (1, True)
    assert "sealed holders: names, e-mail addresses, phone numbers, notes" in asked.stdout
    assert _sealed(box.data / "stallbox.db") == sealed
    for _ in range(2):
        assert "gone from this box" in box.done("event", "purge", "--yes")
    files = [path for path in box.data.rglob("*") if path.is_file()]
    raw = b"\n".join(path.read_bytes() for path in files)
    assert [one for one in sealed if one in raw or base64.b64encode(one) in raw] == []
    if not running:
        box.start()
    with box.staff() as http:
        told = [http.post("/api/v1/scan", {"code": one.code}).body for one in tickets]
        assert {one["holder"] for one in told} == {""}
        assert not {one["note"] for one in told} & private(tickets)
        refused = http.post("/api/v1/door/search", {"name": "prufling"})
        assert (refused.status, refused.error) == (409, "no_names")
        assert http.get("/api/v1/door").body["search"]["state"] == "off"
    after = json.loads(box.done("debrief", "--json"))
    assert (after["sales"], after["admitted"]) == (figures["sales"], figures["admitted"])
    (purged,) = [entry["data"] for entry in box.journal() if entry["kind"] == "event.purged"]
    assert purged["holders"] > 16
    assert "the journal is whole" in box.done("journal", "verify")


def _sealed(store: Path) -> list[bytes]:
    with sqlite3.connect(store) as connection:
        rows = connection.execute("SELECT sealed, search FROM holders").fetchall()
        rows += connection.execute("SELECT sealed, NULL FROM event_keys").fetchall()
    connection.close()
    return [bytes(blob) for row in rows for blob in row if blob]


def test_a_purge_of_no_store_makes_none(tmp_path: Path) -> None:
    with Daemon(tmp_path / "box") as daemon:
        ended = daemon.command("event", "purge", "--yes")
        assert (ended.returncode, "There is no store" in ended.stderr) == (1, True)
        assert not (daemon.data / "stallbox.db").exists()


@pytest.mark.parametrize("value", ["Ada Example", "ada@example.org", "Zoë Ångström", "+47 99887766", "a7Kd2P"])
def test_the_search_finds_what_was_written_on_purpose(tmp_path: Path, value: str) -> None:
    assert leaks(tmp_path, [value]) == []
    for number, spelling in enumerate(set(spellings(value))):
        file = tmp_path / f"canary-{number}"
        file.write_bytes(b"\x07before" + spelling + b"after")
        assert leaks(tmp_path, [value]) == [(file.name, value)]
        file.unlink()
    for before in range(3):
        file = tmp_path / "canary"
        file.write_bytes(base64.b64encode(b"x" * before + value.encode() + b'", "more": "text"'))
        assert leaks(tmp_path, [value]) == [("canary", value)]


def test_the_search_finds_a_name_that_the_store_itself_keeps(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "stallbox.db") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE tickets (note TEXT)")
        connection.execute("INSERT INTO tickets VALUES ('Ada Example, by the window')")
        connection.commit()
        assert ("stallbox.db-wal", "Ada Example") in leaks(tmp_path, ["Ada Example"])
    connection.close()
