"""Lighthouse on every page of a real box: `make lighthouse`. It ends with 1 unless all scores are 100.

The box is asked on loopback, which browsers trust as they trust https. At an address of the stall's Wi-Fi, over plain
http, Lighthouse also objects that there is no https; see docs/benchmarks.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from appliance.web.owner.steps import STEPS
from benchmarks.browser import CHROMIUM
from benchmarks.pages import a_box, addressed, pins

HERE = Path(__file__).parent
VIEWS = ("door", "till", "orders", "stock", "shift", "devices", "journal")
LIMIT_S = 1800


@dataclass(frozen=True)
class Shown:
    """A page as it is opened, and what is tapped there before Lighthouse looks."""

    name: str
    path: str
    pin: str = ""  # whose
    taps: tuple[str, ...] = ()


def shown(receipt: str) -> list[Shown]:
    """Return every page, and the states of the kiosk that are most of it."""
    offer = "#offers [data-key=postcard]"
    return [
        Shown("kiosk: first screen", "/"),
        Shown("kiosk: offers", "/", taps=("#begin", offer)),
        Shown("kiosk: order", "/", taps=("#begin", offer, "#order", "#slip-code")),
        Shown("sign-in", "/staff"),
        *(Shown(f"staff: {view}", f"/staff#{view}", "staff") for view in VIEWS),
        Shown("setup: overview", "/setup", "owner"),
        *(Shown(f"setup: {step.id}", f"/setup/{step.id}", "owner") for step in STEPS),
        Shown("join", "/join"),
        Shown("pair", "/pair"),
        Shown("pair: code", "/pair", taps=("main button", "#code")),
        Shown("receipt", receipt),
        Shown("nothing here", "/nothing", taps=("h1",)),  # what is answered with 404 is not navigated to
    ]


def main() -> int:
    """Print the scores as a table."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    with a_box() as box:
        pages = [asdict(one) for one in shown(addressed(box)["receipt"].path) if wanted in one.name]
        base = f"http://{box.host}:{box.port}"
        task = json.dumps({"base": base, "pins": pins(box), "pages": pages, "chromium": str(CHROMIUM)})
        command = ["node", str(HERE / "audit.mjs")]
        done = subprocess.run(command, input=task, stdout=subprocess.PIPE, text=True, timeout=LIMIT_S, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    print("page                  looked at   accessibility  best practices")
    for one in found:
        accessibility, practices = one["scores"]["accessibility"], one["scores"]["best-practices"]
        print(f"{one['name']:<20}  {one['mode']:<10}  {accessibility:>13}  {practices:>14}")
        for objection in one["objections"]:
            print(f"    {objection}")
    low = [one["name"] for one in found if set(one["scores"].values()) != {100}]
    print(f"{len(found)} pages; below 100: {', '.join(low) or 'none'}.")
    return 1 if low or len(found) != len(pages) else 0


if __name__ == "__main__":
    sys.exit(main())
