"""Offers with pictures: on the first screen and on their cards, and what an owner hid is not shown."""

from __future__ import annotations

import pytest
from PIL import Image
from playwright.sync_api import expect

from appliance.services.events import load_event
from tests.web.kiosk_page import begin, event_text
from tests.web.tablets import Tablets
from tests.web.webbox import Box

pytestmark = pytest.mark.browser


def test_offers_show_their_pictures_and_those_with_one_come_first(box: Box, tablets: Tablets) -> None:
    Image.new("RGB", (480, 320), "#b5522b").save(box.folder / "seat.png")
    box.context.media = box.folder
    seat = 'name = "Workshop corner, 20 minutes"'
    box.desk.submit(lambda books: load_event(books, event_text((seat, f'{seat}\nphoto = "seat.png"'))))
    page = tablets.open("/")
    first = page.locator(".highlight").first
    expect(first).to_contain_text("Workshop corner")
    expect(first.locator("img")).to_have_js_property("naturalWidth", 480)
    begin(page)
    picture = page.locator('#offers [data-key="workshop-seat"] img')
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 480)
    expect(picture).to_have_attribute("alt", "")  # the card says its name
    expect(page.locator('#offers [data-key="cup"] svg')).to_be_visible()
    assert tablets.complaints == []


def test_a_membership_that_is_never_suggested_is_not_offered_at_the_checkout(box: Box, tablets: Tablets) -> None:
    box.desk.submit(lambda books: load_event(books, event_text(('when = "saves"', 'when = "never"'))))
    page = tablets.open("/")
    begin(page)
    page.locator('#offers [data-key="cup"]').click()
    expect(page.locator("#treat")).to_be_visible()
    expect(page.locator("#join")).to_be_hidden()
