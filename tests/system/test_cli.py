"""Every command of `stallbox`, run for real: what it prints, its exit code, and what a refusal looks like."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from appliance.cli import cli, main
from tests.system.daemon import EVENT_FILE, Daemon

pytestmark = pytest.mark.system

# Every command that prints something of a store, and a piece of what it prints after one evening.
PRINTS = {
    "event show": "$24.00       39 left  Hand-thrown cup",
    "tickets status": "1 used",
    "tickets export": "code_sha256,product,status,first_used_at,first_used_by",
    "journal verify": "1 signed heads: the journal is whole",
    "journal export": '"kind": "shift.closed"',
    "shift report --last": "Clay & Light",
    "debrief": "takings            $24.00 ($24.00 given back)",
    "config show": "[http]",
    "config check": "The configuration is in order.",
}
PRINTS_JSON = ("event show", "tickets status", "shift report --last", "debrief", "doctor")
NEED_A_STORE = ("event show", "event export out.toml", "tickets status", "tickets export", "journal verify",
                "journal export", "shift report", "debrief", "backup out.tgz")  # fmt: skip
ELSEWHERE = {"run", "ask", "report", "crash-note", "first-boot", "rescue", "simulate", "rehearse",
             "event load", "event export",
             "tickets import", "tickets issue", "tickets remove", "tickets key", "event purge", "pin set",
             "panel card", "panel fault",
             "cashiers add", "cashiers list", "cashiers pin", "cashiers remove", "courier hand-over", "courier list",
             "backup", "restore", "shift report", "doctor", "devices"}  # fmt: skip


class Ended(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A box after one evening: a shift with two cups sold and one given back, one ticket admitted."""
    with Daemon(tmp_path_factory.mktemp("evening")) as daemon:
        daemon.load_event()
        daemon.start()
        order = {"lines": [{"offer": "cup", "quantity": 2}], "payment": {"tender": "cash", "amount_minor": 5000}}
        with daemon.staff() as staff:
            assert staff.post("/api/v1/shifts", {"float_minor": 10_000}).status == 201
            assert staff.post("/api/v1/orders", order).status == 201
            back = {"lines": [{"offer": "cup", "quantity": 1}], "reason": "a crack"}
            assert staff.post("/api/v1/sales/1/refund", back).status == 201
            assert staff.post("/api/v1/scan", {"code": "STREET-GOOD-1"}).body["verdict"] == "admit"
            assert staff.post("/api/v1/shifts/current/close", {"counted_minor": 12_400}).status == 200
        assert daemon.stop() == 0, daemon.errors()
        yield daemon


@pytest.fixture
def run_here(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run a command in this process, which takes a tenth of the time of one of its own."""

    def run(box: Daemon, *arguments: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["stallbox", *arguments, *box.place()])
        with pytest.raises(SystemExit) as ended:
            main()
        return Ended(int(ended.value.code or 0), *capfd.readouterr())

    return run


@pytest.fixture
def box(evening: Daemon, tmp_path: Path) -> Daemon:
    """A copy of that box, to be changed."""
    copy = Daemon(tmp_path)
    shutil.copytree(evening.data, copy.data)
    return copy


def refused(box: Daemon, *arguments: str, run: Callable[..., Any] = Daemon.command) -> list[str]:
    """Run a command that has to be refused; return its lines on stderr. The last one says why."""
    ended = run(box, *arguments)
    lines = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (1, ""), ended
    assert lines[-1].startswith("stallbox: ")
    assert "Traceback" not in ended.stderr
    return lines


def commands(group: click.Group, before: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_every_command_is_tried() -> None:
    tried = {name.partition(" --")[0] for name in PRINTS} | ELSEWHERE
    assert set(commands(cli)) == tried


def test_what_holds_up_each_start_loads_no_web_server() -> None:
    program = "import sys; sys.argv = ['stallbox', 'first-boot', '-h']; from appliance.cli import cli\n"
    program += "cli(standalone_mode=False); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert "appliance.commands.first_boot" in loaded
    assert not {"flask", "paho", "sqlite3", "appliance.bootstrap"} & set(loaded)


@pytest.mark.parametrize("command", PRINTS)
def test_it_prints_for_people(evening: Daemon, run_here: Callable[..., Ended], command: str) -> None:
    ended = run_here(evening, *command.split())
    assert (ended.returncode, ended.stderr) == (0, "")
    assert PRINTS[command] in ended.stdout


@pytest.mark.parametrize("command", PRINTS_JSON)
def test_it_prints_json_for_programs(evening: Daemon, run_here: Callable[..., Ended], command: str) -> None:
    ended = run_here(evening, *command.split(), "--json")
    found = json.loads(ended.stdout)
    assert found
    if command == "debrief":
        assert found["sales"] == {
            "sales": 1, "gross_minor": 4800, "refunds": 1, "refunds_minor": 2400, "takings_minor": 2400, "items": 2,
        }  # fmt: skip
    if command == "doctor":
        unwell = any(part["state"] in ("offline", "degraded") for part in found)
        assert ended.returncode == int(unwell)
        assert {"daemon", "store", "journal", "clock", "disk", "printer"} <= {part["part"] for part in found}
    else:
        assert ended.returncode == 0


@pytest.mark.parametrize("command", NEED_A_STORE)
def test_without_a_store_it_is_refused_in_one_line(
    tmp_path: Path, run_here: Callable[..., Ended], command: str
) -> None:
    empty = Daemon(tmp_path)
    words = [str(tmp_path / word) if word.startswith("out.") else word for word in command.split()]
    assert len(refused(empty, *words, run=run_here)) == 1
    assert not empty.data.exists(), "looking makes no store"


@pytest.mark.parametrize("command", ["nonsense", "event load /no/such/file", "tickets issue x.csv --count 0", "run x"])
def test_wrong_usage_is_exit_code_2(evening: Daemon, run_here: Callable[..., Ended], command: str) -> None:
    ended = run_here(evening, *command.split())
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Error: " in ended.stderr


def test_no_open_shift_is_said_so(evening: Daemon) -> None:
    assert refused(evening, "shift", "report") == ["stallbox: No shift is open: open one first."]


def test_an_event_comes_out_as_it_went_in(evening: Daemon, tmp_path: Path) -> None:
    evening.done("event", "export", str(tmp_path / "out.toml"))
    assert (tmp_path / "out.toml").read_text() == EVENT_FILE.read_text()


def test_an_event_that_says_no_time_zone_is_where_the_box_is(box: Daemon, tmp_path: Path) -> None:
    with box.config.open("a") as config:
        config.write('\n[box]\ntime_zone = "America/Lima"\n')
    lines = EVENT_FILE.read_text().splitlines(keepends=True)
    (tmp_path / "event.toml").write_text("".join(line for line in lines if not line.startswith("time_zone")))
    shutil.copy(EVENT_FILE.with_name("street-series-tickets.csv"), tmp_path)
    box.done("event", "load", str(tmp_path / "event.toml"))
    assert json.loads(box.done("event", "show", "--json"))["time_zone"] == "America/Lima"


def test_a_broken_event_names_every_line_and_loads_nothing(box: Daemon, tmp_path: Path) -> None:
    broken = EVENT_FILE.read_text().replace("price_minor = 2400", "price_minor = -1", 1).replace(
        'currency = "USD"', 'currency = "dollars"', 1
    )  # fmt: skip
    (tmp_path / "event.toml").write_text(broken)
    shutil.copy(EVENT_FILE.with_name("street-series-tickets.csv"), tmp_path)
    lines = broken.splitlines()
    wrong = [number for number, line in enumerate(lines, 1) if "-1" in line.split() or "dollars" in line]
    before = box.journal()
    said = refused(box, "event", "load", str(tmp_path / "event.toml"))
    assert [int(line.split(":")[1]) for line in said[:-1]] == wrong
    assert said[-1] == "stallbox: event.toml has 2 problems: nothing was loaded."
    assert box.journal() == before


def test_an_event_with_a_broken_ticket_list_loads_nothing(box: Daemon, tmp_path: Path) -> None:
    shutil.copy(EVENT_FILE, tmp_path / "event.toml")
    (tmp_path / "street-series-tickets.csv").write_text(
        "code,product,status\nA1,workshop,perhaps\nA1,workshop,valid\n,,\n"
    )
    before = box.journal()
    said = refused(box, "event", "load", str(tmp_path / "event.toml"))
    assert said[0].startswith("street-series-tickets.csv:2: ")
    assert "nothing was loaded" in said[-1]
    assert box.journal() == before


def test_tickets_that_are_issued_are_good_at_the_door_and_in_the_list(box: Daemon, tmp_path: Path) -> None:
    listed = tmp_path / "new.csv"
    box.done("tickets", "issue", str(listed), "--count", "3", "--product", "workshop")
    rows = list(csv.DictReader(io.StringIO(listed.read_text())))
    assert [row["product"] for row in rows] == ["workshop"] * 3
    assert listed.stat().st_mode & 0o777 == 0o600
    assert "3 tickets, all in order" in box.done("tickets", "import", str(listed), "--dry-run")
    assert "0 new, 0 changed, 3 as before" in box.done("tickets", "import", str(listed))
    with box:
        box.start()
        with box.staff() as staff:  # and commands work beside the daemon
            assert staff.post("/api/v1/scan", {"code": rows[0]["code"]}).body["verdict"] == "admit"
        assert "2 used" in box.done("tickets", "status")
        assert box.stop() == 0


def test_a_broken_ticket_list_names_every_line_and_imports_nothing(box: Daemon, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(
        "code,product,status\nNEW-1,workshop,valid\nX1,workshop,maybe\nX2,,valid\nX2,,valid\n"
    )
    before = box.journal()
    ended = box.command("tickets", "import", str(tmp_path / "bad.csv"))
    assert ended.returncode == 1
    assert "code        <- 'code'" in ended.stdout  # how the columns were taken helps with what is wrong
    said = ended.stderr.splitlines()
    assert [line.split(":")[1] for line in said[:-1]] == ["3", "5"]
    assert said[-1] == "stallbox: bad.csv has 2 problems: nothing was loaded."
    assert box.journal() == before


def test_a_list_is_taken_away_again_but_for_the_tickets_that_were_used(box: Daemon) -> None:
    before = box.journal()
    listed = len((EVENT_FILE.parent / "street-series-tickets.csv").read_text().splitlines()) - 1
    said = box.done("tickets", "remove", "--source", "street-series-tickets.csv")
    assert f"{listed - 1} tickets taken away; 1 stay" in said
    assert [entry["kind"] for entry in box.journal()[len(before) :]] == ["tickets.removed"]
    assert "1 used" in box.done("tickets", "status")
    assert refused(box, "tickets", "remove", "--source", "nobody.csv")


def test_a_changed_journal_is_named(box: Daemon) -> None:
    with closing(sqlite3.connect(box.data / "stallbox.db")) as store, store:
        store.execute("UPDATE journal SET data = replace(data, '4800', '0048') WHERE kind = 'sale.completed'")
        seq = store.execute("SELECT seq FROM journal WHERE kind = 'sale.completed'").fetchone()[0]
    ended = box.command("journal", "verify")
    assert ended.returncode == 1
    assert ended.stdout.startswith(f"entry {seq}: ")
    assert ended.stderr.startswith("stallbox: The journal was altered")


def test_a_backup_restores_into_an_empty_folder_and_nowhere_else(box: Daemon, tmp_path: Path) -> None:
    file = tmp_path / "box.tgz"
    with box:
        box.start()  # a backup is taken while the box runs
        box.done("backup", str(file))
        assert box.stop() == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert "is there already: choose an empty folder" in refused(box, "restore", str(file))[-1]
    other = Daemon(tmp_path / "other")
    other.done("restore", str(file))
    assert "1 signed heads: the journal is whole" in other.done("journal", "verify")
    restored = other.journal()
    assert restored == box.journal()[: len(restored)]
    for name in ("tokens.json", "keys/journal-ed25519.key", "keys/session.key"):
        assert (other.data / name).read_bytes() == (box.data / name).read_bytes()
        assert (other.data / name).stat().st_mode & 0o777 == 0o600
    with other:
        other.start()
        assert other.stop() == 0


DAMAGES = ["cut off", *(f"one bit at {place} %" for place in range(5, 100, 10)), "no backup", "no store",
           "a file was changed", "a file was left out", "no sums"]  # fmt: skip


def damaged(good: Path, how: str) -> bytes:
    """Spoil a backup."""
    whole = good.read_bytes()
    if how == "cut off":
        return whole[: len(whole) // 2]
    if how.startswith("one bit"):
        return flipped(whole, len(whole) * int(how.split()[-2]) // 100)
    if how == "no backup":
        return b"not an archive"
    if how == "no store":
        return repacked(good, lambda name, content: None)
    if how == "a file was changed":
        return repacked(good, lambda name, content: b"{}" if name == "tokens.json" else content)
    if how == "a file was left out":
        return repacked(good, lambda name, content: None if name == "tokens.json" else content)
    return repacked(good, lambda name, content: None if name == "SHA256SUMS" else content)


def flipped(whole: bytes, at: int) -> bytes:
    """Flip one bit from a place on, the first that tells: deflate can write the same content in many ways."""
    while True:
        bad = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        try:
            if gzip.decompress(bad) != gzip.decompress(whole):
                return bad
        except (OSError, EOFError, zlib.error):
            return bad
        at += 1


def repacked(good: Path, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """Pack a backup anew, with other content and right checksums of gzip and tar."""
    packed = io.BytesIO()
    with tarfile.open(good) as old, tarfile.open(fileobj=packed, mode="w:gz") as new:
        for member in old:
            file = old.extractfile(member)
            content = change(member.name, file.read() if file else b"")
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_backup_restores_nothing(
    evening: Daemon, run_here: Callable[..., Ended], tmp_path: Path, how: str
) -> None:
    file, bad = tmp_path / "box.tgz", tmp_path / "bad.tgz"
    assert run_here(evening, "backup", str(file)).returncode == 0
    bad.write_bytes(damaged(file, how))
    other = Daemon(tmp_path / "other")
    assert len(refused(other, "restore", str(bad), run=run_here)) == 1
    assert [path.name for path in other.data.iterdir()] == ["stallbox.lock"]


def test_changes_of_the_configuration_say_where_they_come_from(evening: Daemon) -> None:
    said = evening.done("config", "show", "--changes").splitlines()
    assert said == [
        f'http.host = "127.0.0.1"  # not "0.0.0.0"; from {evening.config}',
        f"http.port = {evening.port}  # not 80; from {evening.config}",
    ]


def test_a_doctor_sees_the_running_daemon(box: Daemon) -> None:
    with box:
        box.start()
        found: list[dict[str, Any]] = json.loads(box.command("doctor", "--json").stdout)
        assert box.stop() == 0
    daemon = next(part for part in found if part["part"] == "daemon")
    assert (daemon["state"], str(box.port) in daemon["reason"]) == ("ready", True)
