"""axe-core on a page as it stands: what a machine can find of WCAG 2.2 A and AA, and of good practice."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHANGED = """() => Promise.allSettled(document.getAnimations()
  .filter((one) => one instanceof CSSTransition).map((one) => one.finished)).then(() => true)"""


def violations(page: Page, enhanced_contrast: bool = False) -> list[str]:
    """Return what is wrong, one line a node; `enhanced_contrast`: text must have 7:1 (AAA) as well."""
    page.evaluate(CHANGED)  # half-way from one colour to the other there is no contrast to speak of
    rules = {"target-size": {"enabled": True}, "color-contrast-enhanced": {"enabled": enhanced_contrast}}
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}, "rules": rules})
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
