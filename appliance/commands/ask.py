"""`stallbox ask`: have root do one of the few things that only root may do."""

from __future__ import annotations

import socket
from pathlib import Path

import click

from appliance.core.errors import StallboxError

SOCKET = Path("/run/stallbox/ask")
LIMIT_S = 60.0


@click.command("ask", context_settings={"ignore_unknown_options": True})
@click.option("--socket", "path", type=click.Path(path_type=Path), default=SOCKET, hidden=True)
@click.argument("words", nargs=-1, required=True)
def ask(path: Path, words: tuple[str, ...]) -> None:
    """Ask root to switch off, restart, set the time or share the uplink: power-off, time SECONDS, network share on."""
    told = asked(path, " ".join(words))
    if told != "ok":
        raise StallboxError("refused", f"Root said {told or 'nothing'}.")


def asked(path: Path, wish: str) -> str:
    """Send a wish and return the answer. Raises StallboxError where nobody listens."""
    try:
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(LIMIT_S)
            wire.connect(str(path))
            wire.sendall(f"{' '.join(wish.split())}\n".encode())
            wire.shutdown(socket.SHUT_WR)
            return wire.makefile(encoding="utf-8", errors="replace").readline().strip()
    except OSError as error:
        raise StallboxError("no_root", f"Nobody listens at {path}: {error}. Only the image has this.") from error
