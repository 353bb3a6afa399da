"""Staff's and the owner's pages for everybody: axe-core on each state in each theme, 320 px, 200 % text.

`make test` walks through the staff page once with axe and once at 320 px, `make soak` through all in all ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Page, expect

from appliance.services import cashiers
from appliance.services.events import load_event
from appliance.web.owner.steps import STEPS
from tests.web.axe import violations
from tests.web.kiosk_page import event_text
from tests.web.tablets import Tablets, show
from tests.web.test_staff_browser import SMALL_TARGETS, VIEWS, busy  # noqa: F401 - a fixture
from tests.web.webbox import Box

pytestmark = pytest.mark.browser
Look = Callable[[str], None]
SIZES = {"narrow": (320, 640, "100%"), "large": (640, 900, "200%"), "phone": (360, 740, "100%")}
THEMES = ("light", "sun", "dim")
# Text that its box cuts off, or that leaves the screen at its side; what is for ears only is meant to be cut.
LOST = """() => [...document.querySelectorAll('body *')]
  .filter((node) => node.checkVisibility() && !node.closest('.tabs, .steps, [inert]') && node.innerText?.trim())
  .filter((node) => getComputedStyle(node).clipPath === 'none' && !node.closest('.sr-only'))
  .filter((node) => {
    const { left, right } = node.getBoundingClientRect();
    const cuts = getComputedStyle(node).overflowX !== 'visible' && node.scrollWidth > node.clientWidth + 1;
    return cuts || left < -1 || right > innerWidth + 1;
  }).map((node) => node.outerHTML.slice(0, 160))"""
TRANSFER = '\n[transfer]\nscheme = "link"\naccount = "https://pay.example/{amount}?about={reference}"\n'


@pytest.fixture
def evening(busy: Box) -> Box:  # noqa: F811
    """The busy box, where guests tip and pay by a code, and a cashier may do nothing by herself."""
    text = event_text(('currency = "USD"', 'currency = "USD"\ntips_pct = [5, 10]'), more=TRANSFER)
    busy.desk.submit(lambda books: load_event(books, text))
    return busy


def walk_staff(page: Page, look: Look) -> None:
    """Go through every state of the staff page, and look at each."""
    expect(page.locator(".tile").first).to_be_visible()
    for view in VIEWS:
        show(page, view)
        look(view)
    show(page, "door")
    page.locator("#code").fill("STREET-GUEST-1")
    page.locator("#scan .primary").click()
    expect(page.locator("#override")).to_be_visible()
    look("refused")
    show(page, "till")
    page.locator("#find").fill("no such thing")
    page.locator("#find").press("Enter")
    expect(page.locator("#sale-problem")).to_be_visible()
    look("nothing found")
    page.locator("#find").fill("")
    page.locator(".tile").first.click()
    page.locator("#price-off summary").click()
    page.locator("#discount").fill("10 %")
    page.locator("#discount").blur()
    expect(page.locator("#sale-problem")).to_contain_text("reason")
    look("a discount without a reason")
    page.locator("#clear").click()
    walk_money(page, look)
    walk_shift(page, look)


def walk_money(page: Page, look: Look) -> None:
    show(page, "orders")
    page.locator("#open-orders button").first.click()
    page.locator("#pay details summary").first.click()
    look("pay")
    page.locator("#stored-code").fill("nothing")
    page.locator("#stored [value=voucher]").click()
    expect(page.locator("#pay-problem")).to_be_visible()
    look("pay, refused")
    page.locator("#transfer").click()
    expect(page.locator("#code-amount")).not_to_be_empty()
    look("payment code")
    page.locator("#code-never").click()
    expect(page.locator("#code-dialog")).to_be_hidden()
    page.locator("#open-orders button").first.click()
    expect(page.locator("#pay-due")).to_have_text("$66.00")  # and nothing pending any more
    page.locator("#notes button").first.click()
    expect(page.locator("#pay-done")).to_be_visible()
    page.locator("#pay-done summary").click()
    look("paid")
    page.locator("#next").click()
    page.locator("#sales button").first.click()
    page.locator("#give-back").click()
    expect(page.locator("#back-problem")).to_be_visible()
    look("give back")
    page.keyboard.press("Escape")


def walk_shift(page: Page, look: Look) -> None:
    show(page, "shift")
    page.locator("#x-report").click()
    expect(page.locator("#report")).to_contain_text("Takings")
    look("X report")
    page.locator("#count-open").click()
    expect(page.locator("#pieces li").first).to_be_visible()
    look("count")
    page.locator("#count-done").click()
    expect(page.locator("#z-preview")).to_be_visible()
    look("compare")
    page.context.set_offline(True)
    expect(page.locator("#link")).to_be_visible()
    look("no answer, in a dialog")
    page.keyboard.press("Escape")
    expect(page.locator("body > #link")).to_be_visible()
    look("no answer")
    page.context.set_offline(False)


def walk_setup(page: Page, look: Look) -> None:
    for step in ("", *(f"/{step.id}" for step in STEPS)):
        page.goto(page.url.partition("/setup")[0] + f"/setup{step}")
        expect(page.locator("main .card").first).to_be_visible()
        for details in page.locator("main details > summary").all():
            details.click()
        look(step or "overview")
    page.goto(page.url.partition("/setup")[0] + "/setup/pins")
    page.get_by_label("New PIN").fill("one and only 1")
    page.get_by_label("Once more").fill("another one 2")
    page.get_by_role("button", name="Keep this PIN").click()
    expect(page.locator("main > .problem")).to_be_visible()
    look("a PIN that was mistyped")
    page.context.set_offline(True)
    expect(page.locator("#link")).to_be_visible()
    look("no answer")
    page.context.set_offline(False)


def walk_doors(box: Box, page: Page, look: Look) -> None:
    """What stands before and beside the pages."""
    home = page.url.rstrip("/")
    for path in ("/staff", "/pair", "/join", "/nothing"):
        page.goto(home + path)
        look(path)
    page.goto(f"{home}/pair")
    with page.expect_navigation():
        page.get_by_role("button", name="Show a code").click()
    look("a code")
    page.goto(f"{home}/staff")
    for _ in range(2):
        page.get_by_label("PIN", exact=True).fill("000000")
        with page.expect_navigation():
            page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("alert").filter(has_text="PIN")).to_be_visible()
    look("a wrong PIN")
    sold = box.client().get("/sales").json["sales"][0]
    page.goto(home + sold["page"])
    look("receipt")


WALKS = ("staff", "setup", "doors", "supervisor")


def others(by: Iterable[str], short: str) -> list[ParameterSet]:
    """All walks by all of these, but the one that is in the short form: for `make soak`."""
    both = [(which, one) for which in WALKS for one in by if (which, one) != ("staff", short)]
    return [pytest.param(*pair, marks=pytest.mark.soak) for pair in both]


def walk(box: Box, tablets: Tablets, which: str, look: Callable[[Page, str], None], **kwargs: object) -> None:
    if which == "staff":
        page = tablets.staff(box.tokens.owner_pin or "", **kwargs)
        walk_staff(page, lambda state: look(page, state))
    elif which == "setup":
        page = tablets.staff(box.tokens.owner_pin or "", "/setup", **kwargs)
        walk_setup(page, lambda state: look(page, state))
    elif which == "doors":
        page = tablets.open("/", **kwargs)  # type: ignore[arg-type]
        walk_doors(box, page, lambda state: look(page, state))
    else:
        pin = box.desk.submit(lambda books: cashiers.add(books, "Ben", []))[1]
        page = tablets.staff(pin, "/staff#orders", **kwargs)
        page.locator("#open-orders button").first.click()
        page.locator("#cancel").click()
        expect(page.locator("#supervisor")).to_be_visible()
        look(page, "supervisor")


@pytest.mark.parametrize(("which", "theme"), [pytest.param("staff", "sun"), *others(THEMES, "sun")])
def test_axe_finds_nothing_in_any_state(evening: Box, tablets: Tablets, which: str, theme: str) -> None:
    found: dict[str, list[str]] = {}

    def look(page: Page, state: str) -> None:
        if wrong := violations(page, enhanced_contrast=theme == "sun"):
            found[state] = wrong

    walk(evening, tablets, which, look, theme=theme)
    assert found == {}


@pytest.mark.parametrize(("which", "size"), [pytest.param("staff", "narrow"), *others(SIZES, "narrow")])
def test_nothing_is_lost_when_it_is_narrow_or_large(evening: Box, tablets: Tablets, which: str, size: str) -> None:
    width, height, text = SIZES[size]
    found: dict[str, list[str]] = {}

    def look(page: Page, state: str) -> None:
        page.evaluate(f"document.documentElement.style.fontSize = '{text}'")
        wrong = [*page.evaluate(LOST), *page.evaluate(SMALL_TARGETS)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append("it scrolls sideways")
        if wrong:
            found[state] = wrong

    walk(evening, tablets, which, look, width=width, height=height, touch=True)
    assert found == {}
