"""Keyboard scanners that are set to another layout: staff asks for the card, the next scan of it teaches the box.

Only when asked for: a card of anybody's making could otherwise turn a door's scanner deaf.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from appliance.core.clock import timestamp
from appliance.core.document import Align, Cut, Document, Qr, Text
from appliance.core.keyboard import CARD, Layout, read_card
from appliance.core.ports import Books, ScannerLayout
from appliance.core.verdict import CodeKind, Decision, Verdict

WAIT_S = 300  # how long the card is awaited


def expect_card(books: Books, scanner: str) -> str:
    """Wait for the calibration card at a scanner, have it printed, and return its text."""
    until = timestamp(books.moment.at + dt.timedelta(seconds=WAIT_S))
    books.tickets.keep_layout(scanner, ScannerLayout({}, until))
    title = Text(f"CALIBRATION CARD for '{scanner}'", bold=True, align=Align.CENTER)
    paper = Document((title, Qr(CARD, "Scan this at that scanner within five minutes."), Cut()))
    books.prints.add("slip", "calibration card", paper.to_json())
    return CARD


def understand(books: Books, scanner: str, text: str) -> str | Verdict:
    """Return what was on the code that arrived as `text`; a verdict if it was the card that is awaited."""
    known = books.tickets.layout(scanner)
    if known is None:
        return text
    if known.card_expected_until and books.moment.text() < known.card_expected_until:
        layout = read_card(text)
        if layout is not None:
            return _learn(books, scanner, layout)
    return Layout(known.swaps).undo(text)


def undo(books: Books, scanner: str, text: str) -> str:
    """Return what was on the code that arrived as `text`; learns nothing."""
    known = books.tickets.layout(scanner)
    return Layout(known.swaps).undo(text) if known else text


def _learn(books: Books, scanner: str, layout: Layout) -> Verdict:
    books.tickets.keep_layout(scanner, ScannerLayout(layout.swaps))
    message = f"{len(layout.swaps)} characters are put right from now on."
    if layout.lost:
        message += f" These cannot be told: {' '.join(layout.lost)} - set the scanner to US English if you need them."
    told = Verdict(Decision.INFO, CodeKind.UNKNOWN, "Scanner calibrated", message)
    data = {
        "scanner": scanner,
        "swaps": len(layout.swaps),
        "lost": layout.lost,
        # as of any scan, for the tablet beside it
        "source": scanner,
        "verdict": told.verdict.value,
        "title": told.title,
        "message": told.message,
    }
    return replace(told, seq=books.journal.append("scanner.calibrated", data).seq)
