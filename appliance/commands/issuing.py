"""Issuing in numbers: the codes are on the disk before they are good, and what breaks off is taken back."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import click

from appliance.core.card import Card, cards_of
from appliance.core.errors import StallboxError
from appliance.core.lot import Lot, lot_of_csv, to_csv
from appliance.core.ports import DeskPort
from appliance.core.texts import counted
from appliance.core.trade import Event
from appliance.core.verdict import CodeKind
from appliance.services import issuing
from appliance.services.tickets import PART
from appliance.store import keys

FORMATS = ("csv", "pdf", "html")
MAX_CARDS = 5000  # on paper in one go: a document is made in memory, and a Pi Zero has 512 MB
MANY_PARTS = 5  # from here making codes good takes over a second
MANY_CARDS = 150  # from here drawing takes over a second
T = TypeVar("T")
_NAMES = {CodeKind.TICKET: "ticket", CodeKind.VOUCHER: "voucher", CodeKind.MEMBER: "member card"}


def format_of(file: Path, told: str | None) -> str:
    """Return the format to write. Raises click.UsageError if neither the ending nor an option says it."""
    ending = file.suffix.lower().removeprefix(".")
    guessed = "html" if ending == "htm" else ending
    if told or guessed in FORMATS:
        return told or guessed
    raise click.UsageError(f"'{file.name}' does not end in .csv, .pdf or .html: add --format.")


def issue(desk: DeskPort, wish: issuing.Wish, file: Path, form: str, *, single: bool, codes_file: Path | None) -> Lot:
    """Make a lot and write it. Raises StallboxError or OSError; then no code of it is good, or all are written down."""
    for there in filter(None, (file, codes_file)):
        if there.exists():  # perhaps the only place where the codes of another issue are
            raise StallboxError("file_there", f"{there} is there already: name a new file.")
    if form != "csv" and wish.count > MAX_CARDS:
        raise StallboxError("too_many", f"A {form.upper()} file holds {MAX_CARDS} at most: issue several, or a .csv.")
    draft = file.with_name(f"{file.name}.unfinished.csv")
    if draft.exists():
        _take_back(desk, draft)
    lot = issuing.make(desk, wish)
    keys.write_durably(draft, to_csv(lot).encode())
    try:
        with _bar(issuing.keep(desk, lot, file.name), -(-wish.count // PART), "Issuing", MANY_PARTS) as parts:
            for _ in parts:
                pass
        if form != "csv":
            with desk.reading() as books:
                event = books.events.current()
            _write_cards(lot, event, file, form, single)
    except (StallboxError, OSError):
        with contextlib.suppress(StallboxError, OSError):  # then the next issue into this file takes it back
            _take_back(desk, draft)
        raise
    _finish(draft, file if form == "csv" else codes_file)
    return lot


def said(lot: Lot, file: Path, codes_file: Path | None) -> str:
    """Say what was written where."""
    what = counted(len(lot.codes), _NAMES[lot.kind])
    where = f"the folder {file}" if file.is_dir() else str(file)
    if codes_file:
        return f"Wrote {what} into {where} and their codes into {codes_file}: keep both safe, they are nowhere else."
    return f"Wrote {what} into {where}: keep it safe, the codes are nowhere else."


def read_lot(file: Path) -> Lot | None:
    """Read a list of vouchers or member cards that a box issued; None if the file is another list."""
    try:
        lot = lot_of_csv(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):  # whoever reads it as a list of tickets says what is wrong
        return None
    return lot if lot and lot.kind is not CodeKind.TICKET else None


def import_lot(desk: DeskPort, lot: Lot, name: str) -> str:
    """Take in vouchers or member cards that another box issued; return what to say. Raises StallboxError."""
    new = sum(issuing.keep(desk, lot, name))
    return f"{name}: {new} new {_NAMES[lot.kind]}s, {len(lot.codes) - new} as before."


def key_lines(public_key: bytes) -> str:
    """Write a public key as the table that goes into the event's file of another gate."""
    return f'[[ticket_keys]]\nformat = "stallbox"\npublic_key = "{public_key.hex()}"'


def _take_back(desk: DeskPort, draft: Path) -> None:
    lot = lot_of_csv(draft.read_text(encoding="utf-8"))
    if lot is not None:
        gone = issuing.withdraw(desk, lot)
        click.echo(f"An issue into {draft.name.removesuffix('.unfinished.csv')} broke off: {gone} codes taken back.")
    draft.unlink()
    keys.sync(draft.parent)


def _finish(draft: Path, kept: Path | None) -> None:
    """Keep the list of codes under its name, or drop it: the cards hold them."""
    if kept is None:
        draft.unlink()
    else:
        draft.rename(kept)
        keys.sync(kept.parent)
    keys.sync(draft.parent)


def _write_cards(lot: Lot, event: Event | None, file: Path, form: str, single: bool) -> None:
    count = len(lot.codes)
    with _bar(cards_of(lot, event), count, "Drawing", MANY_CARDS) as cards:
        if form == "pdf":
            keys.write_durably(file, _pdf(cards, event.name if event else "Stallbox", single))
        elif count == 1:
            keys.write_durably(file, _html(next(iter(cards))))
        else:
            _write_folder(file, cards)


def _pdf(cards: Iterable[Card], title: str, single: bool) -> bytes:
    from appliance.paper import fonts, pdf  # other commands need not wait for them

    draw = pdf.singles if single else pdf.sheets
    return draw(cards, title, fonts.find_fonts())


def _html(card: Card) -> bytes:
    from appliance.paper import html

    return html.page(card).encode()


def _write_folder(folder: Path, cards: Iterable[Card]) -> None:
    """Write a file for each card, all of them or none: the folder gets its name once they are on the disk."""
    draft = folder.with_name(f"{folder.name}.new")
    draft.mkdir(mode=0o700, exist_ok=True)
    for left_behind in draft.iterdir():
        left_behind.unlink()
    for number, card in enumerate(cards, 1):
        path = draft / f"{card.kind.lower().replace(' ', '-')}-{number:04}.html"
        path.touch(mode=0o600)
        path.write_bytes(_html(card))
    os.sync()  # one for all of them
    draft.rename(folder)
    keys.sync(folder.parent)


def _bar(items: Iterable[T], length: int, label: str, many: int) -> click._termui_impl.ProgressBar[T]:
    """Show how far it is, on a terminal and if it takes a while."""
    return click.progressbar(items, length=length, label=label, hidden=length < many or not sys.stdout.isatty())
