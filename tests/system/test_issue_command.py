"""`stallbox tickets issue` from the command to the door: codes are read off the paper and scanned at a real daemon."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from appliance.cli import cli
from appliance.core.errors import StallboxError
from appliance.paper import fonts
from tests.paper.reading import codes_on, pages, text_of
from tests.system.daemon import EVENT_FILE, PROJECT, Daemon
from tests.system.httpclient import Http
from tests.waiting import wait_until

pytestmark = pytest.mark.system
SHORT = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}")
Stallbox = Callable[..., str]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Daemon]:
    with Daemon(tmp_path / "box") as daemon:
        daemon.load_event()
        yield daemon


@pytest.fixture
def stallbox(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Stallbox:
    """Run one command in this process on a data folder of its own; return what it said."""

    def run(*words: str | Path, data: str = "data") -> str:
        try:
            cli.main([*map(str, words), "--data", str(tmp_path / data)], standalone_mode=False)
        except StallboxError as error:
            click.echo(f"stallbox: {error}", err=True)
        printed = capsys.readouterr()
        return printed.out + printed.err

    run("event", "load", EVENT_FILE)
    return run


def verdict(staff: Http, code: str) -> str:
    body = staff.post("/api/v1/scan", {"code": code}).body
    return str(body["reason"] or body["verdict"])


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text())))


@pytest.mark.parametrize("options", [(), ("--single",), ("--signed",), ("--signed", "--single")], ids=" ".join)
def test_what_is_on_the_paper_is_good_once_at_the_door(box: Daemon, tmp_path: Path, options: tuple[str, ...]) -> None:
    file = tmp_path / "tickets.pdf"
    box.start()  # and it learns of a key that is made while it runs
    box.done("tickets", "issue", str(file), "--count", "3", "--product", "workshop", *options)
    assert file.stat().st_mode & 0o777 == 0o600
    drawn = pages(file)
    codes = [code for page in drawn for code in codes_on(page)]
    typed = SHORT.findall(text_of(file))
    assert (len(drawn), len(set(codes)), len(set(typed))) == (3 if "--single" in options else 1, 3, 3)
    with box.staff() as staff:
        assert [verdict(staff, code) for code in codes] == ["admit"] * 3
        assert [verdict(staff, code.lower()) for code in typed] == ["already_used"] * 3
    assert box.stop() == 0


def test_another_gate_admits_by_the_public_key_alone_and_knows_the_short_code_by_the_list(
    box: Daemon, tmp_path: Path
) -> None:
    file, listed = tmp_path / "tickets.pdf", tmp_path / "tickets.csv"
    said = box.done(
        *("tickets", "issue", str(file), "--count", "2", "--signed", "--product", "guest", "--csv", str(listed))
    )
    key = box.done("tickets", "key")
    assert key in said
    gate_event = tmp_path / "gate.toml"
    text = EVENT_FILE.read_text().replace("tickets_file", "# tickets_file")
    gate_event.write_text(f"{text}\n{key}")
    with Daemon(tmp_path / "gate") as gate:
        gate.load_event(gate_event)
        gate.start()
        (one, other) = rows(listed)
        with gate.staff() as staff:
            assert verdict(staff, one["code"]) == "admit"
            assert verdict(staff, one["short_code"]) == "unknown"
            assert "1 new" in gate.done("tickets", "import", str(listed))  # the other is known from its scan
            assert verdict(staff, one["short_code"]) == "already_used"
            assert verdict(staff, other["short_code"]) == "admit"
            assert verdict(staff, other["code"]) == "already_used"
        assert gate.stop() == 0


def test_after_a_restore_tickets_are_signed_with_a_new_key_and_the_old_ones_stay_good(
    box: Daemon, tmp_path: Path
) -> None:
    backup, before, after = tmp_path / "b.tgz", tmp_path / "before.csv", tmp_path / "after.csv"
    sign = ("--signed", "--product", "workshop", "--count", "2")
    box.done("tickets", "key")
    box.done("backup", str(backup))
    box.done("tickets", "issue", str(before), *sign)  # the backup does not know of these serials
    private = box.data / "keys" / "tickets-ed25519.key"
    assert (private.stat().st_mode & 0o777, len(private.read_bytes())) == (0o600, 32)
    with Daemon(tmp_path / "restored") as restored:
        restored.done("restore", str(backup))
        assert not (restored.data / "keys" / "tickets-ed25519.key").exists()
        restored.done("tickets", "issue", str(after), *sign)
        assert restored.done("tickets", "key") != box.done("tickets", "key")
        restored.start()
        with restored.staff() as staff:
            codes = [row["code"] for row in rows(before) + rows(after)]
            assert [verdict(staff, code) for code in codes] == ["admit"] * 4
        assert restored.stop() == 0


def test_a_power_cut_while_issuing_leaves_no_code_that_nobody_has(box: Daemon, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    draft = tmp_path / "many.csv.unfinished.csv"
    command = [sys.executable, "-m", "appliance", "tickets", "issue", str(file), "--count", "3000", *box.place()]
    with closing(sqlite3.connect(box.data / "stallbox.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # so that it stops between the file and the books
        process = subprocess.Popen(command, cwd=PROJECT)
        try:
            wait_until(lambda: draft.exists() and len(rows(draft)) == 3000, 30)
        finally:
            process.kill()
            process.wait(10)
        other.execute("ROLLBACK")
    assert not file.exists()
    lost = {row["code"] for row in rows(draft)}
    assert "broke off: 0 codes taken back" in box.done("tickets", "issue", str(file), "--count", "5")
    assert not draft.exists()
    assert not lost & {row["code"] for row in rows(file)}
    assert "5 from many.csv" in box.done("tickets", "status")


def test_without_paper_nothing_is_good(stallbox: Stallbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FOLDERS", (tmp_path / "none",))
    fonts._find.cache_clear()
    said = stallbox("tickets", "issue", tmp_path / "a.pdf", "--count", "3", "--product", "workshop")
    fonts._find.cache_clear()
    assert "3 codes taken back" in said
    assert said.splitlines()[-1].startswith("stallbox: The DejaVu fonts are not on this computer")
    assert not list(tmp_path.glob("a.pdf*"))
    assert "from a.pdf" not in stallbox("tickets", "status")


def test_vouchers_and_member_cards_can_be_taken_in_by_another_box(stallbox: Stallbox, tmp_path: Path) -> None:
    stallbox("event", "load", EVENT_FILE, data="other")
    for kind, more in (("voucher", ("--series", "PRESS-50")), ("member", ())):
        file, listed = tmp_path / f"{kind}.pdf", tmp_path / f"{kind}.csv"
        stallbox("tickets", "issue", file, "--count", "4", "--kind", kind, *more, "--csv", listed)
        assert {code for page in pages(file) for code in codes_on(page)} == {row["code"] for row in rows(listed)}
        name = {"voucher": "vouchers", "member": "member cards"}[kind]
        assert "4 of kind" in stallbox("tickets", "import", listed, "--dry-run", data="other")
        assert f"4 new {name}, 0 as before" in stallbox("tickets", "import", listed, data="other")
        assert f"0 new {name}, 4 as before" in stallbox("tickets", "import", listed)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("x.txt", "--count", "1"), "does not end in .csv, .pdf or .html"),
        (("x.csv", "--count", "1", "--single"), "--single is for pages"),
        (("x.csv", "--count", "1", "--csv", "y.csv"), "leave out --csv"),
        (("x.csv", "--count", "1", "--kind", "voucher"), "--kind voucher --series CODE"),
        (("x.csv", "--count", "1", "--series", "PRESS-50"), "only they have a series"),
        (("x.csv", "--count", "1", "--kind", "member", "--signed"), "--signed is for tickets"),
        (("x.csv", "--count", "1", "--valid-from", "soon"), "'soon' is no time"),
    ],
)
def test_wrong_usage_is_told_and_makes_nothing(
    stallbox: Stallbox, tmp_path: Path, words: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(click.UsageError) as raised:
        stallbox("tickets", "issue", *words)
    assert told in raised.value.format_message()
    assert not list(tmp_path.glob("x.*"))


def test_more_cards_than_one_document_holds_are_refused(stallbox: Stallbox, tmp_path: Path) -> None:
    assert "holds 5000 at most" in stallbox("tickets", "issue", tmp_path / "x.pdf", "--count", "5001")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.browser
def test_a_web_page_of_a_ticket_can_be_scanned_off_a_phone_and_printed(
    stallbox: Stallbox, tmp_path: Path, chromium: Browser
) -> None:
    folder, listed = tmp_path / "tickets.html", tmp_path / "tickets.csv"
    stallbox("tickets", "issue", folder, "--count", "2", "--signed", "--product", "workshop", "--csv", listed)
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == ["ticket-0001.html", "ticket-0002.html"]
    for file, row in zip(files, rows(listed), strict=True):
        page = chromium.new_page(viewport={"width": 390, "height": 844})
        page.goto(file.as_uri())
        shown = Image.open(io.BytesIO(page.screenshot()))
        assert codes_on(shown) == [row["code"]]
        assert SHORT.findall(page.inner_text("main"))[0].replace("-", "") == row["short_code"]
        for own_size in (True, False):  # A6 paper, and a sheet of A4
            print_out = tmp_path / "print.pdf"
            print_out.write_bytes(page.pdf(prefer_css_page_size=own_size, format=None if own_size else "A4"))
            assert [codes_on(paper) for paper in pages(print_out)] == [[row["code"]]]
        page.close()
    stallbox("tickets", "issue", tmp_path / "one.html", "--count", "1")
    assert (tmp_path / "one.html").is_file()
