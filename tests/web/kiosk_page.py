"""What a guest does at the kiosk, for the tests of its page and for the gallery."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from appliance.core.codes import ticket_id
from appliance.services.events import load_event
from tests.web.tablets import Tablets
from tests.web.webbox import EVENT_FILE, Box

ARABIC = '\n[screen.ar]\nopen_now = "مفتوح الآن: {window}"\n'  # an event's own words over ours


def event_text(*changes: tuple[str, str], more: str = "") -> str:
    """Return the example event, changed."""
    text = EVENT_FILE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text + more


def begun(tablets: Tablets, language: str = "", **kwargs: int) -> Page:
    """Open a kiosk and begin, in a language if one is named."""
    page = tablets.open("/", **kwargs)
    begin(page, language)
    return page


def begin(page: Page, language: str = "") -> None:
    if language:
        page.locator(f"#attract [data-language={language}]").click()
    page.locator("#begin").click()
    expect(page.locator(".offer").first).to_be_visible()


def tap_offer(page: Page, id: str) -> None:
    page.locator(f'#offers [data-key="{id}"]').click()


def place_order(page: Page, offer: str = "cup") -> str:
    """Order one thing at a kiosk where somebody has begun; return the order's code."""
    tap_offer(page, offer)
    page.locator("#order").click()
    expect(page.locator("#done")).to_be_visible()
    return page.locator("#slip-code").inner_text()


def with_cards(box: Box, more: str = "") -> str:
    """Load the event with credits and gift cards; return the code of a card that holds 10 dollars."""
    text = event_text(('currency = "USD"', 'currency = "USD"\ncredit_value_minor = 50'), more=more)
    text += '\n[[vouchers]]\ncode = "GIFT"\nbalance_minor = 1000\n'
    box.desk.submit(lambda books: load_event(books, text))
    with box.desk.reading() as books:
        code = books.new_code()
    box.desk.submit(lambda books: books.issued.add_vouchers([ticket_id(code)], "street-series", "GIFT", 1, 1000))
    return code


def member(box: Box, credits: int = 50) -> str:
    """Sell a membership with credits; return the card's code."""
    lines = [{"offer": "circle", "quantity": 1}, {"offer": "credits-10", "quantity": credits // 10}]
    payment = {"tender": "cash", "amount_minor": 1_000_000}
    sold = box.client("staff").post("/orders", {"lines": lines, "payment": payment}).json
    return str(sold["sale"]["granted"]["member-circle-1"])
