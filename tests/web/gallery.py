"""Pictures of every screen, for eyes and for docs/gallery.md: `python -m tests.web.gallery`.

Without arguments it makes those of the docs anew: each screen once in light, sun and dim, in English, German and
Arabic. `--all FOLDER` makes every screen in every theme and language, whole and in full size.
"""

from __future__ import annotations

import argparse
import io
import itertools
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from appliance.web.server import WebServer
from appliance.web.speech import COOKIE
from tests.web.kiosk_page import begin, place_order, tap_offer, with_cards
from tests.web.tablets import CHROMIUM
from tests.web.webbox import Box, open_box

DOCS = Path(__file__).parents[2] / "docs"
THEMES, LANGUAGES = ("light", "sun", "dim"), ("en", "de", "ar")
EACH = tuple(zip(THEMES, LANGUAGES, strict=True))  # in docs
TABLET, PHONE = {"width": 1024, "height": 768}, {"width": 360, "height": 780}
SHOWN_WIDTH, COLOURS = 720, 48  # of the pictures in docs


@dataclass
class Shot:
    """One screen that is being brought about."""

    box: Box
    page: Page
    language: str
    gift_card: str


def attract(shot: Shot) -> None:
    if shot.language != "en":
        shot.page.locator(f"#attract [data-language={shot.language}]").click()
    expect(shot.page.locator(".highlight").first).to_be_visible()
    expect(shot.page.locator("#window-left")).not_to_be_empty()


def choose(shot: Shot) -> None:
    attract(shot)
    begin(shot.page)
    expect(shot.page.locator("#arrival .treat")).to_be_visible()


def cart(shot: Shot) -> None:
    choose(shot)
    for offer in ("cup", "print-a4", "print-a4"):
        tap_offer(shot.page, offer)
    expect(shot.page.locator("#join .treat")).to_be_visible()


def variants(shot: Shot) -> None:
    choose(shot)
    tap_offer(shot.page, "apron")


def shipping(shot: Shot) -> None:
    shot.box.client().post("/offers/cup-and-print/stock", {"stock": 0, "reason": "counted"})
    choose(shot)
    expect(shot.page.locator('#offers [data-key="cup-and-print"] .stock')).not_to_be_empty()
    tap_offer(shot.page, "cup-and-print")
    shot.page.locator("#order").click()
    expect(shot.page.locator("#shipping .way").first).to_be_visible()


def order(shot: Shot) -> None:
    choose(shot)
    place_order(shot.page)


def paid(shot: Shot) -> None:
    choose(shot)
    tap_offer(shot.page, "postcard")
    shot.page.locator("#order").click()
    shot.page.locator("#pay-here summary").click()
    shot.page.locator("#pay-code").fill(shot.gift_card)
    shot.page.locator("[data-tender=voucher]").click()
    expect(shot.page.locator("#receipt")).to_be_visible()


def thanks(shot: Shot) -> None:
    paid(shot)
    shot.page.locator("#receipt-phone").click()
    expect(shot.page.locator("#receipt-code")).to_have_js_property("complete", True)


def still_there(shot: Shot) -> None:
    shot.page.clock.install()
    shot.page.reload()
    cart(shot)
    shot.page.clock.run_for(61_000)
    expect(shot.page.locator("#idle")).to_be_visible()


def comfort(shot: Shot) -> None:
    choose(shot)
    shot.page.locator("#open-comfort").click()


def no_answer(shot: Shot) -> None:
    cart(shot)
    shot.page.context.set_offline(True)
    expect(shot.page.locator("#link")).to_be_visible()


# name -> how it is brought about, and what stands below its picture
KIOSK: Mapping[str, tuple[Callable[[Shot], None], str]] = {
    "attract": (attract, "The first screen: whose stall it is, how long it is open, what there is."),
    "choose": (choose, "The offers; on arrival the small extra is offered once."),
    "cart": (cart, "The cart: every step of the price, and joining with one tap."),
    "variants": (variants, "Which one of several."),
    "shipping": (shipping, "What is not on the shelf is sent later."),
    "order": (order, "The order and its code for the till, or paying here with a card of the stall."),
    "paid": (paid, "Paid: how would you like your receipt?"),
    "thanks": (thanks, "Thanks, here with the receipt for a phone."),
    "still-there": (still_there, "Left alone: 20 seconds, then everything of the last guest is forgotten."),
    "comfort": (comfort, "Language, brightness, sound, size and hand."),
    "no-answer": (no_answer, "The Wi-Fi is away: the order is kept."),
}


def behind_pin(shot: Shot, address: str, pin: str | None) -> None:
    """Open a page of staff's or the owner's, at a box in the middle of its evening."""
    staff = shot.box.client()
    staff.post("/shifts", {"float_minor": 10_000})
    for offer in ("cup", "print-a4", "postcard"):
        order = {"lines": [{"offer": offer, "quantity": 1}], "payment": {"tender": "cash", "amount_minor": 5000}}
        staff.post("/orders", order)
    staff.post("/orders", {"lines": [{"offer": "cup", "quantity": 2}, {"offer": "postcard", "quantity": 1}]})
    staff.post("/offers/cup-and-print/stock", {"stock": 2, "reason": "counted"})
    for code in ("STREET-GOOD-1", "STREET-GOOD-2", "nobody knows this"):
        staff.post("/scan", {"code": code, "source": "door"})
    chosen = {"name": COOKIE, "value": shot.language, "url": shot.page.url}
    shot.page.context.add_cookies([chosen])  # type: ignore[list-item]
    shot.page.goto(shot.page.url.rstrip("/") + address)
    shot.page.locator("#pin").fill(pin or "")
    shot.page.locator("form .primary").click()


def view(name: str) -> Callable[[Shot], None]:
    """Return what opens a view of the staff page."""

    def bring_about(shot: Shot) -> None:
        behind_pin(shot, f"/staff#{name}", shot.box.tokens.staff_pin)
        expect(shot.page.locator(f"#tab-{name}")).to_have_attribute("aria-current", "page")
        expect(shot.page.locator("#takings")).to_contain_text("3")
        expect(shot.page.locator(".tile").first).to_be_attached()

    return bring_about


def charging(shot: Shot) -> None:
    view("orders")(shot)
    shot.page.locator("#open-orders button").first.click()
    expect(shot.page.locator("#pay-due")).not_to_be_empty()


def basket(shot: Shot) -> None:
    view("till")(shot)
    for offer in ("cup", "postcard"):
        shot.page.locator(f'.tile[data-key="{offer}"]').click()
    expect(shot.page.locator("#charge-row")).to_be_visible()


def step(name: str) -> Callable[[Shot], None]:
    """Return what opens a page of the setup."""

    def bring_about(shot: Shot) -> None:
        behind_pin(shot, f"/setup{name}", shot.box.tokens.owner_pin)
        expect(shot.page.locator(".steps")).to_be_visible()

    return bring_about


STAFF: Mapping[str, tuple[Callable[[Shot], None], str]] = {
    "door": (view("door"), "The door: the newest verdict, who is inside, a ticket by its code or by name."),
    "till": (view("till"), "The till: one field that searches and takes scans, and a tap for each thing."),
    "charge": (charging, "Taking the money: what guests likely hand over, a pad, and every other way to pay."),
    "orders": (view("orders"), "What is to be paid, sent or picked up, and the sales."),
    "stock": (view("stock"), "The shelf: what runs low, what came in, what broke."),
    "shift": (view("shift"), "The shift: the drawer, X and Z."),
    "devices": (view("devices"), "Devices, battery, paper, tablets."),
    "journal": (view("journal"), "What happened, in plain words."),
}
SETUP: Mapping[str, tuple[Callable[[Shot], None], str]] = {
    "overview": (step(""), "Step by step from nothing to a first sale."),
    "offers": (step("/offers"), "Offers and their pictures."),
    "pins": (step("/pins"), "PINs and cashiers."),
}
# What is shown once more as it is in one hand.
ON_A_PHONE: Mapping[str, tuple[Callable[[Shot], None], str]] = {
    "door": (view("door"), "The same on a phone: the door."),
    "till": (basket, "The till, with a sale at hand."),
    "charge": (charging, "Taking the money."),
    "shift": (view("shift"), "The shift."),
    "setup": (step(""), "The setup."),
}


@dataclass(frozen=True)
class Part:
    """Pages of one kind, and the tablet or phone on which they are shown."""

    screens: Mapping[str, tuple[Callable[[Shot], None], str]]
    size: Mapping[str, int] = field(default_factory=lambda: TABLET)


PAGES = {"kiosk": Part(KIOSK), "staff": Part(STAFF), "phone": Part(ON_A_PHONE, PHONE), "setup": Part(SETUP)}


@contextmanager
def shown(browser: Browser, part: Part, theme: str, language: str) -> Iterator[Shot]:
    """Open the kiosk of a fresh box, in a theme."""
    with tempfile.TemporaryDirectory() as folder, open_box(Path(folder)) as box:
        card = with_cards(box)
        server = WebServer(box.app, "127.0.0.1", 0, 8)
        server.start()
        context = browser.new_context(viewport=part.size, has_touch=True, reduced_motion="reduce")  # type: ignore[arg-type]
        context.add_init_script(f"localStorage.setItem('stallbox.theme', '{theme}')")
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/")
        yield Shot(box, page, language, card)
        context.close()
        server.stop()


def small(png: bytes) -> Image.Image:
    """Make a picture small enough to live beside the text."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    if image.width > SHOWN_WIDTH:
        image = image.resize((SHOWN_WIDTH, round(image.height * SHOWN_WIDTH / image.width)), Image.Resampling.LANCZOS)
    return image.quantize(COLOURS, dither=Image.Dither.NONE)


def make(browser: Browser, folder: Path, wanted: str, whole: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for part, about in PAGES.items():
        for name, (bring_about, _) in about.screens.items():
            for theme, language in itertools.product(THEMES, LANGUAGES) if whole else EACH:
                title = f"{part}-{name}-{theme}-{language}"
                if wanted not in title:
                    continue
                with shown(browser, about, theme, language) as shot:
                    bring_about(shot)
                    png = shot.page.screenshot()
                file = folder / f"{title}.png"
                if whole:
                    file.write_bytes(png)
                else:
                    small(png).save(file, optimize=True)


def page_of_docs() -> str:
    """Return docs/gallery.md."""
    lines = [
        "# Every screen",
        "",
        "Made by `python -m tests.web.gallery`: light, sun and dim, in English, German and Arabic. All pages speak",
        "French, Spanish, Italian and Portuguese as well, and any other language that an event brings along, see",
        "[event-file.md](event-file.md#screen).",
    ]
    for part, about in PAGES.items():
        lines += ["", f"## {part.capitalize()}"]
        for name, (_, words) in about.screens.items():
            pictures = [f"![{name}, {t}, {lang}](gallery/{part}-{name}-{t}-{lang}.png)" for t, lang in EACH]
            lines += ["", words, "", *pictures]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every theme in every language, into a folder")
    parser.add_argument("--only", default="", help="screens whose name holds this, such as kiosk-cart")
    chosen = parser.parse_args()
    with sync_playwright() as playwright:
        path = CHROMIUM if CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        make(browser, chosen.all or DOCS / "gallery", chosen.only, whole=chosen.all is not None)
        browser.close()
    if chosen.all is None:
        (DOCS / "gallery.md").write_text(page_of_docs(), encoding="utf-8")


if __name__ == "__main__":
    main()
