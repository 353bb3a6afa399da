"""A document as PDF: one page as wide as a roll of paper, as long as what stands on it. Lengths are millimetres."""

from __future__ import annotations

from dataclasses import replace

from appliance.core.document import Align, Block, Document, Feed, Qr, Row, Rule, Text
from appliance.paper.canvas import INK, SOFT, Canvas
from appliance.paper.fonts import Fonts

WIDTH = 80.0
_PAD = 6.0
_INNER = WIDTH - 2 * _PAD
_AMOUNT = 24.0  # what a row keeps for its right part
_SIDE = 32.0  # of a QR code
_LINE = 4.2
_TEXT_PT = 9.0
_FAR_EAST = "\u2e80"  # from here on DejaVu has no letters
_ALIGNS = {Align.LEFT: "L", Align.CENTER: "C", Align.RIGHT: "R"}


def receipt_pdf(document: Document, title: str, fonts: Fonts) -> bytes:
    """Draw a document. Raises StallboxError without fonts."""
    written = "".join(
        block.text if isinstance(block, Text) else getattr(block, "left", "") for block in document.blocks
    )
    if max(written, default="") < _FAR_EAST:
        fonts = replace(fonts, fallbacks=())  # megabytes, which take a small box seconds
    canvas = Canvas(title, (WIDTH, WIDTH), fonts)
    canvas.add_page()
    canvas.set_length(canvas.measure(lambda: _draw(canvas, document)) + _PAD)
    _draw(canvas, document)
    return canvas.finish()


def _draw(canvas: Canvas, document: Document) -> float:
    y = _PAD
    for block in document.blocks:
        y = _block(canvas, block, y)
    return y


def _block(canvas: Canvas, block: Block, y: float) -> float:
    match block:
        case Text():
            return canvas.text(
                block.text, _PAD, y, _INNER, sizes_pt=(_TEXT_PT * min(block.scale, 2),), lines=20, bold=block.bold,
                align=_ALIGNS[block.align],
            )  # fmt: skip
        case Row():
            end = canvas.text(block.left, _PAD, y, _INNER - _AMOUNT, sizes_pt=(_TEXT_PT,), lines=10, bold=block.bold)
            canvas.text(
                block.right, WIDTH - _PAD - _AMOUNT, y, _AMOUNT, sizes_pt=(_TEXT_PT, 8, 7, 6),
                bold=block.bold, align="R",
            )  # fmt: skip
            return max(end, y + _LINE)
        case Rule():
            canvas.line(_PAD, y + 1.2, WIDTH - _PAD, y + 1.2, colour=SOFT, width=0.2)
            return y + 2.4
        case Feed():
            return y + block.lines * _LINE
        case Qr():
            canvas.qr(block.data, (WIDTH - _SIDE) / 2, y + 2, _SIDE)
            return canvas.text(
                block.caption, _PAD, y + _SIDE + 4, _INNER, sizes_pt=(_TEXT_PT,), lines=3, colour=INK, align="C"
            )
        case _:
            return y
