"""Receipts as pages and files: what is on paper, for whoever holds the paper, and nobody else."""

from __future__ import annotations

import re

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from appliance.core.document import Document, Link, plain_text
from appliance.core.receipt import receipt
from appliance.core.sms.message import SmsRules
from appliance.core.trade import PrintStatus
from appliance.services import door, refunds, sms
from appliance.services.events import load_event
from appliance.web import guests
from tests.web.webbox import EVENT_FILE, Box

PAID = {
    "lines": [{"offer": "cup", "quantity": 2}, {"offer": "workshop-seat", "quantity": 1}],
    "payment": {"tender": "cash", "amount_minor": 10000},
}


def sell(box: Box) -> str:
    """Sell something; return where its receipt is."""
    return str(box.client("staff").post("/orders", PAID).json["sale"]["page"])


def in_german(box: Box) -> None:
    text = EVENT_FILE.read_text().replace('currency = "USD"', 'currency = "EUR"\nlanguage = "de"')
    box.desk.submit(lambda books: load_event(books, text))


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def pdf_text(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as pdf:
        page = pdf[0]
        assert len(pdf) == 1
        return str(page.get_textpage().get_text_bounded())


def test_a_guest_without_any_token_reads_the_receipt(box: Box) -> None:
    place = sell(box)
    answer = box.browser().get(place)
    assert answer.status_code == 200
    said = words(answer.text)
    for part in ("Receipt 1", "2 x Hand-thrown cup", "TOTAL $60.00", "Cash $100.00", "Change $40.00", "Your ticket"):
        assert part in said
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    code = box.desk.submit(lambda books: books.orders.sale(1)).granted["ticket-workshop-seat-1"]
    assert code[:4] in said, "the ticket's own code can be shown at the door"


def test_the_paper_s_code_leads_to_the_page_and_the_till_knows_it(box: Box) -> None:
    place = sell(box)
    with box.desk.reading() as books:
        event, sale = books.events.current(), books.orders.sale(1)
        assert event is not None
        assert sale is not None
        (link,) = [block for block in receipt(sale, event).blocks if isinstance(block, Link)]
    assert link.path == place
    assert box.browser().get(link.path).status_code == 200
    verdict = box.desk.submit(lambda books: door.scan(books, f"http://stall.box{link.path}", "till"))
    assert (verdict.title, verdict.message) == ("Receipt 1", "$60.00 paid.")
    shown = box.browser().get(f"{link.path}/code.svg")
    assert shown.content_type == "image/svg+xml"


def test_the_file_says_what_the_page_says(box: Box) -> None:
    place = sell(box)
    box.desk.submit(lambda books: refunds.refund(books, 1, [], "a crack"))
    answer = box.browser().get(f"{place}/receipt.pdf")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    said = pdf_text(answer.data)
    for part in ("Receipt 1", "2 x Hand-thrown cup", "TOTAL", "$60.00", "Given back", "-$60.00"):
        assert part in said
    with pypdfium2.PdfDocument(answer.data) as pdf:
        picture: Image.Image = pdf[0].render(scale=4).to_pil()
    assert zxingcpp.read_barcodes(picture), "the ticket on it can be scanned"
    assert "Given back" in words(box.browser().get(place).text)


def test_both_are_in_the_event_s_language(box: Box) -> None:
    in_german(box)
    place = sell(box)
    page = box.browser().get(place).text
    assert '<html lang="de">' in page
    assert "SUMME 60,00 €" in words(page)
    assert "Als PDF speichern" in page
    assert "60,00 €" in pdf_text(box.browser().get(f"{place}/receipt.pdf").data)
    missing = box.browser().get("/r/nothing")
    assert (missing.status_code, "Diesen Beleg gibt es hier nicht." in missing.text) == (404, True)


@pytest.mark.parametrize("is_another", [True, False])
def test_what_is_drawn_later_names_seller_taxes_and_time_of_the_event_of_the_sale(box: Box, is_another: bool) -> None:
    place = sell(box)
    before = words(box.browser().get(place).text)
    text = EVENT_FILE.read_text()
    for old, new in (
        ("Clay & Light Street Series", "Another Seller"),
        ("America/New_York", "Europe/Lisbon"),
        ("Hand-thrown cup", "Glass of wine"),
        ('name = "Sales tax 8.875 %"\nrate_pct = 8.875', 'name = "IVA 23 %"\nrate_pct = 23'),
        ('currency = "USD"', 'currency = "USD"\nlanguage = "pt"'),
        ('id = "street-series"', 'id = "lisbon"' if is_another else 'id = "street-series"'),
    ):
        assert old in text
        text = text.replace(old, new)
    box.desk.submit(lambda books: load_event(books, text))
    assert words(box.browser().get(place).text) == before
    message = box.desk.submit(lambda books: sms.text_receipt(books, SmsRules(True, "US"), 1, "212 555 0123"))
    assert message.text == "Clay & Light Street Series: receipt 1, total 60.00 USD."
    box.desk.submit(lambda books: refunds.refund(books, 1, [], "a crack"))
    with box.desk.reading() as books:
        (slip,) = [job for job in books.prints.by_status([PrintStatus.QUEUED], 9) if job.kind == "refund"]
    said = plain_text(Document.from_json(slip.document), 48)
    for part in ("Clay & Light Street Series", "2 x Hand-thrown cup", "Sales tax 8.875 %", "Refund"):
        assert part in said


@pytest.mark.parametrize("place", ["/r/{}", "/r/{}/receipt.pdf", "/r/{}/code.svg"])
def test_nothing_that_others_know_leads_to_a_receipt(box: Box, place: str) -> None:
    name = sell(box).removeprefix("/r/")
    with box.desk.reading() as books:
        sale, told = books.orders.sale(1), [dict(entry.data) for entry in books.journal.all()]
    assert sale is not None
    assert name not in str(told)
    for known in (sale.order_id, "1", name[:-1], name.lower()):
        assert box.browser().get(place.format(known)).status_code == 404


def test_files_are_drawn_at_the_pace_of_people(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "EVERY_S", 1e9)
    monkeypatch.setattr(guests, "AT_ONCE", 3)
    place = sell(box)
    browser = box.browser()
    statuses = [browser.get(f"{place}/receipt.pdf").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert browser.get(place).status_code == 200


def test_an_event_may_leave_the_code_off_its_paper(box: Box) -> None:
    text = EVENT_FILE.read_text().replace('currency = "USD"', 'currency = "USD"\nreceipt_links = false')
    box.desk.submit(lambda books: load_event(books, text))
    assert box.client("staff").post("/orders", PAID).json["sale"]["page"] is None
    with box.desk.reading() as books:
        sale = books.orders.sale(1)
        assert sale is not None
        assert sale.page == ""
