"""Draws paper as a person sees it: black dots on a white roll, margins, a dashed line where it was cut."""

from __future__ import annotations

import functools
import io
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.exceptions import DataOverflowError

from appliance.sim.escpos.paper import Barcode, Feed, Item, Line, Picture, QrCode, Sheet, Style

MARGIN_DOTS = 32  # 80 mm of paper carry 72 mm of print
MAX_HEIGHT_DOTS = 30_000
CUT_GAP_DOTS = 24
WHITE, BLACK, GREY = 255, 20, 170
BARCODE_DOTS = 80
MONO_FONTS = (
    ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
    ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
    ("NotoSansMono-Regular.ttf", "NotoSansMono-Bold.ttf"),
    ("FreeMono.ttf", "FreeMonoBold.ttf"),
)
FONT_FOLDER = Path("/usr/share/fonts")
QR_LEVELS = {
    "L": qrcode.constants.ERROR_CORRECT_L,
    "M": qrcode.constants.ERROR_CORRECT_M,
    "Q": qrcode.constants.ERROR_CORRECT_Q,
    "H": qrcode.constants.ERROR_CORRECT_H,
}
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def png(sheets: Sequence[Sheet], width_dots: int) -> bytes:
    """Return sheets, oldest first, as PNG; of a very long roll only its end."""
    pieces: list[Image.Image] = []
    height = 0
    for piece in _from_the_end(sheets, width_dots):
        if height + piece.height > MAX_HEIGHT_DOTS and pieces:
            break
        pieces.insert(0, piece)
        height += piece.height
    roll = Image.new("L", (width_dots + 2 * MARGIN_DOTS, max(height, 1) + 2 * MARGIN_DOTS), WHITE)
    top = MARGIN_DOTS
    for piece in pieces:
        roll.paste(piece, (0, top))
        top += piece.height
    file = io.BytesIO()
    roll.save(file, "PNG")
    return file.getvalue()


def _from_the_end(sheets: Sequence[Sheet], width_dots: int) -> Iterable[Image.Image]:
    for sheet in reversed(sheets):
        if sheet.cut:
            yield _cut_line(width_dots)
        for item in reversed(sheet.items):
            yield _strip(item, width_dots)


def _cut_line(width_dots: int) -> Image.Image:
    image = Image.new("L", (width_dots + 2 * MARGIN_DOTS, CUT_GAP_DOTS), WHITE)
    draw = ImageDraw.Draw(image)
    for left in range(0, image.width, 16):
        draw.line((left, CUT_GAP_DOTS // 2, left + 8, CUT_GAP_DOTS // 2), fill=GREY, width=2)
    return image


def _strip(item: Item, width_dots: int) -> Image.Image:
    """Draw one item on a strip as wide as the paper."""
    if isinstance(item, Feed):
        return Image.new("L", (width_dots + 2 * MARGIN_DOTS, item.dots), WHITE)
    picture, height = _picture(item)
    strip = Image.new("L", (width_dots + 2 * MARGIN_DOTS, height), WHITE)
    free = width_dots - picture.width
    left = {"left": 0, "center": free // 2, "right": free}[item.align]
    # What is wider than the paper is not printed beyond its edge.
    strip.paste(picture.crop((0, 0, min(picture.width, width_dots), picture.height)), (MARGIN_DOTS + max(left, 0), 0))
    return strip


def _picture(item: Line | QrCode | Picture | Barcode) -> tuple[Image.Image, int]:
    """Return the item's picture and how far the paper moves."""
    match item:
        case Line():
            picture = _line(item)
            return picture, max(picture.height, item.spacing_dots)
        case QrCode():
            picture = _qr(item)
        case Picture():
            picture = _raster(item)
        case Barcode():
            picture = _bars(item)
    return picture, picture.height


def _line(line: Line) -> Image.Image:
    height = max(style.cell[1] for _, style in line.cells)
    image = Image.new("L", (sum(style.cell[0] for _, style in line.cells), height), WHITE)
    left = 0
    for char, style in line.cells:
        width, cell_height = style.cell
        image.paste(_glyph(char, style), (left, height - cell_height))
        left += width
    return image


@functools.lru_cache(maxsize=2048)
def _glyph(char: str, style: Style) -> Image.Image:
    """Draw one character in its cell. Wider than high is drawn high and stretched, as a printer does."""
    width, height = style.cell
    natural = width // style.width * style.height
    ink, ground = (WHITE, BLACK) if style.reverse else (BLACK, WHITE)
    cell = Image.new("L", (natural, height), ground)
    draw = ImageDraw.Draw(cell)
    font = _font(style.bold, round(height * 5 / 6))
    if char == "─":  # joins its neighbours, which the font's own does not
        draw.line((0, height // 2, natural, height // 2), fill=ink, width=2 * style.height)
    else:
        _write(draw, char, font, ink, (natural, height))
    if style.underline:
        draw.line((0, height - 2, natural, height - 2), fill=ink, width=2)
    return cell if natural == width else cell.resize((width, height), Image.Resampling.NEAREST)


def _write(draw: ImageDraw.ImageDraw, char: str, font: Font, ink: int, cell: tuple[int, int]) -> None:
    shown = char if _holds(font, char) else unicodedata.normalize("NFKD", char)[0]
    left = (cell[0] - font.getlength(shown)) / 2
    draw.text((round(left), round(cell[1] * 0.79)), shown, fill=ink, font=font, anchor="ls")


@functools.lru_cache(maxsize=4096)
def _holds(font: Font, char: str) -> bool:
    """Whether the font has the character: what it lacks looks like a code point that no font has."""
    return char.isspace() or bytes(font.getmask(char)) != bytes(font.getmask("\U0010ffff"))


@functools.lru_cache(maxsize=64)
def _font(bold: bool, size: int) -> Font:
    for names in MONO_FONTS:
        path = next(FONT_FOLDER.rglob(names[bold]), None)
        if path is not None:
            return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)


def _qr(code: QrCode) -> Image.Image:
    drawn = qrcode.QRCode(error_correction=QR_LEVELS[code.level], box_size=code.module_dots, border=0)
    try:
        drawn.add_data(code.data)
        drawn.make(fit=True)
    except (DataOverflowError, ValueError):  # too much for any code: a printer prints nothing
        return Image.new("L", (1, 1), WHITE)
    modules = drawn.get_matrix()
    image = Image.new("L", (len(modules), len(modules)), WHITE)
    image.putdata([BLACK if dark else WHITE for row in modules for dark in row])
    side = len(modules) * code.module_dots
    return image.resize((side, side), Image.Resampling.NEAREST)


def _raster(picture: Picture) -> Image.Image:
    size = (picture.width_bytes * 8, len(picture.rows) // picture.width_bytes)
    bits = Image.frombytes("1", size, picture.rows)
    image = bits.convert("L").point(lambda value: BLACK if value else WHITE)
    wide, high = picture.scale
    return image.resize((size[0] * wide, size[1] * high), Image.Resampling.NEAREST)


def _bars(code: Barcode) -> Image.Image:
    """Bars that tell the codes apart at a glance; no scanner reads them."""
    bits = "".join(f"{byte:08b}" for byte in code.data) or "0"
    image = Image.new("L", (len(bits) * 2, BARCODE_DOTS), WHITE)
    draw = ImageDraw.Draw(image)
    for index, bit in enumerate(bits):
        if bit == "1":
            draw.rectangle((index * 2, 0, index * 2 + 1, BARCODE_DOTS), fill=BLACK)
    return image
