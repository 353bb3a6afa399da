"""A real mosquitto for tests: started on a port of its own, stopped, killed, and started again on the same port."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
from pathlib import Path

from tests.waiting import wait_until

# Below the range from which the kernel takes ports for outgoing connections: a broker that is down for a moment
# finds its port free again.
_PORTS = itertools.cycle(range(20000 + os.getpid() * 37 % 9000, 32000))
RELOADED = "Reloading config."  # a line of mosquitto's log


def free_port() -> int:
    """Return a port on which nobody listens."""
    for port in itertools.islice(_PORTS, 2000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


class Mosquitto:
    """One broker. `config` is added to its file: users, access lists. Its log is at `log`."""

    def __init__(self, folder: Path, config: str = "", anonymous: bool = True) -> None:
        self.port = free_port()
        self.log = folder / "mosquitto.log"
        self._config = folder / "mosquitto.conf"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\n"
            f"allow_anonymous {str(anonymous).lower()}\n"
            "max_inflight_messages 100\nmax_queued_messages 1000000\n"  # 0 makes 2.0 hang up after each refusal
            f"persistence true\npersistence_location {folder}/\n"
            f"log_dest file {self.log}\nlog_type all\nuser root\n{config}"
        )

    def start(self) -> Mosquitto:
        """Start, and return once it takes connections."""
        self._process = subprocess.Popen(
            ["mosquitto", "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self.listens, 10)
        assert self._process.poll() is None, f"port {self.port} belongs to somebody else"
        return self

    def listens(self) -> bool:
        """Tell whether it takes connections."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End in good order: it writes down its sessions and retained messages."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def reload(self) -> None:
        """Read the access list anew, and return once that is done."""
        assert self._process is not None
        before = self.log.read_text().count(RELOADED)
        self._process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.log.read_text().count(RELOADED) > before, 10)

    def kill(self) -> None:
        """kill -9: what it has not written down is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None
