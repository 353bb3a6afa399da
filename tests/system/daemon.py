"""The real daemon as its users start it: a process of its own over a data folder, killed or stopped by a signal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Self

from tests.brokers import free_port
from tests.system.httpclient import Http
from tests.waiting import wait_until

PROJECT = Path(__file__).parents[2]
EVENT_FILE = PROJECT / "config/events/street-series.toml"
READY_LIMIT_S = 30.0
COMMAND_LIMIT_S = 60.0


class Daemon:
    """One box in `folder`: its data, its configuration, its log. A context manager that leaves no process behind.

    `data` may lie elsewhere (a small disk); `config_extra` is TOML appended to the configuration; `module` is what
    `python -m` runs. The port stays the same over every start, as that of a box does.
    """

    def __init__(
        self,
        folder: Path,
        config_extra: str = "",
        python: str = sys.executable,
        data: Path | None = None,
        module: str = "appliance",
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data = data or folder / "data"
        self.config = folder / "box.toml"
        self.log = folder / "stderr.txt"
        self.port = free_port()
        self._command = [python, "-m", module]
        self._process: subprocess.Popen[bytes] | None = None
        self.config.write_text(f'[http]\nhost = "127.0.0.1"\nport = {self.port}\n{config_extra}')

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the HTTP face."""
        return "127.0.0.1", self.port

    @property
    def tokens(self) -> dict[str, Any]:
        """The tokens and PINs; there from the first start on."""
        return dict(json.loads((self.data / "tokens.json").read_text()))

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def errors(self) -> str:
        """What the daemon wrote to its log, all starts together."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def load_event(self, file: Path = EVENT_FILE) -> None:
        """Load an event with the command line, as an owner would."""
        self.done("event", "load", str(file))

    def spawn(self) -> None:
        """Start the process and do not wait for it to be ready."""
        assert not self.running, "the daemon runs already"
        with self.log.open("ab") as log:
            self._process = self._popen(["run", *self.place()], log)

    def wait_ready(self) -> None:
        """Wait until it can sell and admit; AssertionError with its log if it ends or takes too long."""
        wait_until(lambda: self.healthy or not self.running, READY_LIMIT_S)
        assert self.running, f"the daemon ended by itself:\n{self.errors()}"

    def start(self) -> Self:
        """Start it and wait until it can sell and admit."""
        self.spawn()
        self.wait_ready()
        return self

    @property
    def healthy(self) -> bool:
        """Whether /healthz says 200."""
        try:
            with Http(self.address, timeout_s=5) as http:
                return http.get("/healthz").status == 200
        except OSError:
            return False

    def staff(self) -> Http:
        """A client with the staff's rights."""
        return Http(self.address, self.tokens["staff"])

    def kill(self) -> None:
        """kill -9, if it runs; return once it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def stop(self, timeout_s: float = 20) -> int:
        """SIGTERM; return the exit code."""
        assert self._process is not None, "the daemon was never started"
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(timeout_s)
        self._process = None
        return code

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one `stallbox` command on this box's data and configuration."""
        command = [*self._command[:2], "appliance", *arguments, *self.place()]
        return subprocess.run(
            command, cwd=PROJECT, capture_output=True, text=True, timeout=COMMAND_LIMIT_S, check=False
        )

    def done(self, *arguments: str) -> str:
        """Run a command that has to go well; return what it printed."""
        ended = self.command(*arguments)
        assert ended.returncode == 0, f"stallbox {' '.join(arguments)}: {ended.returncode}\n{ended.stderr}"
        return ended.stdout

    def journal(self) -> list[dict[str, Any]]:
        """Every entry, as `stallbox journal export` prints them."""
        return [json.loads(line) for line in self.done("journal", "export").splitlines()]

    def place(self) -> Sequence[str]:
        """The options that point a command at this box."""
        return ["--data", str(self.data), "--config", str(self.config)]

    def _popen(self, arguments: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*self._command, *arguments], cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
