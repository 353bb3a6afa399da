"""Root as a box sees it: the grants of appliance/rootly.py behind a real socket, over a machine of the test's own."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Self

from appliance.rootly import Machine, answer


class RootSocket:
    """Grants one wish a connection, as systemd's socket does; `wishes` are what was asked. A context manager."""

    def __init__(self, path: Path, machine: Machine) -> None:
        self.path = path
        self.wishes: list[str] = []
        self._machine = machine
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(self.path))
        self._thread.join(30)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            wire, _ = self._listener.accept()
            with wire, wire.makefile("rw", encoding="utf-8") as lines:
                wish = lines.readline().strip()
                if not wish:
                    return
                self.wishes.append(wish)
                lines.write(f"{answer(wish, self._machine)}\n")
