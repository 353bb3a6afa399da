"""Cards as PDF: sheets to cut, or a page each. Lengths are millimetres."""

from __future__ import annotations

from collections.abc import Iterable

from appliance.core.card import Card
from appliance.paper.canvas import ACCENT, CODE, INK, PAPER, SOFT, Canvas
from appliance.paper.fonts import Fonts

A4 = (210.0, 297.0)  # ISO 216
A6 = (105.0, 148.0)
COLUMNS, ROWS = 2, 5
CARD = (90.0, 54.0)  # about a business card's, and ten fit an A4 page
_LEFT, _TOP = (A4[0] - COLUMNS * CARD[0]) / 2, (A4[1] - ROWS * CARD[1]) / 2
_MARK = 4.0  # how long a cut mark is
_GAP = 1.5  # between it and the card
_LIGHT = (206, 212, 224)


def sheets(cards: Iterable[Card], title: str, fonts: Fonts) -> bytes:
    """Draw ten cards on each page, with marks where to cut."""
    canvas = Canvas(title, A4, fonts)
    for number, card in enumerate(cards):
        place = number % (COLUMNS * ROWS)
        if place == 0:
            canvas.add_page()
            _cut_marks(canvas)
        _small(canvas, card, _LEFT + place % COLUMNS * CARD[0], _TOP + place // COLUMNS * CARD[1])
    return canvas.finish()


def singles(cards: Iterable[Card], title: str, fonts: Fonts) -> bytes:
    """Draw each card on a page of its own, of a size that fits a phone's screen and a quarter of A4."""
    canvas = Canvas(title, A6, fonts)
    for card in cards:
        canvas.add_page()
        _large(canvas, card)
    return canvas.finish()


def _cut_marks(canvas: Canvas) -> None:
    right, bottom = _LEFT + COLUMNS * CARD[0], _TOP + ROWS * CARD[1]
    for column in range(COLUMNS + 1):
        x = _LEFT + column * CARD[0]
        canvas.line(x, _TOP - _GAP - _MARK, x, _TOP - _GAP)
        canvas.line(x, bottom + _GAP, x, bottom + _GAP + _MARK)
    for row in range(ROWS + 1):
        y = _TOP + row * CARD[1]
        canvas.line(_LEFT - _GAP - _MARK, y, _LEFT - _GAP, y)
        canvas.line(right + _GAP, y, right + _GAP + _MARK, y)
    for row in range(1, ROWS):  # small crosses where four cards meet
        x, y = _LEFT + CARD[0], _TOP + row * CARD[1]
        canvas.line(x - 1, y, x + 1, y)
        canvas.line(x, y - 1, x, y + 1)


def _small(canvas: Canvas, card: Card, x: float, y: float) -> None:
    side, pad = 31.0, 5.5
    code_x = x + CARD[0] - pad - side
    left, width = x + pad, code_x - x - pad - 4.5
    end = canvas.text(card.kind.upper(), left, y + pad - 0.6, width, sizes_pt=(6.5,), bold=True, colour=ACCENT)
    end = canvas.text(card.event, left, end + 0.8, width, sizes_pt=(9, 8, 7.5), lines=2, bold=True)
    canvas.fill(left, end + 1.3, 9, 0.6, ACCENT)
    end = canvas.text(card.title, left, end + 3.2, width, sizes_pt=(13, 12, 11, 10, 8.5), lines=2, bold=True)
    end = canvas.text(card.when, left, end + 1.4, width, sizes_pt=(7.2, 6.2), lines=2)
    end = canvas.text(card.place, left, end + 0.2, width, sizes_pt=(7.2, 6.6), lines=2, colour=SOFT)
    canvas.text(card.terms, left, end + 0.2, width, sizes_pt=(7.2, 6.6), colour=SOFT)
    canvas.text(card.where, left, y + CARD[1] - pad - 4.6, width, sizes_pt=(6, 5.5), lines=2, colour=SOFT)
    canvas.qr(card.code, code_x, y + pad, side)
    bottom = y + pad + side + 3.2
    canvas.text(
        card.short_code, code_x - 2, bottom, side + 4, sizes_pt=(9.6, 8), bold=True, align="C", font=CODE
    )  # fmt: skip


def _large(canvas: Canvas, card: Card) -> None:
    pad, band = 9.0, 33.0
    width = A6[0] - 2 * pad
    canvas.fill(0, 0, A6[0], band, INK)
    canvas.fill(0, band, A6[0], 1.2, ACCENT)
    end = canvas.text(card.kind.upper(), pad, 7, width, sizes_pt=(8,), bold=True, colour=(240, 170, 120))
    end = canvas.text(card.event, pad, end + 1.2, width, sizes_pt=(15, 13, 11, 9), lines=2, bold=True, colour=PAPER)
    canvas.text(card.place, pad, end + 0.6, width, sizes_pt=(8.5, 7.5, 6.5), lines=1, colour=_LIGHT)
    end = canvas.text(card.title, pad, band + 6, width, sizes_pt=(18, 15, 12, 10), lines=2, bold=True)
    end = canvas.text(card.when, pad, end + 0.8, width, sizes_pt=(9, 8, 7), lines=2)
    canvas.text(card.terms, pad, end + 0.4, width, sizes_pt=(8.5,), colour=SOFT)
    side, top = 54.0, 68.0
    canvas.qr(card.code, (A6[0] - side) / 2, top, side)
    canvas.text(
        card.short_code, pad, top + side + 3, width, sizes_pt=(16,), bold=True, align="C", font=CODE
    )  # fmt: skip
    canvas.line(pad, 138, A6[0] - pad, 138, colour=_LIGHT, width=0.2)
    canvas.text(card.where, pad, 139.6, width, sizes_pt=(7.5, 6.5), colour=SOFT, align="C")
