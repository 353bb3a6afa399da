"""What is kept of a bad end: the last lines of the log and the state of the computer, scrubbed of names and secrets."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from appliance import __version__
from appliance.config import Settings
from appliance.core.errors import StallboxError
from appliance.core.scrubbing import hide_secrets, scrub_kernel, scrub_log
from appliance.runtime import machine
from appliance.runtime.clock import SystemClock
from appliance.runtime.crashes import Crashes
from appliance.runtime.disk import card_of, read_disk
from appliance.runtime.lastlines import LogLine, last_lines
from appliance.store.keys import write_durably
from appliance.uplink.settings import first_line
from appliance.web.tokens import TOKENS

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def note_end(data: Path, settings: Settings, cause: str, lines: list[LogLine]) -> None:
    """Keep a note of a bad end, with the lines of the log, if they are still there. Raises OSError, StallboxError."""
    at, secrets = SystemClock().now().text(), secrets_of(data, settings)
    head = {"at": at, "cause": cause, "version": __version__, **machine.facts(), "disk": disk_facts(data)}
    texts = [json.dumps(head, ensure_ascii=False), *log_lines(lines)]
    Crashes(data, write_durably).add(at, cause, (hide_secrets(text, secrets) for text in texts))


def log_lines(lines: list[LogLine] | None = None) -> Iterator[str]:
    """Return the newest lines of the log as they may leave the box."""
    lines = last_lines() if lines is None else lines
    ours = scrub_log(line.text for line in lines if not line.is_kernel)
    for line in lines:
        text = scrub_kernel(line.text) if line.is_kernel else next(ours)
        yield f"{line.at:%Y-%m-%dT%H:%M:%S.%f}Z {line.priority} {line.of}: {text}"


def secrets_of(data: Path, settings: Settings) -> set[str]:
    """Return every secret and name that the box's own files hold, to be hidden wherever it turns up."""
    hosts = (_host_of(settings.uplink.url), _host_of(settings.http.public_url))  # a domain may be somebody's name
    names = (settings.wifi.name, settings.box.name, settings.uplink.username, *hosts)
    found = {settings.wifi.password, *(name for name in names if name.lower() not in "stallbox")}
    with contextlib.suppress(StallboxError):
        found.add(first_line(settings.uplink.password_file) or "")
    with contextlib.suppress(OSError, ValueError, AttributeError):
        tokens = json.loads((data / TOKENS).read_text(encoding="utf-8"))
        found |= {value for value in [*tokens.values(), *tokens.get("pin", {}).values()] if isinstance(value, str)}
    return found


def _host_of(url: str) -> str:
    """Return the host in an address; empty where there is none, or it is this computer."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return "" if host in _LOOPBACK else host


def disk_facts(data: Path) -> Mapping[str, object]:
    """Return how the disk under a folder is, and which card it is."""
    try:
        return {**dataclasses.asdict(read_disk(data)), "card": machine.card(card_of(data))}
    except OSError as error:
        return {"error": str(error.strerror)}
