"""Receipts as people see them, drawn by the emulated printer; `python -m tests.golden` draws them anew.

The pictures are drawn with Debian's fonts-dejavu-core, fonts-droid-fallback and libfribidi0.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from PIL import Image

from appliance.core.document import Document, linked
from appliance.core.pricing import Wanted
from appliance.core.trade import PrintStatus
from appliance.drivers.printer.render import Renderer
from appliance.services import printing, refunds, shifts
from appliance.sim.escpos import drawing
from appliance.sim.escpos.paper import Paper
from appliance.sim.escpos.reader import Reader
from tests.books import Box
from tests.core import test_courier_papers as papers_of_goods
from tests.core import test_receipts as agreed
from tests.drivers.test_printer_logo import draw_logo

FOLDER = Path(__file__).parent / "data" / "receipts"
EVENT_TEXT = (FOLDER / "event.toml").read_text(encoding="utf-8")
WIDTHS = {80: 48, 58: 32}  # paper in mm, columns
AGREED = {
    "ticket": agreed.in_yen_with_tax_on_top_and_a_ticket,
    "split": agreed.with_a_voucher_paid_by_card_and_cash,
    "rehearsal": agreed.of_a_refund_in_a_rehearsal,
    "francs": agreed.of_a_member_with_a_discount_in_rounded_francs,
    "order-slip": agreed.of_an_order_that_is_partly_paid,
    "german": agreed.in_german_with_a_tip,
    "arabic": agreed.in_arabic_by_the_event_s_own_texts,
    "transfer": agreed.of_a_payment_by_the_guest_s_bank,
    "signed": agreed.by_gift_card_and_signed_by_a_device,
    "courier-list": papers_of_goods.a_courier_list,
    "label": papers_of_goods.a_label,
}
EVERYTHING = (("cup", 2), ("coffee", 3), ("bowl", 1), ("book", 1), ("gift", 10))


def papers() -> Mapping[str, Document]:
    """Return the papers by name, made by the acts that make them."""
    with tempfile.TemporaryDirectory() as folder, Box(Path(folder), event=EVENT_TEXT) as box:
        made = dict(_made(box))
    return {**made, **{name: paper() for name, paper in AGREED.items()}}


def _made(box: Box) -> Iterator[tuple[str, Document]]:
    box.submit(lambda books: shifts.open_shift(books, 10_000))
    sale = box.sell(*EVERYTHING)
    yield "sale", _newest(box)
    box.submit(lambda books: printing.claim_next(books))
    box.submit(lambda books: printing.finish(books, 1, PrintStatus.PRINTED))
    box.submit(lambda books: printing.reprint(books, 1))
    yield "copy", _newest(box)
    box.submit(lambda books: refunds.refund(books, sale.number, [Wanted("cup", 1), Wanted("coffee", 2)], "broken"))
    yield "refund", _newest(box)
    box.submit(lambda books: shifts.close_shift(books, 150_000, box.key.sign))
    yield "z-report", _newest(box)


def _newest(box: Box) -> Document:
    with box.reading() as books:
        (job,) = books.prints.by_status([PrintStatus.QUEUED], 1)
    without_hashes = re.sub(
        "[0-9a-f]{32,64}|(?<=/r/)[A-Z0-9]{12}", lambda found: "0" * len(found.group()), json.dumps(job.document)
    )
    return Document.from_json(json.loads(without_hashes))


def drawn(document: Document, columns: int) -> Image.Image:
    """Return a document as it comes out of a printer: black and white."""
    document = linked(document, "http://stall.box")
    with tempfile.TemporaryDirectory() as folder:
        logo = draw_logo(Path(folder) / "logo.png", "K & L", (240, 96))
        renderer = Renderer(columns, logo=str(logo), cutter=columns == 48, native_qr=columns == 48)
        paper = Paper(columns * 12)
        paper.apply(Reader().feed(b"".join(renderer.render(document))))
    with Image.open(io.BytesIO(drawing.png(paper.sheets, paper.width_dots))) as file:
        picture = file.copy()
    return picture.point(lambda level: 255 if level > 128 else 0).convert("1")


def path_of(name: str, width_mm: int) -> Path:
    """Return where a picture is kept."""
    return FOLDER / f"{name}-{width_mm}mm.png"


def main() -> None:
    """Draw all anew."""
    for name, document in papers().items():
        for width_mm, columns in WIDTHS.items():
            drawn(document, columns).save(path_of(name, width_mm), optimize=True)
            print(path_of(name, width_mm))


if __name__ == "__main__":
    main()
