"""What a page weighs, how soon something is on the screen, and how soon a tap is answered, in a real browser."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page

from benchmarks.box import Box, fresh_folder, prepare, running
from benchmarks.browser import LIMIT_MS, TABLET, Load, opened
from benchmarks.browser import chromium as a_browser
from benchmarks.clients import CASH, SALE
from benchmarks.figures import Figure, calmest

TAP_MS = 100  # a visible answer to a tap (web.dev, the RAIL model)
TAPS, ROUNDS = 5, 3
# "A tablet of 2016": a sixth of this machine's pace, and a share of a crowded 2.4 GHz channel.
SLOW_DOWN = 6
LATENCY_MS, BYTES_A_SECOND = 100, 250_000
PACES = {False: "", True: ", tablet of 2016"}


@dataclass(frozen=True)
class Kind:
    """A page, and what it may cost when it is opened for the first time."""

    path: str
    shows: str  # what is there once the page is whole
    requests: int
    wire_kb: float
    pin: str = ""  # whose


# Every page that has a budget; `make test` holds them. Bytes are those of the first visit, headers included.
KINDS: Mapping[str, Kind] = {
    "kiosk": Kind("/", "#highlights li", 30, 80),
    "sign-in": Kind("/staff", "#pin", 10, 30),
    "door": Kind("/staff#door", "#view-door", 48, 115, "staff"),
    "till": Kind("/staff#till", "#tiles .tile", 48, 115, "staff"),
    "setup": Kind("/setup", ".steps", 12, 35, "owner"),
    "join": Kind("/join", "h1", 4, 15),
    "pair": Kind("/pair", "h1", 11, 30),
    "receipt": Kind("", "h1", 4, 10),
}

FIRST_PAINT = (
    """() => Object.fromEntries(performance.getEntriesByType("paint").map((one) => [one.name, one.startTime]))"""
)
# From the finger on the glass to the frame in which that part of the page looks different.
AWAIT_PAINT = """(part) => {
  let touchedAt = 0;
  addEventListener("pointerdown", (event) => { touchedAt = event.timeStamp; }, { capture: true, once: true });
  window.tapped = new Promise((done) => {
    const changed = (_, watch) => {
      if (!touchedAt) return;
      watch.disconnect();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done(performance.now() - touchedAt);
      requestAnimationFrame(() => port2.postMessage(""));
    };
    const all = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver(changed).observe(document.querySelector(part), all);
  });
}"""


@dataclass(frozen=True)
class Visit:
    """What one visit cost."""

    requests: int
    wire_bytes: float
    raw_bytes: float
    paint_ms: float
    content_ms: float


def run(quick: bool = False) -> list[Figure]:
    """Measure every page, calm and as a tablet of 2016 has it."""
    with a_box() as box, a_browser() as browser:
        rounds = 1 if quick else ROUNDS
        return [*weights(browser, box), *paints(browser, box, rounds), *taps(browser, box, rounds)]


@contextmanager
def a_box() -> Iterator[Box]:
    with fresh_folder() as data:
        prepare(data)
        with running(data) as box:
            yield box


def weights(browser: Browser, box: Box) -> list[Figure]:
    """Weigh each page at the first visit, and what is loaded when it is opened once more."""
    figures = []
    for name, kind in addressed(box).items():
        with a_tablet(browser) as context:
            first, again = visit(context, box, kind), visit(context, box, kind)
        beside = f"{first.raw_bytes / 1000:.1f} kB unpacked; opened once more {again.wire_bytes / 1000:.1f} kB"
        figures += [
            Figure(f"{name}: over the wire", first.wire_bytes / 1000, "kB", beside, kind.wire_kb),
            Figure(f"{name}: requests", first.requests, "", f"opened once more {again.requests}", kind.requests),
        ]
    return figures


def paints(browser: Browser, box: Box, rounds: int) -> list[Figure]:
    """Tell how soon something is on the screen, beside a line of plain text from the same box."""
    kinds = {"plain": Kind("/healthz", "pre", 1, 1), **addressed(box)}
    figures = []
    for is_old, on in PACES.items():
        found = {name: calmest_paint(browser, box, kind, is_old, rounds) for name, kind in kinds.items()}
        plain_ms, _ = found.pop("plain")
        for name, (paint_ms, content_ms) in found.items():
            beside = f"{paint_ms:.0f} ms, content {content_ms:.0f} ms; a line of text {plain_ms:.0f} ms"
            figures.append(Figure(f"{name}: first paint{on}", paint_ms / plain_ms, "times", beside))
    return figures


def calmest_paint(browser: Browser, box: Box, kind: Kind, is_old: bool, rounds: int) -> tuple[float, float]:
    """Return the milliseconds to the first paint and to the first with content, of the calmest visit."""
    found = []
    for _ in range(rounds):
        with a_tablet(browser, is_old) as context:
            seen = visit(context, box, kind)
        found.append((seen.paint_ms, seen.content_ms))
    return min(found)


def taps(browser: Browser, box: Box, rounds: int) -> list[Figure]:
    """Tell how soon a tap shows."""
    figures = []
    for is_old, on in PACES.items():
        found: dict[str, list[list[float]]] = {}
        for _ in range(rounds):
            with a_tablet(browser, is_old) as context:
                for name, times_ms in {**kiosk_taps(context, box), **till_taps(context, box)}.items():
                    found.setdefault(name, []).append(times_ms)
        for name, each in found.items():
            beside = f"worst of {sum(map(len, each))}: {max(map(max, each)):.0f} ms"
            figures.append(Figure(f"tap to paint p50: {name}{on}", calmest(each, 0.5), "ms", beside, TAP_MS))
    return figures


def kiosk_taps(context: BrowserContext, box: Box) -> dict[str, list[float]]:
    page = opened(context, f"http://{box.host}:{box.port}/")
    page.locator("#begin").tap()
    return {"an offer at the kiosk": [tap(page, "#offers [data-key=postcard]", "#cart") for _ in range(TAPS)]}


def till_taps(context: BrowserContext, box: Box) -> dict[str, list[float]]:
    page = opened(context, f"http://{box.host}:{box.port}/staff#till", pins(box)["staff"])
    tiles = [tap(page, "#tiles [data-key=postcard]", "#lines") for _ in range(TAPS)]
    page.locator("#charge").tap()
    page.locator("#pay[open]").wait_for()
    keys = [tap(page, "#keys button >> text=1", "#change-due") for _ in range(TAPS)]
    return {"a tile of the till": tiles, "a key of the cash pad": keys}


def tap(page: Page, what: str, part: str) -> float:
    """Tap something; return after how many milliseconds a part of the page looked different."""
    page.locator(what).first.wait_for()
    page.evaluate(AWAIT_PAINT, part)
    page.locator(what).first.tap()
    return float(page.evaluate("window.tapped"))


@contextmanager
def a_tablet(browser: Browser, is_old: bool = False) -> Iterator[BrowserContext]:
    """A browser that was never here."""
    context = browser.new_context(viewport=TABLET, has_touch=True)  # type: ignore[arg-type]
    context.set_default_timeout(LIMIT_MS)
    if is_old:
        context.on("page", slow_down)
    yield context
    context.close()


def slow_down(page: Page) -> None:
    line = page.context.new_cdp_session(page)
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
    rate = {"latency": LATENCY_MS, "downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", {"offline": False, **rate})


def visit(context: BrowserContext, box: Box, kind: Kind) -> Visit:
    """Open a page, signed in if it wants a PIN, and count what it loads until it is whole and quiet."""
    address = f"http://{box.host}:{box.port}{kind.path}"
    if kind.pin and not context.cookies():
        sign_in(context, address, pins(box)[kind.pin])
    page, load = context.new_page(), Load()
    load.watch(context.new_cdp_session(page))
    page.goto(address)
    page.locator(kind.shows).first.wait_for()
    load.settle(page)
    painted = page.evaluate(FIRST_PAINT)
    page.close()
    return Visit(
        len(load.wire), sum(load.wire.values()), sum(load.raw.values()),
        painted["first-paint"], painted["first-contentful-paint"],
    )  # fmt: skip


def sign_in(context: BrowserContext, address: str, pin: str) -> None:
    """Give the browser a session, and nothing for its cache."""
    page = context.new_page()
    page.route("**/static/**", lambda route: route.abort())
    page.goto(address)
    page.get_by_label("PIN").fill(pin)
    page.get_by_role("button", name="Open").click()
    page.locator("#pin").wait_for(state="detached")
    page.close()


def pins(box: Box) -> dict[str, str]:
    """Return the PINs of a fresh box."""
    found: dict[str, str] = json.loads((box.data / "tokens.json").read_text())["pin"]
    return found


def addressed(box: Box) -> dict[str, Kind]:
    """Return the pages, that of a receipt with its address: something is sold for it."""
    connection = http.client.HTTPConnection(box.host, box.port, timeout=30)
    token = json.loads((box.data / "tokens.json").read_text())["staff"]
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    connection.request("POST", "/api/v1/orders", json.dumps({**SALE, "payment": CASH}), headers)
    sold = json.loads(connection.getresponse().read())["sale"]
    connection.close()
    receipt = KINDS["receipt"]
    return {**KINDS, "receipt": Kind(sold["page"], receipt.shows, receipt.requests, receipt.wire_kb)}
