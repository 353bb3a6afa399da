"""The supervisor, as systemd sees it: a real process, real signals, a real notification socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.runtime.supervisor import Supervisor
from appliance.runtime.worker import Worker

DAEMON = Path(__file__).with_name("daemon.py")


class Systemd:
    """The far end: starts the daemon, hears its notices, sends signals, and reads what it left."""

    def __init__(self, folder: Path) -> None:
        self.heard: list[str] = []
        self._folder = folder
        self._wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._wire.settimeout(10)
        self._wire.bind(str(folder / "notify"))
        self.process: subprocess.Popen[str] | None = None

    def start(self, scene: str) -> None:
        environ = {
            **os.environ,
            "NOTIFY_SOCKET": str(self._folder / "notify"),
            "WATCHDOG_USEC": "3000000",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        self.process = subprocess.Popen(
            [sys.executable, str(DAEMON), scene],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def hear(self, notice: str, times: int = 1) -> None:
        while self.heard.count(notice) < times:
            self.heard.append(self._wire.recv(500).decode())

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> tuple[int, str, str]:
        """Wait for the end; return exit code, standard output and the log."""
        self.hear("STOPPING=1")  # a socket that nobody reads would hold the daemon up
        out, err = self.process.communicate(timeout=20)
        self._wire.setblocking(False)
        try:
            while True:
                self.heard.append(self._wire.recv(500).decode())
        except BlockingIOError:
            return self.process.returncode, out, err

    def close(self) -> None:
        self._wire.close()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.communicate(timeout=10)


@pytest.fixture
def systemd(tmp_path) -> Iterator[Systemd]:
    systemd = Systemd(tmp_path)
    yield systemd
    systemd.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_last_started_first(systemd, number):
    systemd.start("steady")
    systemd.hear("WATCHDOG=1", times=3)
    systemd.send(number)
    code, out, err = systemd.end()
    assert (code, out) == (0, "ready\nc stopped\nb stopped\na stopped\n"), err
    assert systemd.heard[0] == "READY=1"
    assert systemd.heard[-1] == "STOPPING=1"
    assert systemd.heard.count("STATUS=three") == 1
    assert "Traceback" not in err


def test_a_second_signal_changes_nothing(systemd):
    systemd.start("steady")
    systemd.hear("READY=1")
    systemd.send(signal.SIGTERM)
    systemd.send(signal.SIGINT)
    assert systemd.end()[:2] == (0, "ready\nc stopped\nb stopped\na stopped\n")


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        ("crash", ("broken failed: ZeroDivisionError(", "Traceback")),
        ("foreign", ("foreign failed: KeyError('nothing')", "Traceback")),
        ("exits", ("quitter failed: SystemExit()",)),
        ("leaves", ("quitter ended by itself",)),
        ("main", ("the main thread failed: ZeroDivisionError(", "Traceback")),
    ],
)
def test_an_unforeseen_end_is_recorded_and_ends_all_with_70(systemd, scene, said):
    systemd.start(scene)
    systemd.hear("WATCHDOG=1")
    systemd.send(signal.SIGUSR1)
    code, out, err = systemd.end()
    assert code == 70
    assert "a stopped\n" in out
    assert systemd.heard[-1] == "STOPPING=1"
    for text in said:
        assert text in err


def test_a_stuck_worker_is_shown_with_its_stack_and_ends_all_with_70(systemd):
    systemd.start("hang")
    systemd.hear("WATCHDOG=1")
    systemd.send(signal.SIGUSR1)
    code, out, err = systemd.end()
    assert code == 70
    assert out == "ready\nhanging\na stopped\n"
    assert "stuck is stuck:" in err
    assert "never.wait()" in err


def test_the_watchdog_hears_nothing_while_a_worker_hangs(systemd):
    systemd.start("hang at once")
    assert systemd.end()[0] == 70
    assert systemd.heard == ["READY=1", "STOPPING=1"]


def test_a_worker_that_does_not_stop_keeps_neither_the_process_nor_the_others_time(systemd):
    systemd.start("will not stop")
    systemd.hear("WATCHDOG=1")
    systemd.send(signal.SIGTERM)
    code, out, err = systemd.end()
    assert code == 70
    assert "stuck does not stop:" in err
    assert "never.wait()" in err
    assert "a stopped" in out


def test_a_failure_on_the_way_out_is_no_clean_end(systemd):
    systemd.start("fails at the end")
    systemd.hear("READY=1")
    systemd.send(signal.SIGTERM)
    code, _, err = systemd.end()
    assert code == 70
    assert "last failed: " in err


def test_stop_from_another_thread_and_everything_put_back():
    hooks = (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT), threading.excepthook)
    worker = Worker("tester", lambda: None, interval_s=3600)
    supervisor = Supervisor([worker])
    assert supervisor.run(on_ready=threading.Thread(target=supervisor.stop).start) == 0
    assert not worker.alive
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT), threading.excepthook) == hooks
