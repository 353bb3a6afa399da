"""Turns a document into ESC/POS, with python-escpos as the writer and corrections where its 3.1 is wrong.

- It takes the lowest code page that holds a character, so that the euro sign goes out in a Greek page that many
  printers do not have; here one page is set and kept.
- One Chinese character turns the whole string into GB18030; here a line with characters outside the page is drawn.
- It cannot centre a QR code that the printer draws; here the printer is told to centre.
- Importing it leaves a folder in the temporary directory and a handler on the root logger; both are taken away.
"""

from __future__ import annotations

import functools
import importlib
import logging
import shutil
from collections.abc import Iterator, Sequence
from typing import Any

from appliance.core.document import Align, Block, Cut, Document, Drawer, Feed, Logo, Qr, Row, Rule, Text
from appliance.drivers.printer import layout
from appliance.drivers.printer.logo import Logo as LogoPicture

FONT_WIDTH_DOTS = 12
MAX_SCALE = 8  # GS !
MAX_FEED_LINES = 255  # ESC d
QR_SIDE_DOTS = 240  # about 30 mm: read by a phone from an arm's length
QR_SMALL_DOTS = 170  # 21 mm: telephones read modules of 0.6 mm
QR_MIN_MODULE_DOTS = 2
QR_MAX_MODULE_DOTS = 8
QR_QUIET_MODULES = 8  # four on either side
PICTURE_ROWS = 24  # a band at a time, so that a band fits every printer's input buffer
CAPTION_GAP = b"\x1bJ\x10"  # ESC J: 16 dots, 2 mm
# Typographic marks of the same width: a plain one in the printer's own letters beats a drawn line.
TYPEWRITTEN = str.maketrans("‘’‚“”„‐‑‒–—−•·×", "'''\"\"\"------**x")
KANJI_OFF = b"\x1c."  # FS .: printers for China start in a mode that takes two bytes for one character


# Python's name of a code page -> python-escpos's, which knows Epson's number for ESC t.
CODE_PAGES = {
    "cp437": "CP437",
    "cp850": "CP850",
    "cp852": "CP852",
    "cp858": "CP858",
    "cp866": "CP866",
    "cp1250": "CP1250",
    "cp1251": "CP1251",
    "cp1252": "CP1252",
    "iso8859-2": "ISO_8859-2",
    "iso8859-7": "ISO_8859-7",
    "iso8859-15": "ISO_8859-15",
}


class Renderer:
    """Writes documents for one printer. The first `prepare` imports python-escpos, which takes a while."""

    def __init__(
        self,
        columns: int = 48,
        code_page: str = "cp858",
        native_qr: bool = True,
        cutter: bool = True,
        kanji_off: bool = False,
        drawer_pin: int = 2,
        logo: str = "",
    ) -> None:
        """Describe the printer; `code_page` is one of CODE_PAGES, `logo` a picture file.

        Raises ValueError for another page.
        """
        if code_page not in CODE_PAGES:
            raise ValueError(f"printer code page '{code_page}' is not known; use one of {', '.join(CODE_PAGES)}")
        self.columns = columns
        self._dots = columns * FONT_WIDTH_DOTS
        self._codec = code_page
        self._native_qr = native_qr
        self._cutter = cutter
        self._kanji_off = kanji_off
        self._drawer_pin = drawer_pin
        self.logo = LogoPicture(logo, self._dots) if logo else None
        self.logo_is_stored = False  # in the printer's own memory, so that a few bytes print it

    @functools.cached_property
    def _writer(self) -> Any:
        return _new_writer(self._dots)

    def prepare(self) -> None:
        """Do the slow imports now rather than with the first receipt."""
        self._writer.clear()

    def render(self, document: Document) -> list[bytes]:
        """Return whole commands, to be sent in this order; the printer is reset first."""
        self._writer.clear()
        self._writer.magic.encoding = None  # the reset below takes the printer back to its own page
        self._writer.hw("INIT")
        if self._kanji_off:
            self._writer._raw(KANJI_OFF)
        self._writer.charcode(CODE_PAGES[self._codec])
        return [self._taken(), *(piece for block in document.blocks for piece in self._block(block) if piece)]

    def _taken(self) -> bytes:
        written: bytes = self._writer.output
        self._writer.clear()
        return written

    def _block(self, block: Block) -> Iterator[bytes]:
        match block:
            case Text():
                yield from self._text(block)
            case Row():
                lines = layout.row(layout.clean(block.left), layout.clean(block.right), self.columns)
                yield from self._lines(lines, Align.LEFT, block.bold, 1, layout.is_right_to_left(block.left))
            case Rule():
                stroke = "─" if self._printable("─") else "-"
                yield from self._lines([stroke * self.columns], Align.LEFT, False, 1)
            case Feed():
                yield from self._feed(block.lines)
            case Qr():
                yield from self._qr(block)
            case Logo():
                yield from self._logo()
            case Drawer():
                self._writer.cashdraw(self._drawer_pin)
                yield self._taken()
            case Cut():
                yield from self._cut()

    def _text(self, block: Text) -> Iterator[bytes]:
        scale = min(max(block.scale, 1), MAX_SCALE, self.columns)
        lines = layout.wrap(layout.clean(block.text), self.columns // scale)
        yield from self._lines(lines, block.align, block.bold, scale, layout.is_right_to_left(block.text))

    def _lines(
        self, lines: Sequence[str], align: Align, bold: bool, scale: int, is_rtl: bool = False
    ) -> Iterator[bytes]:
        self._writer.set(align=align.value, bold=bold, custom_size=True, width=scale, height=scale)
        for line in lines:
            plain = line.replace("\u00a0", " ").rstrip()
            typed = plain if self._printable(plain) else plain.translate(TYPEWRITTEN)
            if self._printable(typed):
                self._writer.text(typed + "\n")
                yield self._taken()
            else:
                yield from self._drawn(plain, align, bold, scale, is_rtl)
        self._writer.set(align="left", bold=False, custom_size=True, width=1, height=1)
        yield self._taken()

    def _printable(self, text: str) -> bool:
        try:
            text.encode(self._codec)
        except UnicodeEncodeError:
            return False
        return True

    def _drawn(self, line: str, align: Align, bold: bool, scale: int, is_rtl: bool) -> Iterator[bytes]:
        from appliance.drivers.printer.lettering import draw_line

        free = max(0, self._dots - layout.width(line) * FONT_WIDTH_DOTS * scale)
        left = {Align.LEFT: 0, Align.CENTER: free // 2, Align.RIGHT: free}[align]
        yield from self._picture(draw_line(line, left, bold, scale, is_rtl), align)

    def _picture(self, picture: Any, align: Align) -> Iterator[bytes]:
        """Print a picture that brings its own left margin: not every printer aligns pictures."""
        self._writer.set(align="left")
        for top in range(0, picture.height, PICTURE_ROWS):
            bottom = min(top + PICTURE_ROWS, picture.height)
            self._writer.image(picture.crop((0, top, min(picture.width, self._dots), bottom)))
            yield self._taken()
        self._writer.set(align=align.value)

    def _feed(self, lines: int) -> Iterator[bytes]:
        while lines > 0:
            step = min(lines, MAX_FEED_LINES)
            self._writer.print_and_feed(step)
            yield self._taken()
            lines -= step

    def _qr(self, block: Qr) -> Iterator[bytes]:
        data = block.data.encode("utf-8", "replace").decode()
        modules = _qr_modules(data)
        room = self._dots // (len(modules) + QR_QUIET_MODULES)
        side_dots = QR_SMALL_DOTS if block.is_small else QR_SIDE_DOTS
        if data and modules and room >= QR_MIN_MODULE_DOTS:
            module_dots = min(room, QR_MAX_MODULE_DOTS, max(3, side_dots // len(modules)))
            yield from self._qr_code(data, modules, module_dots)
            yield CAPTION_GAP
        else:  # more than a code can hold: as text it can still be typed
            yield from self._text(Text(data, align=Align.CENTER))
        if block.caption:
            yield from self._text(Text(block.caption, align=Align.CENTER))

    def _qr_code(self, data: str, modules: list[list[bool]], module_dots: int) -> Iterator[bytes]:
        if not self._native_qr:
            yield from self._picture(_qr_picture(modules, module_dots, self._dots), Align.LEFT)
            return
        self._writer.set(align="center")
        self._writer.qr(data, ec=1, size=module_dots, native=True)  # 1 is level M
        self._writer.set(align="left")
        yield self._taken()

    def _logo(self) -> Iterator[bytes]:
        if self.logo is None or self.logo.picture is None:
            return
        if not self.logo_is_stored:
            yield from self._picture(_centred(self.logo.picture, self._dots), Align.LEFT)
        else:
            self._writer.set(align="center")
            self._writer._raw(self.logo.show())
            self._writer.set(align="left")
            yield self._taken()
        yield CAPTION_GAP

    def _cut(self) -> Iterator[bytes]:
        if self._cutter:
            self._writer.cut(mode="PART")
        else:
            self._writer.print_and_feed(6)
        yield self._taken()


def _new_writer(dots: int) -> Any:
    """Return a python-escpos printer that writes into memory and knows its width."""
    printer = _python_escpos().Dummy()
    media = {"dpi": 203, "width": {"mm": round(dots / 8), "pixels": dots}}
    printer.profile.profile_data = {**printer.profile.profile_data, "media": media}
    return printer


@functools.cache
def _python_escpos() -> Any:
    """Import python-escpos's printers and clean up after the import."""
    handlers = list(logging.root.handlers)
    capabilities = importlib.import_module("escpos.capabilities")
    printers = importlib.import_module("escpos.printer")
    for handler in set(logging.root.handlers) - set(handlers):
        logging.root.removeHandler(handler)
    shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    return printers


def _qr_modules(data: str) -> list[list[bool]]:
    """Return the code's dark modules by row, level M; empty if the data is more than a code holds."""
    import qrcode
    from qrcode.exceptions import DataOverflowError

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    try:
        code.add_data(data.encode())
        code.make(fit=True)
    except (DataOverflowError, ValueError):  # qrcode raises either, by how much it is too long
        return []
    return [[bool(module) for module in line] for line in code.get_matrix()]


def _qr_picture(modules: list[list[bool]], module_dots: int, dots: int) -> Any:
    from PIL import Image

    side = len(modules)
    code = Image.new("1", (side, side))
    code.putdata([0 if dark else 255 for line in modules for dark in line])
    return _centred(code.resize((side * module_dots,) * 2, Image.Resampling.NEAREST), dots)


def _centred(picture: Any, dots: int) -> Any:
    """Give a picture the left margin that puts it in the middle."""
    from PIL import Image

    left = (dots - picture.width) // 2
    canvas = Image.new("1", (left + picture.width, picture.height), 255)
    canvas.paste(picture, (left, 0))
    return canvas
