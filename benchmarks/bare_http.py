"""The least that could answer a scan: waitress, one fdatasync, a fixed answer. What a scan over HTTP stands beside.

python -m benchmarks.bare_http FILE      prints its port, serves until it is stopped
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.clients import ROOT, Task, sync_once

ANSWER = b'{"verdict": "admit"}\n'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))]


@contextmanager
def bare_server(folder: Path) -> Iterator[Callable[..., Task]]:
    """Run it in a process of its own; give what makes a client's task at it."""
    command = [sys.executable, "-m", "benchmarks.bare_http", str(folder / "bare-http")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            yield lambda act, **how: Task("127.0.0.1", port, "none", act, **how)
        finally:
            server.terminate()


def main() -> None:
    from waitress import create_server

    fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        sync_once(fd)
        start_response("200 OK", HEADERS)
        return [ANSWER]

    server = create_server(app, host="127.0.0.1", port=0, threads=24)
    print(server.effective_port, flush=True)
    server.run()


if __name__ == "__main__":
    main()
