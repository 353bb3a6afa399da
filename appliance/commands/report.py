"""`stallbox report`: all that who supports a box needs to know, in one file that names nobody and holds no secret."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from appliance import __version__
from appliance.aftermath import disk_facts, log_lines, note_end, secrets_of
from appliance.commands.doctor import examine
from appliance.commands.place import Place, placed
from appliance.config import ConfigError, Settings, changes
from appliance.core.errors import StallboxError
from appliance.core.scrubbing import hide_secrets, scrub
from appliance.runtime import machine
from appliance.runtime.clock import SystemClock
from appliance.runtime.crashes import Crashes
from appliance.runtime.lastlines import last_lines
from appliance.store.keys import sync, write_durably

# Entries that tell of the box and not of its trade.
OF_BOX = ("box.started", "box.stopped", "clock.set", "power.changed", "shutdown.asked", "shutdown.called_off",
          "device.lost", "device.back")  # fmt: skip
NEWEST = 200
ABOUT = """\
A report of a Stallbox, for who supports it. `stallbox report` made it.

  report.json    versions, computer, clock, disk, figures of the journal, what happened to the box itself
  doctor.txt     how each part is
  settings.txt   what differs from the defaults; names, addresses and passwords are left out
  log.txt        the newest lines of the log; what may name somebody is hidden behind …
  crashes/       what was known when the daemon or the box ended badly

It holds no name, number, code, PIN, token, password or key, and no sale.
"""


@click.command("report")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@placed
def report(place: Place, file: Path) -> None:
    """Pack what who supports the box needs to know: no names, no numbers, no secrets."""
    settings = _settings(place)
    secrets = secrets_of(place.data, settings)
    draft = file.with_name(f".{file.name}.part")
    with draft.open("wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for name, text in _members(place, settings):
            content = hide_secrets(text, secrets).encode()
            member = tarfile.TarInfo(f"stallbox-report/{name}")
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    sync(draft)
    draft.replace(file)
    click.echo(f"Wrote {file}: it names nobody and holds no secret. Look into it before you hand it on.")


@click.command("crash-note", hidden=True)
@click.argument("cause")
@placed
def crash_note(place: Place, cause: str) -> None:
    """Keep the last lines of the log after the daemon ended badly; systemd calls it."""
    note_end(place.data, _settings(place), cause, last_lines())


def _settings(place: Place) -> Settings:
    try:
        return place.settings()
    except ConfigError:  # the doctor says what is wrong with it; a report is wanted all the more
        return Settings()


def _members(place: Place, settings: Settings) -> Iterator[tuple[str, str]]:
    yield "README.txt", ABOUT
    yield "report.json", json.dumps(_about(place), ensure_ascii=False, indent=1)
    yield "doctor.txt", "".join(f"{scrub(finding.line())}\n" for finding in examine(place.data, settings))
    yield "settings.txt", "".join(_setting_lines(settings))
    yield "log.txt", "".join(f"{line}\n" for line in log_lines())
    for note in Crashes(place.data, write_durably).all():
        with contextlib.suppress(OSError, EOFError):
            yield f"crashes/{note.stem}", gzip.decompress(note.read_bytes()).decode("utf-8", "replace")


def _setting_lines(settings: Settings) -> Iterator[str]:
    for change in changes(settings):
        yield f"{change.line()}\n" if change.is_plain else f"{change.key} is set, {len(str(change.value))} characters\n"


def _about(place: Place) -> Mapping[str, object]:
    now = SystemClock().now()
    return {
        "version": __version__,
        "at": now.text(),
        "clock": now.quality,
        "computer": machine.facts(),
        "disk": disk_facts(place.data),
        "journal": _journal(place),
    }


def _journal(place: Place) -> Mapping[str, object]:
    try:
        with place.reading() as books:
            head, entries = books.journal.head(), books.journal.newest(OF_BOX, NEWEST)
            counts = books.journal.counts()
    except (StallboxError, sqlite3.Error) as error:
        return {"error": scrub(str(error))}
    return {
        "head": head and {"seq": head.seq, "at": head.at, "hash": head.hash},
        "entries": counts,
        "box": [f"{one.seq} {one.at} {one.clock} {one.kind} {_said(one.data)}" for one in entries],
    }


def _said(data: Mapping[str, object]) -> str:
    kept = {key: value for key, value in data.items() if key not in ("boot", "machine_boot")}
    times = ("before", "after")  # of the clock: digits that are not hidden
    return ", ".join(f"{key} {value if key in times else scrub(str(value))}" for key, value in kept.items())
