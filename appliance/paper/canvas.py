"""A PDF to draw cards on: our fonts, text that fits its place, QR codes, cut marks. Lengths are millimetres."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fpdf import FPDF
from fpdf.fonts import TTFFont

from appliance import __version__
from appliance.paper.fonts import Fonts
from appliance.paper.qr import modules_of, runs

Colour = tuple[int, int, int]
INK: Colour = (28, 36, 56)
SOFT: Colour = (96, 104, 122)
ACCENT: Colour = (196, 92, 38)
PAPER: Colour = (255, 255, 255)
CUT: Colour = (150, 150, 150)

TEXT, CODE, FALLBACK = "text", "code", "fallback"
_MM_PER_PT = 25.4 / 72
_LINE_HEIGHT = 1.22  # of the size of the letters
_OVERLAP = 1.02  # runs of neighbouring rows overlap by a hair: viewers leave light seams between edges that meet


class Canvas:
    """One document."""

    def __init__(self, title: str, page_mm: tuple[float, float], fonts: Fonts) -> None:
        self.page_mm = page_mm
        self._is_dry = False
        self._fits: dict[object, tuple[float, list[str]]] = {}
        self._pdf = FPDF(unit="mm", format=page_mm)
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_title(title)
        self._pdf.set_creator(f"Stallbox {__version__}")
        self._pdf.add_font(TEXT, "", fonts.regular)
        self._pdf.add_font(TEXT, "B", fonts.bold)
        self._pdf.add_font(CODE, "B", fonts.code)
        for number, path in enumerate(fonts.fallbacks):
            self._pdf.add_font(f"{FALLBACK}{number}", "", path)
        self._pdf.set_fallback_fonts([f"{FALLBACK}{number}" for number in range(len(fonts.fallbacks))], False)

    def add_page(self) -> None:
        """Begin a page."""
        self._pdf.add_page()

    def measure(self, draw: Callable[[], float]) -> float:
        """Return what `draw` would return, and draw nothing. Texts are measured on a page only: begin one first."""
        self._is_dry = True
        try:
            return draw()
        finally:
            self._is_dry = False

    def set_length(self, length: float) -> None:
        """Make the page, on which nothing is drawn yet, so long."""
        points = self._pdf.k * length
        self._pdf.pages[self._pdf.page].set_dimensions(self._pdf.w_pt, points)
        self._pdf.h, self._pdf.h_pt = length, points

    def finish(self) -> bytes:
        """Return the document, and let go of the fonts."""
        data = bytes(self._pdf.output())
        for font in self._pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()  # fpdf2 2.8 leaves that to the garbage collector
        return data

    def fill(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self._pdf.set_fill_color(*colour)
        self._pdf.rect(x, y, width, height, style="F")

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: Colour = CUT, width: float = 0.1) -> None:
        """Draw a line."""
        if self._is_dry:
            return
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(width)
        self._pdf.line(x1, y1, x2, y2)

    def text(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        *,
        sizes_pt: Sequence[float],
        lines: int = 1,
        bold: bool = False,
        colour: Colour = INK,
        align: str = "L",
        font: str = TEXT,
    ) -> float:
        """Write text on as few lines, and then in as large letters, as it fits; return where it ends.

        What fits in none of the sizes ends in an ellipsis.
        """
        if not text:
            return y
        style = "B" if bold else ""
        size_pt, written = self._fitted(text, width, lines, (font, style), sizes_pt)
        height = size_pt * _MM_PER_PT * _LINE_HEIGHT
        if self._is_dry:
            return y + len(written) * height
        self._pdf.set_text_color(*colour)
        for number, line in enumerate(written):
            # fpdf2 2.8 goes on with the fallback font once a line begins in it: choosing another font resets that.
            self._pdf.set_font(CODE, "B", size_pt)
            self._pdf.set_font(font, style, size_pt)
            self._pdf.set_xy(x, y + number * height)
            self._pdf.cell(width, height, line, align=align)
        return y + len(written) * height

    def qr(self, text: str, x: float, y: float, side: float) -> None:
        """Draw a QR code without its quiet zone, which is the caller's: four modules on each side."""
        if self._is_dry:
            return
        modules = modules_of(text)
        module = side / len(modules)
        self._pdf.set_fill_color(0, 0, 0)
        for column, row, length in runs(modules):
            self._pdf.rect(x + column * module, y + row * module, length * module, module * _OVERLAP, style="F")

    def _fitted(
        self, text: str, width: float, lines: int, font: tuple[str, str], sizes_pt: Sequence[float]
    ) -> tuple[float, list[str]]:
        key = (text, width, lines, font, tuple(sizes_pt))
        if key not in self._fits:  # all cards of a lot say the same but for their codes
            self._fits[key] = self._fit(text, width, lines, font, sizes_pt)
        return self._fits[key]

    def _fit(
        self, text: str, width: float, lines: int, font: tuple[str, str], sizes_pt: Sequence[float]
    ) -> tuple[float, list[str]]:
        broken: list[str] = []
        for allowed in range(1, lines + 1):
            for size_pt in sizes_pt:
                self._pdf.set_font(*font, size_pt)
                broken = self._broken(text, width)
                if len(broken) <= allowed:
                    return size_pt, broken
        return sizes_pt[-1], [*broken[: lines - 1], self._shortened(broken[lines - 1], width)]

    def _broken(self, text: str, width: float) -> list[str]:
        broken = self._pdf.multi_cell(width, text=text, dry_run=True, output="LINES")
        return [str(line) for line in broken] if isinstance(broken, list) else [text]

    def _shortened(self, text: str, width: float) -> str:
        while text and self._pdf.get_string_width(text + "…") > width:
            text = text[:-1]
        return text.rstrip() + "…"
