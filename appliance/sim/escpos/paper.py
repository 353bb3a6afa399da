"""Operations become paper: sheets of lines, pictures and codes, as text for a program to compare.

Fonts and sizes are those of an 80 or 58 mm printer at 203 dots an inch: font A is 12 x 24 dots, font B 9 x 17, a
line is 30 dots high unless ESC 3 says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from appliance.sim.escpos.reader import Operation

DEFAULT_SPACING_DOTS = 30
FONT_DOTS = {0: (12, 24), 1: (9, 17)}
# ESC t: Epson's numbers, here the pages that the emulated printer holds.
CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 18: "cp852", 19: "cp858", 40: "iso8859_15"}
QR_LEVELS = {48: "L", 49: "M", 50: "Q", 51: "H"}
ALIGNMENTS = ("left", "center", "right")


@dataclass(frozen=True, slots=True)
class Style:
    """How a character looks; width and height are multiples."""

    width: int = 1
    height: int = 1
    font: int = 0
    bold: bool = False
    underline: bool = False
    reverse: bool = False

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a character in dots."""
        width, height = FONT_DOTS[self.font]
        return width * self.width, height * self.height


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: runs of characters of one style."""

    spans: tuple[tuple[str, Style], ...]
    align: str
    spacing_dots: int

    @property
    def text(self) -> str:
        """The characters alone."""
        return "".join(text for text, _ in self.spans)

    @property
    def cells(self) -> list[tuple[str, Style]]:
        """Each character with its style."""
        return [(char, style) for text, style in self.spans for char in text]


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty paper."""

    dots: int


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code printed by the printer itself."""

    data: bytes
    module_dots: int
    level: str
    align: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster image: rows of packed bits, 1 is black."""

    width_bytes: int
    rows: bytes
    align: str
    scale: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode, told apart only by its data."""

    data: bytes
    align: str


Item = Line | Feed | QrCode | Picture | Barcode


@dataclass(slots=True)
class Sheet:
    """What is between two cuts, and the bytes it came from."""

    items: list[Item] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    cut: bool = False


class Paper:
    """The roll that comes out of the printer. Keeps the newest `keep_sheets` sheets."""

    def __init__(self, width_dots: int = 576, keep_sheets: int = 2000) -> None:
        """Start with an empty sheet: 576 dots for 80 mm paper, 384 for 58 mm."""
        self.width_dots = width_dots
        self.sheets: list[Sheet] = [Sheet()]
        self.unknown: list[bytes] = []
        self.drawer_pulses = 0
        self.stored: dict[bytes, tuple[int, bytes]] = {}  # NV graphics by name: width in bytes, rows
        self.store_count = 0
        self._keep_sheets = keep_sheets
        self._commands: dict[str, Callable[[Operation], None]] = {
            name.removeprefix("_do_"): getattr(self, name) for name in dir(self) if name.startswith("_do_")
        }
        self.reset()

    def reset(self) -> None:
        """Forget styles and the unfinished line, as ESC @ and a power cycle do."""
        self._style = Style()
        self._align = "left"
        self._page = "cp437"
        self._spacing_dots = DEFAULT_SPACING_DOTS
        self._spans: list[tuple[str, Style]] = []
        self._qr_data, self._qr_module_dots, self._qr_level = b"", 3, "L"

    def apply(self, operations: Iterable[Operation]) -> None:
        """Print. Operations without an effect on paper only join the raw bytes."""
        for operation in operations:
            self.sheets[-1].raw += operation.raw
            command = self._commands.get(operation.name)
            if command is not None:
                command(operation)

    def raw(self) -> bytes:
        """Return the bytes behind the sheets that are kept."""
        return b"".join(bytes(sheet.raw) for sheet in self.sheets)

    def text(self, last: int | None = None) -> str:
        """Return the paper as text: a line each, `[QR: data]`, `[image WxH]`, a dashed line where it was cut."""
        return text_of(self.newest(last), self.width_dots)

    def newest(self, last: int | None = None) -> Sequence[Sheet]:
        """Return the newest `last` sheets that have something on them, oldest first; None means all."""
        used = [sheet for sheet in self.sheets if sheet.items]
        return used if last is None else used[len(used) - min(last, len(used)) :]

    def _put(self, item: Item) -> None:
        self.sheets[-1].items.append(item)

    def _flush(self) -> None:
        if self._spans:
            self._put(Line(tuple(self._spans), self._align, self._spacing_dots))
            self._spans = []

    def _do_text(self, operation: Operation) -> None:
        width_dots = self._style.cell[0]
        used_dots = sum(len(text) * style.cell[0] for text, style in self._spans)
        for char in map(self._decode, operation.data):
            if used_dots + width_dots > self.width_dots:
                self._flush()
                used_dots = 0
            self._add(char)
            used_dots += width_dots

    def _add(self, char: str) -> None:
        if self._spans and self._spans[-1][1] == self._style:
            char = self._spans.pop()[0] + char
        self._spans.append((char, self._style))

    def _decode(self, byte: int) -> str:
        char = bytes([byte]).decode(self._page, "replace")
        return char if char.isprintable() else " "

    def _do_line_feed(self, operation: Operation) -> None:
        if self._spans:
            self._flush()
        else:
            self._put(Feed(self._spacing_dots))

    def _do_tab(self, operation: Operation) -> None:
        self._do_text(Operation("text", data=b" " * (8 - sum(len(text) for text, _ in self._spans) % 8)))

    def _do_init(self, operation: Operation) -> None:
        self.reset()

    def _do_code_page(self, operation: Operation) -> None:
        # A page that this printer does not hold shows what is beyond ASCII as the replacement mark.
        self._page = CODE_PAGES.get(operation.values[0], "ascii")

    def _do_align(self, operation: Operation) -> None:
        self._align = ALIGNMENTS[operation.values[0] % 48 % 3]

    def _do_bold(self, operation: Operation) -> None:
        self._style = replace(self._style, bold=bool(operation.values[0] & 1))

    _do_double_strike = _do_bold

    def _do_underline(self, operation: Operation) -> None:
        self._style = replace(self._style, underline=operation.values[0] % 48 != 0)

    def _do_reverse(self, operation: Operation) -> None:
        self._style = replace(self._style, reverse=bool(operation.values[0] & 1))

    def _do_font(self, operation: Operation) -> None:
        self._style = replace(self._style, font=operation.values[0] & 1)

    def _do_size(self, operation: Operation) -> None:
        size = operation.values[0]
        self._style = replace(self._style, width=(size >> 4 & 7) + 1, height=(size & 7) + 1)

    def _do_print_mode(self, operation: Operation) -> None:
        mode = operation.values[0]
        self._style = Style(
            width=2 if mode & 0x20 else 1,
            height=2 if mode & 0x10 else 1,
            font=mode & 1,
            bold=bool(mode & 0x08),
            underline=bool(mode & 0x80),
            reverse=self._style.reverse,
        )

    def _do_line_spacing(self, operation: Operation) -> None:
        self._spacing_dots = operation.values[0]

    def _do_default_spacing(self, operation: Operation) -> None:
        self._spacing_dots = DEFAULT_SPACING_DOTS

    def _do_feed_lines(self, operation: Operation) -> None:
        self._feed(operation.values[0] * self._spacing_dots)

    def _do_feed_dots(self, operation: Operation) -> None:
        self._feed(operation.values[0])

    def _feed(self, dots: int) -> None:
        self._flush()
        if dots:
            self._put(Feed(dots))

    def _do_qr_size(self, operation: Operation) -> None:
        self._qr_module_dots = min(max(operation.data[0], 1), 16) if operation.data else 3

    def _do_qr_level(self, operation: Operation) -> None:
        self._qr_level = QR_LEVELS.get(operation.data[0], "L") if operation.data else "L"

    def _do_qr_store(self, operation: Operation) -> None:
        self._qr_data = operation.data[1:]

    def _do_qr_print(self, operation: Operation) -> None:
        self._flush()
        if self._qr_data:
            self._put(QrCode(self._qr_data, self._qr_module_dots, self._qr_level, self._align))

    def _do_raster(self, operation: Operation) -> None:
        mode, width_low, width_high = operation.values[1:4]
        width_bytes = width_low + 256 * width_high
        scale = (2 if mode & 1 else 1, 2 if mode & 2 else 1)
        self._flush()
        if operation.data:
            self._put(Picture(width_bytes, operation.data, self._align, scale))

    def _do_store_graphics(self, operation: Operation) -> None:
        data = operation.data  # a kc1 kc2 b xL xH yL yH, then c and the rows of each colour; here one
        if len(data) > 9 and data[:1] == b"0" and data[3] == 1:
            width_bytes = (data[4] + 256 * data[5] + 7) // 8
            self.stored[data[1:3]] = (width_bytes, data[9:])
            self.store_count += 1

    def _do_show_graphics(self, operation: Operation) -> None:
        self._flush()
        if operation.data[:2] in self.stored:
            self._put(Picture(*self.stored[operation.data[:2]], self._align))

    def _do_barcode(self, operation: Operation) -> None:
        self._flush()
        self._put(Barcode(operation.data, self._align))

    def _do_drawer(self, operation: Operation) -> None:
        self.drawer_pulses += 1

    def _do_cut(self, operation: Operation) -> None:
        self._flush()
        self.sheets[-1].cut = True
        self.sheets.append(Sheet())
        del self.sheets[: -self._keep_sheets]

    def _do_unknown(self, operation: Operation) -> None:
        self.unknown.append(operation.raw)
        del self.unknown[:-100]


def text_of(sheets: Iterable[Sheet], width_dots: int) -> str:
    """Return sheets as text; see Paper.text."""
    columns = width_dots // FONT_DOTS[0][0]
    lines: list[str] = []
    for sheet in sheets:
        for item in sheet.items:
            lines += _as_text(item, columns)
        if sheet.cut:
            lines.append("- " * (columns // 2))
    return "".join(line.rstrip() + "\n" for line in lines)


def _as_text(item: Item, columns: int) -> list[str]:
    match item:
        case Line():
            return [_aligned(item.text, item.align, columns)]
        case Feed():
            return [""] * max(1, item.dots // DEFAULT_SPACING_DOTS)
        case QrCode():
            return [_aligned(f"[QR: {item.data.decode('utf-8', 'replace')}]", item.align, columns)]
        case Barcode():
            return [_aligned(f"[barcode: {item.data.decode('ascii', 'replace')}]", item.align, columns)]
        case Picture():
            height = len(item.rows) // item.width_bytes
            return [_aligned(f"[image {item.width_bytes * 8}x{height}]", item.align, columns)]


def _aligned(text: str, align: str, columns: int) -> str:
    return {"left": text.ljust, "center": text.center, "right": text.rjust}[align](columns)
