"""One stall for all journeys: the real daemon over a disk, a real browser, and what goes wrong between the two."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from appliance.core.codes import ticket_id
from appliance.core.trade import Right
from appliance.services import cashiers
from appliance.services.events import load_event
from appliance.services.tickets import import_tickets, read_tickets
from tests.system.daemon import Daemon
from tests.web.kiosk_page import event_text, member
from tests.web.webbox import open_empty_box

EVENT = (
    event_text(
        ('currency = "USD"', 'currency = "USD"\ncredit_value_minor = 50\ntips_pct = [10]'),
        ("stock = 40\n", "stock = 4000\n"),  # of cups: every journey sells some
        ("capacity = 8\n", "capacity = 800\n"),  # of the pick-up's windows
    )
    + '\n[transfer]\nscheme = "link"\naccount = "https://pay.example/{amount}?about={reference}"\n'
    + '\n[[vouchers]]\ncode = "GIFT"\nbalance_minor = 100000\n'
    + '\n[[vouchers]]\ncode = "ALL-FREE"\npercent_off = 100\nunlimited = true\n'
)
MODEM = '[modem]\ndriver = "gsm"\nport = "/dev/serial/by-id/none"\n'  # what is sent waits
TICKETS = [f"JOURNEY-{number}" for number in range(100)]
# Entries that come by themselves, or of which nobody waits for an answer.
ASIDE = ("box.", "power.", "device.", "signal.", "print.", "shutdown.", "hello.", "order.expired")
SIZES = {"desk": (1280, 900), "tablet": (1280, 800), "small tablet": (600, 960), "phone": (360, 740)}
# Words of doubt that are really to be seen: in the window, and nothing lies over them.
SHOWN = """() => [...document.querySelectorAll("#link, #order-wait, #shipping-wait, #pay-wait")].some((node) => {
  const { left, top, width, height } = node.getBoundingClientRect();
  return width > 0 && node.contains(document.elementFromPoint(left + width / 2, top + height / 2));
})"""


@dataclass
class Stall:
    """The stall and the pages that are open at it."""

    daemon: Daemon
    browser: Browser
    cashier_pin: str  # of somebody without any right
    supervisor_pin: str
    member_card: str
    gift_card: str  # with plenty on it
    cookies: dict[str, Any] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)
    used: int = 0

    def ticket(self) -> str:
        """A ticket that nobody has used."""
        self.used += 1
        return TICKETS[self.used]

    def post(self, path: str, body: object) -> Any:
        """Do something as staff elsewhere does it."""
        with self.daemon.staff() as staff:
            answer = staff.post(f"/api/v1{path}", body)
            assert answer.status in {200, 201}, answer
            return answer.body

    def order(self, offer: str = "cup", quantity: int = 1) -> Any:
        return self.post("/orders", {"lines": [{"offer": offer, "quantity": quantity}]})

    def sale(self, offer: str = "cup", quantity: int = 1) -> int:
        """Sell something for cash; return the sale's number."""
        payment = {"tender": "cash", "amount_minor": 1_000_000}
        sold = self.post("/orders", {"lines": [{"offer": offer, "quantity": quantity}], "payment": payment})
        return int(sold["sale"]["number"])

    def page(self, path: str, size: str, who: str = "") -> Page:
        """Open a page at a size; `who` has typed the PIN already: staff with every right, a cashier without, owner."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, has_touch=size != "desk", storage_state=self._signed_in(who)
        )
        self.contexts.append(context)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{self.daemon.port}{path}")
        return page

    def close_pages(self) -> None:
        while self.contexts:
            self.contexts.pop().close()

    def entries(self) -> Counter[str]:
        """How many entries of each kind the journal holds, leaving aside what comes by itself; and papers of each."""
        with closing(sqlite3.connect(f"file:{self.daemon.data / 'stallbox.db'}?mode=ro", uri=True)) as store:
            kinds = store.execute("select kind, count(*) from journal group by kind").fetchall()
            papers = store.execute("select 'paper ' || kind, count(*) from print_jobs group by kind").fetchall()
        return Counter({kind: count for kind, count in [*kinds, *papers] if not kind.startswith(ASIDE)})

    def _signed_in(self, who: str) -> Any:
        if who and who not in self.cookies:
            context = self.browser.new_context()
            page = context.new_page()
            self._pair(page) if who == "kiosk" else self._type_pin(page, who)
            self.cookies[who] = context.storage_state()
            context.close()
        return self.cookies.get(who)

    def _pair(self, page: Page) -> None:
        """A tablet of the stall, which is not paced as a guest's own telephone is."""
        page.goto(f"http://127.0.0.1:{self.daemon.port}/pair")
        page.get_by_role("button", name="Show a code").click()
        self.post("/tablets", {"code": page.locator("#code").inner_text(), "name": "The kiosk", "role": "kiosk"})

    def _type_pin(self, page: Page, who: str) -> None:
        owner = self.daemon.tokens["pin"]["owner"]
        page.goto(f"http://127.0.0.1:{self.daemon.port}/{'setup' if who == 'owner' else 'staff'}")
        page.get_by_label("PIN", exact=True).fill(
            {"cashier": self.cashier_pin, "staff": self.supervisor_pin, "owner": owner}[who]
        )
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("button", name="Lock").last).to_be_visible()


@contextmanager
def open_stall(folder: Path, browser: Browser) -> Iterator[Stall]:
    """Prepare a box with everything that the journeys need, and start it."""
    with Daemon(folder, config_extra=MODEM) as daemon:
        daemon.data.mkdir(parents=True)
        with open_empty_box(daemon.data) as box:
            box.at[0] = datetime.now(UTC)
            box.desk.submit(lambda books: load_event(books, EVENT))
            listed = read_tickets("code,product\n" + "".join(f"{code},workshop\n" for code in TICKETS))
            box.desk.submit(lambda books: import_tickets(books, listed, "journeys"))
            with box.desk.reading() as books:
                gift = books.new_code()
            box.desk.submit(
                lambda books: books.issued.add_vouchers([ticket_id(gift)], "street-series", "GIFT", 1, 100_000)
            )
            card = member(box, 1000)
            pin = box.desk.submit(lambda books: cashiers.add(books, "Ben", []))[1]
            supervisor = box.desk.submit(lambda books: cashiers.add(books, "Ana", set(Right)))[1]
        daemon.start()
        stall = Stall(daemon, browser, pin, supervisor, card, gift)
        yield stall
        stall.close_pages()


def said(page: Page) -> None:
    """Wait until the page says, before everything else on it, that the box has not answered."""
    page.wait_for_function(SHOWN)


@dataclass
class Keys:
    """The keys under which a page sends one act."""

    path: str
    sent: list[str] = field(default_factory=list)

    def note(self, request: Request) -> None:
        if request.method == "POST" and self.path in request.url:
            self.sent.append(request.headers.get("idempotency-key", ""))


Press = Callable[[], object]


def nothing(stall: Stall, page: Page, path: str, press: Press) -> None:
    """All goes well."""
    press()


def lost_request(stall: Stall, page: Page, path: str, press: Press) -> None:
    """The Wi-Fi is gone when somebody presses, and comes back."""
    page.context.set_offline(True)
    press()
    said(page)
    page.context.set_offline(False)


def lost_answer(stall: Stall, page: Page, path: str, press: Press) -> None:
    """The box does what it is told, and nobody hears of it until the page has said that it does not know."""
    is_lost = [True]

    def lose(route: Route) -> None:
        if is_lost[0]:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(f"**{path}", lose)
    press()
    said(page)
    is_lost[0] = False


def no_word(stall: Stall, page: Page, path: str, press: Press) -> None:
    """Whatever is sent goes into a black hole, as behind a wall; then the connections break."""
    held: list[Route] = []
    is_dark = [True]
    page.route("**/*", lambda route: held.append(route) if is_dark[0] else route.continue_())
    press()
    said(page)
    is_dark[0] = False
    for route in held:
        route.abort()


def cut_before(stall: Stall, page: Page, path: str, press: Press) -> None:
    """The power is cut just before somebody presses."""
    stall.daemon.kill()
    press()
    said(page)
    stall.daemon.start()


def cut_after(stall: Stall, page: Page, path: str, press: Press) -> None:
    """The power is cut when the act is on the disk and its answer not yet on its way."""

    def cut(route: Route) -> None:
        if stall.daemon.running:
            route.fetch()
            stall.daemon.kill()
            route.abort()
        else:
            route.continue_()

    page.route(f"**{path}", cut)
    press()
    said(page)
    page.unroute(f"**{path}")
    stall.daemon.start()


TROUBLES = {
    "nothing": nothing, "lost request": lost_request, "lost answer": lost_answer, "no word": no_word,
    "cut before": cut_before, "cut after": cut_after,
}  # fmt: skip
