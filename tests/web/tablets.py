"""Pages of the box in a real browser, for the tests of pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    Page,
    Route,
    ViewportSize,
    expect,
    sync_playwright,
)

from appliance.web.server import WebServer

CHROMIUM = Path("/usr/bin/chromium")
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = CHROMIUM if CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Tablets:
    """Opens pages of the box; whatever a page complains of is kept."""

    browser: Browser
    server: WebServer
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self, path: str, width: int = 1024, script: bool = True, height: int = 768, touch: bool = False, theme: str = ""
    ) -> Page:
        viewport: ViewportSize = {"width": width, "height": height}
        context = self.browser.new_context(viewport=viewport, java_script_enabled=script, has_touch=touch)
        if theme:
            context.add_init_script(f"localStorage.setItem('stallbox.theme', '{theme}')")
        self.contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: message.type in {"error", "warning"} and self.complaints.append(message.text)
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"http://127.0.0.1:{self.server.port}{path}")
        return page

    def staff(self, pin: str, path: str = "/staff", **kwargs: Any) -> Page:
        """Open a page behind a PIN; a view of the staff page is named in the path: `/staff#door`."""
        page = self.open(path, **kwargs)
        page.get_by_label("PIN", exact=True).fill(pin)
        # A route that a test sets while the browser changes pages is lost, for one page in ten on a busy machine.
        with page.expect_navigation():
            page.get_by_role("button", name="Open").click()
        return page


def show(page: Page, view: str) -> None:
    """Go to a view of the staff page by its tab."""
    page.locator(f"#tab-{view}").click()


class Held:
    """Answers to a path, as they are when they are asked for; none comes before it is let go."""

    def __init__(self, page: Page, path: str) -> None:
        self.page = page
        self.answers: list[tuple[Route, APIResponse]] = []
        self.is_let_go = False
        page.route(f"**/api/v1{path}", self.take)

    def take(self, route: Route) -> None:
        if self.is_let_go:
            route.continue_()
        else:
            self.answers.append((route, route.fetch()))

    def let_go(self) -> None:
        while not self.answers:
            self.page.wait_for_function("() => true")
        self.is_let_go = True
        for route, answer in self.answers:
            route.fulfill(response=answer)


@pytest.fixture
def tablets(chromium: Browser, serve: Callable[..., WebServer]) -> Iterator[Tablets]:
    opened = Tablets(chromium, serve())
    yield opened
    for context in opened.contexts:
        context.close()
