"""How the daemon begins and ends, as systemd and a person at a terminal see it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.daemon import Daemon
from tests.system.httpclient import Http
from tests.waiting import wait_until

pytestmark = pytest.mark.system


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Daemon]:
    with Daemon(tmp_path) as daemon:
        yield daemon


def test_sigterm_ends_it_with_0_and_a_note_in_the_journal(box: Daemon) -> None:
    box.load_event()
    box.start()
    assert (box.data / "daemon.json").exists()
    assert (box.data / "tokens.json").stat().st_mode & 0o777 == 0o600
    assert box.stop() == 0, box.errors()
    assert not (box.data / "daemon.json").exists(), "commands would look for it in vain"
    kinds = [entry["kind"] for entry in box.journal()]
    assert (kinds[-2], kinds[-1]) == ("box.started", "box.stopped")
    assert "Traceback" not in box.errors()


def test_a_second_daemon_on_the_same_folder_is_refused_and_the_first_sells_on(box: Daemon) -> None:
    box.load_event()
    box.start()
    second = box.command("run")
    assert second.returncode == 1
    assert second.stderr == f"stallbox: Another Stallbox runs on {box.data}: stop it first.\n"
    assert box.healthy
    assert box.stop() == 0


def test_a_port_in_use_is_said_in_one_line_and_everything_ends(box: Daemon) -> None:
    box.load_event()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        box.config.write_text(f'[http]\nhost = "127.0.0.1"\nport = {port}\n')
        refused = box.command("run")
    assert refused.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in refused.stderr.splitlines()[-1]
    assert "Traceback" not in refused.stderr


def test_without_an_event_it_runs_and_says_what_is_missing(box: Daemon) -> None:
    box.spawn()
    wait_until(lambda: (box.data / "daemon.json").exists(), 20)
    with Http(box.address) as http:
        answer = http.get("/healthz")
    assert (answer.status, answer.body["reasons"]) == (503, ["No event is loaded."])
    assert answer.body["codes"] == ["no_event"]
    box.load_event()  # beside the daemon, which needs no restart
    wait_until(lambda: box.healthy, 10)
    assert box.stop() == 0


def test_a_configuration_with_faults_names_all_of_them_and_starts_nothing(box: Daemon) -> None:
    box.config.write_text('[http]\nprot = 1\nport = 99999\n[bxo]\nid = "x"\n')
    refused = box.command("run")
    assert refused.returncode == 2
    assert [line.removeprefix(str(box.config)).split(":")[1] for line in refused.stderr.splitlines()] == ["2", "3", "4"]
    assert "did you mean 'port'?" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not box.data.exists()


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 400], ids=["empty keys", "garbage store"])
def test_a_damaged_folder_is_refused_in_one_line(box: Daemon, damage: bytes) -> None:
    box.load_event()
    box.start()
    assert box.stop() == 0
    damaged = box.data / ("stallbox.db" if damage else "tokens.json")
    damaged.write_bytes(damage)
    refused = box.command("run")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1, refused.stderr
    assert refused.stderr.startswith("stallbox: ")
    assert damaged.read_bytes() == damage, "what is damaged is left for whoever can save it"


def test_a_port_that_is_taken_is_named(box: Daemon, tmp_path: Path) -> None:
    box.load_event()
    box.start()
    with Daemon(tmp_path / "other") as other:
        other.config.write_text(box.config.read_text())
        other.spawn()
        wait_until(lambda: not other.running, 20)
        assert f"cannot listen on 127.0.0.1 port {box.port}" in other.errors()
    assert box.healthy
    assert box.stop() == 0
