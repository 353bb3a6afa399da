"""The owner's steps, as plain forms: name, Wi-Fi, PINs, event, offers with pictures, printer, backup, purge."""

from __future__ import annotations

import io
import re
import tarfile
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from PIL.Image import Exif

from appliance.config import OWN_FILE, layers, load
from appliance.core.errors import Refusal, StoreUnavailable
from appliance.core.event import read_event
from appliance.core.trade import PrintStatus
from appliance.paper.picture import fitted
from appliance.runtime.desk import Desk
from appliance.services import printing
from appliance.web.owner.event import TEMPLATES
from appliance.web.owner.steps import STEPS
from appliance.web.uploads import LONG_FORMS, body_limit
from tests.web.test_rights import form_token, login
from tests.web.webbox import EVENT_FILE, Box, open_names


@pytest.fixture
def owner(box: Box) -> FlaskClient:
    return login(box, box.tokens.owner_pin or "", "/setup")


def send(owner: FlaskClient, path: str, **fields: Any) -> Any:
    return owner.post(f"/setup/{path}", data={"form_token": form_token(owner, "/setup"), **fields})


def picture(size: tuple[int, int] = (1600, 1200), kind: str = "JPEG") -> io.BytesIO:
    out, exif = io.BytesIO(), Exif()
    exif[0x0110] = "A telephone that tells where it was"
    Image.new("RGB", size, "teal").save(out, kind, **({"exif": exif} if kind == "JPEG" else {}))
    out.seek(0)
    return out


def loaded(box: Box) -> Any:
    with box.desk.reading() as books:
        return books.events.current()


def test_each_step_has_a_page_and_none_without_the_owner(box: Box, owner: FlaskClient) -> None:
    staff = login(box, box.tokens.staff_pin)
    for step in STEPS:
        assert owner.get(f"/setup/{step.id}").status_code == 200
        assert 'id="pin"' in staff.get(f"/setup/{step.id}").text
    assert owner.get("/setup/nothing").status_code == 404


def test_whoever_was_sent_to_a_step_gets_there_by_the_pin(box: Box) -> None:
    browser = box.browser()
    page = browser.get("/setup/event").text
    assert 'name="to" value="/setup/event"' in page
    fields = {"pin": box.tokens.owner_pin, "form_token": form_token(browser, "/setup/event")}
    assert browser.post("/setup", data={**fields, "to": "/setup/event"}).headers["Location"] == "/setup/event"
    other = box.browser()
    fields["form_token"] = form_token(other, "/setup")
    assert other.post("/setup", data={**fields, "to": "//elsewhere.example"}).headers["Location"] == "/setup"


def test_name_and_wifi_are_kept_in_a_file_that_every_start_reads(box: Box, owner: FlaskClient) -> None:
    assert "is kept" in send(owner, "name", name='Clay "&" Light').text
    page = send(owner, "wifi", network="Clay; Guests", password="throw a pot").text
    assert "<path d=" in page
    settings = load(layers(own=box.folder / OWN_FILE))
    assert settings.box.name == 'Clay "&" Light'
    assert (settings.wifi.name, settings.wifi.password) == ("Clay; Guests", "throw a pot")
    assert (box.folder / OWN_FILE).stat().st_mode & 0o077 == 0
    assert "Clay &#34;&amp;&#34; Light" in owner.get("/setup").text


@pytest.mark.parametrize("fields", [{"network": "x" * 33, "password": ""}, {"network": "x", "password": "short"}])
def test_a_wifi_that_cannot_be_is_refused_and_the_former_one_stays(
    box: Box, owner: FlaskClient, fields: dict[str, str]
) -> None:
    send(owner, "wifi", network="Guests", password="throw a pot")
    before = (box.folder / OWN_FILE).read_bytes()
    refused = send(owner, "wifi", **fields)
    assert refused.status_code == 422
    assert "write" in refused.text
    assert (box.folder / OWN_FILE).read_bytes() == before


def test_another_staff_pin_is_shown_once_and_ends_the_others_sessions(box: Box, owner: FlaskClient) -> None:
    staff, before = login(box, box.tokens.staff_pin), box.tokens.staff_pin
    page = send(owner, "staff-pin").text
    pin = re.search(r"The staff PIN is (\d{6})", page)[1]  # type: ignore[index]
    assert pin != before
    assert 'id="pin"' in staff.get("/staff").text
    assert pin not in owner.get("/setup/pins").text  # he himself is still in
    login(box, pin)
    with box.desk.reading() as books:
        (entry,) = books.journal.newest(["staff_pin.renewed"], 5)
    assert entry.data == {}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_loads_as_it_is(box: Box, owner: FlaskClient, template: str) -> None:
    page = owner.get(f"/setup/event?from={template}").text
    text = re.search(r'class="code-text">(.*?)</textarea>', page, re.DOTALL)[1]  # type: ignore[index]
    text = text.replace("&#34;", '"').replace("&amp;", "&")
    assert "is loaded" in send(owner, "event", text=text, act="load").text
    assert loaded(box).id == read_event(text).id


def test_an_event_that_says_no_time_zone_is_where_the_box_is(box: Box, owner: FlaskClient) -> None:
    box.context.time_zone = "America/Lima"
    assert "America/Lima" in owner.get("/setup/event?from=goods").text
    nowhere = re.sub("(?m)^time_zone = .*\n", "", EVENT_FILE.read_text())
    for text, zone in ((nowhere, "America/Lima"), (EVENT_FILE.read_text(), "America/New_York")):
        send(owner, "event", text=text, act="load")
        assert loaded(box).time_zone == zone


def test_an_event_file_is_checked_then_loaded_and_its_problems_are_named_by_line(box: Box, owner: FlaskClient) -> None:
    text = EVENT_FILE.read_text()
    broken = text.replace('currency = "USD"', 'currency = "dollars"')
    refused = send(owner, "event", file=(io.BytesIO(broken.encode()), "event.toml"), act="load")
    assert refused.status_code == 422
    assert re.search(r"Line \d+: ", refused.text)
    other = text.replace('id = "street-series"', 'id = "other"', 1)
    assert "nothing was loaded yet" in send(owner, "event", text=other, act="check").text
    assert loaded(box).id == "street-series"
    send(owner, "event", file=(io.BytesIO(other.encode()), "event.toml"), act="load")
    assert loaded(box).id == "other"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Summer Series", "summer-series"),
        ("Clay and Light by the springs at night", "clay-and-light-by-the-springs"),  # with the day it is 40 long
        ("Clay and Light by the spring at night", "clay-and-light-by-the-spring"),
    ],
)
def test_the_last_event_is_copied_to_another_day_by_the_clock_on_the_wall(
    box: Box, owner: FlaskClient, name: str, slug: str
) -> None:
    page = owner.get("/setup/event", query_string={"from": "copy", "name": name, "day": "2027-07-03"}).text
    text = re.search(r'class="code-text">(.*?)</textarea>', page, re.DOTALL)[1]  # type: ignore[index]
    copy = read_event(text.replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&"))
    assert (copy.id, copy.name) == (f"{slug}-2027-07-03", name)
    before, first = loaded(box).windows[0], copy.windows[0]
    assert before.opens_at.startswith("2026-12-05T21:00")  # 16:00 in New York in winter
    assert first.opens_at.startswith("2027-07-03T20:00")  # and in summer
    assert len(copy.offers) == len(loaded(box).offers)
    assert owner.get("/setup/event?from=copy&name=!&day=2027-07-03").text.count("letters or digits") == 1
    for day in ("soon", "9999-12-31"):
        assert "2027-04-30" in owner.get(f"/setup/event?from=copy&name=x&day={day}").text


def test_an_offer_is_added_and_sold(box: Box, owner: FlaskClient) -> None:
    assert "is for sale" in send(owner, "offers", name="Zoë's vase", price="31,50", stock="4").text
    found = next(o for o in box.client("kiosk").get("/offers").json["offers"] if o["name"] == "Zoë's vase")
    assert (found["price_minor"], found["stock"], found["id"]) == (3150, 4, "zoe-s-vase")
    twice = send(owner, "offers", name="Zoë's vase", price="31,50", stock="")
    assert twice.status_code == 422
    for wrong in ({"price": "a lot"}, {"price": "1.234"}, {"price": "2", "stock": "-1"}, {"name": "?!", "price": "2"}):
        assert send(owner, "offers", **{"name": "Bowl", **wrong}).status_code == 422


def test_a_picture_is_made_small_and_tells_nothing_of_where_it_was_taken(box: Box, owner: FlaskClient) -> None:
    for offer, kind in (("cup", "JPEG"), ("apron", "PNG"), ("cup", "WEBP")):
        told = send(owner, "photo", offer=offer, photo=(picture(kind=kind), f"a.{kind}"))
        assert "on the kiosk" in told.text
    offers = {offer["id"]: offer["photo"] for offer in box.client("kiosk").get("/offers").json["offers"]}
    assert offers["apron-s"] == offers["apron-m"] is not None
    with box.browser().get(offers["cup"]) as answer:
        data = answer.data
    shown = Image.open(io.BytesIO(data))
    assert (shown.format, max(shown.size), dict(shown.getexif())) == ("JPEG", 800, {})
    assert len(data) < 100_000


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_was_taken_with_the_telephone_upright_stays_upright(kind: str) -> None:
    out, exif, lying = io.BytesIO(), Exif(), Image.new("RGB", (1600, 1200), "white")
    lying.paste("black", (0, 0, 800, 1200))
    exif[0x0112] = 6  # to be turned by 90 degrees
    lying.save(out, kind, exif=exif)
    shown = Image.open(io.BytesIO(fitted(out.getvalue())))
    top, bottom = (shown.convert("L").getpixel((300, y)) for y in (100, 700))
    assert (shown.size, top, bottom) == ((600, 800), 0, 255)


@pytest.mark.parametrize(
    ("kind", "how", "is_taken"),
    [("JPEG", {}, True), ("JPEG", {"progressive": True}, False), ("PNG", {}, False), ("WEBP", {"method": 0}, False)],
)
def test_what_has_to_be_read_in_full_may_have_fewer_pixels(kind: str, how: dict[str, Any], is_taken: bool) -> None:
    out = io.BytesIO()
    Image.new("RGB", (4200, 3100), "teal").save(out, kind, **how)
    if is_taken:
        assert Image.open(io.BytesIO(fitted(out.getvalue()))).size == (800, 590)
    else:
        with pytest.raises(Refusal, match="too many pixels"):
            fitted(out.getvalue())


@pytest.mark.parametrize(
    "data", [b"", b"not a picture", b"<svg onload='x()'/>", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"]
)
def test_what_is_no_picture_is_refused(box: Box, owner: FlaskClient, data: bytes) -> None:
    before = loaded(box)
    assert send(owner, "photo", offer="cup", photo=(io.BytesIO(data), "a.jpg")).status_code == 422
    assert send(owner, "photo", offer="no-such", photo=(picture((9, 9)), "a.jpg")).status_code == 422
    assert loaded(box) == before


def test_a_test_page_is_printed_and_the_step_is_done_once_it_is_on_paper(box: Box, owner: FlaskClient) -> None:
    assert "on its way" in send(owner, "printer").text
    assert owner.get("/setup").text.count("done</span>") == 3  # event, offers, tickets
    job = box.desk.submit(printing.claim_next)
    assert job is not None
    box.desk.submit(lambda books: printing.finish(books, job.id, PrintStatus.PRINTED))
    assert owner.get("/setup").text.count("done</span>") == 4


def test_a_backup_is_downloaded_whole_and_nothing_of_it_stays(box: Box, owner: FlaskClient) -> None:
    (box.folder / "tokens.json").write_text("{}")
    with send(owner, "backup") as answer:
        data = answer.data
    assert answer.headers["Content-Disposition"] == "attachment; filename=stallbox-box-1-2026-12-05.tar.gz"
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert {"stallbox.db", "tokens.json", "SHA256SUMS"} <= set(archive.getnames())
    assert list((box.folder / "uploads").iterdir()) == []


def test_purging_asks_for_a_word_and_takes_the_names_away(box: Box) -> None:
    owner = login(box, open_names(box), "/setup")
    assert "names that search finds" in owner.get("/setup/data").text
    assert send(owner, "purge", sure="yes").status_code == 422
    assert "is gone from this box" in send(owner, "purge", sure="Purge").text
    assert "Nothing personal is on this box" in owner.get("/setup/data").text


FORMS = (
    "name wifi share pin staff-pin cashiers search/unlock search/lock event offers photo printer fleet"
    " backup stick report purge"
).split()


@pytest.mark.parametrize("path", FORMS)
def test_no_form_without_the_owner_and_none_from_a_foreign_page(box: Box, owner: FlaskClient, path: str) -> None:
    head = box.desk.head_seq
    staff = login(box, box.tokens.staff_pin)
    assert staff.post(f"/setup/{path}", data={"form_token": form_token(staff, "/staff")}).status_code == 403
    assert owner.post(f"/setup/{path}", data={}).status_code == 403
    elsewhere = {"Origin": "http://elsewhere.example"}
    fields = {"form_token": form_token(owner, "/setup"), "name": "x", "sure": "purge"}
    assert owner.post(f"/setup/{path}", data=fields, headers=elsewhere).status_code == 403
    assert box.desk.head_seq == head


def test_every_form_of_the_owner_is_tried_above(box: Box) -> None:
    posts = {rule.rule for rule in box.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {rule for rule in posts if rule.startswith("/setup/")} == {f"/setup/{path}" for path in FORMS}


def test_only_the_owner_may_send_long_forms(box: Box, owner: FlaskClient) -> None:
    limit = body_limit(box.app, box.context)
    cookie = owner.get_cookie("stallbox_box-1")
    assert cookie is not None
    for path, size in LONG_FORMS.items():
        assert limit("POST", path, {"COOKIE": f"stallbox_box-1={cookie.value}"}) == size
        assert limit("POST", path, {}) is None
        assert limit("GET", path, {"COOKIE": f"stallbox_box-1={cookie.value}"}) is None
    assert limit("POST", "/setup/name", {"COOKIE": f"stallbox_box-1={cookie.value}"}) is None


def test_the_first_page_is_there_while_the_store_is_out_of_order(
    box: Box, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reading(desk: Desk) -> None:
        raise StoreUnavailable("disk_broken", "The disk does not answer.")

    monkeypatch.setattr(Desk, "reading", reading)
    page = owner.get("/setup")
    assert page.status_code == 200
    assert "The disk does not answer." in page.text
