"""`stallbox ask`: have root do one of the few things that only root may do."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.core.errors import StallboxError
from appliance.runtime.root import SOCKET, asked


@click.command("ask", context_settings={"ignore_unknown_options": True})
@click.option("--socket", "path", type=click.Path(path_type=Path), default=SOCKET, hidden=True)
@click.argument("words", nargs=-1, required=True)
def ask(path: Path, words: tuple[str, ...]) -> None:
    """Ask root to switch off, restart, set the time or share the uplink: power-off, time SECONDS, network share on."""
    told = asked(path, " ".join(words))
    if told != "ok":
        raise StallboxError("refused", f"Root said {told or 'nothing'}.")
