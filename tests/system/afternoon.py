"""One afternoon at a stall, by the public API alone: three windows, 600 visitors, two tablets and a till.

`python -m tests.system.afternoon [--seed N] [--visitors N]` starts a box, plays the afternoon and prints its figures
beside the script's own count. Visitors come at the tablets (they browse, some order, staff takes the money) or at the
till; some take the microbundle that is suggested, some join, some change their minds, some bring a thing back.

The windows come one after the other: before each the event is loaded anew with that window open now and the others
before or after, as an organiser does who moves a date.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.system.daemon import Daemon
from tests.system.httpclient import Answer, Http

WINDOW = dt.timedelta(minutes=90)
WINDOWS = ("noon", "afternoon", "evening")
WITHOUT_MICROBUNDLE = "afternoon"
GOODS = ("cup", "print", "bowl", "seat")
PERSONAS = {"shopper": 0.4, "lurker": 0.03, "member": 0.6, "press": 0.1}  # and how likely they buy
TAKES_SUGGESTED = {"microbundle": 0.35, "membership": 0.12}
CHANGES_MIND, BRINGS_BACK = 0.08, 0.03
TABLET_SHARE = 0.7  # of the visitors; the others go straight to the till

EVENT = """
id = "afternoon"
name = "An afternoon"
currency = "EUR"
time_zone = "UTC"

[[tax_rates]]
id = "full"
name = "VAT 20 %"
rate_pct = 20

[[tax_rates]]
id = "low"
name = "VAT 5.5 %"
rate_pct = 5.5

[[offers]]
id = "cup"
name = "Cup"
price_minor = 2400
member_price_minor = 2000
tax = "full"
stock = 500

[[offers]]
id = "print"
name = "Print"
price_minor = 1850
tax = "low"
stock = 500

[[offers]]
id = "bowl"
name = "Bowl"
price_minor = 6990
tax = "full"
stock = 25

[[offers]]
id = "seat"
kind = "ticket"
name = "Workshop, 20 minutes"
price_minor = 1200
tax = "low"

[[offers]]
id = "card"
kind = "microbundle"
name = "Postcard"
price_minor = 100
tax = "low"
stock = 400

[offers.suggest]
windows = ["noon", "evening"]

[[offers]]
id = "circle"
kind = "membership"
name = "Friends"
price_minor = 1500
tax = "full"

[offers.suggest]
when = "always"
"""


@dataclass
class Count:
    """What one window brought, counted by the script from its own acts."""

    figures: Counter[str] = field(default_factory=Counter)

    def sold(self, sale: dict[str, Any]) -> None:
        """Count a sale as its answer shows it."""
        kinds = Counter({line["kind"]: 0 for line in sale["lines"]})
        for line in sale["lines"]:
            kinds[line["kind"]] += line["quantity"]
        self.figures.update(
            sales=1,
            gross_minor=sale["total_minor"],
            items=kinds.total(),
            with_microbundle=int(kinds["microbundle"] > 0),
            memberships=kinds["membership"],
        )

    def back(self, amount_minor: int) -> None:
        """Count a refund."""
        self.figures.update(refunds=1, refunds_minor=amount_minor)


class Place:
    """A tablet or the till: its visitors come one after the other. Everything is drawn from its own seed."""

    def __init__(self, name: str, daemon: Daemon, seed: str) -> None:
        self._is_tablet = name != "till"
        self._random = random.Random(seed)
        self._guest = Http(daemon.address, daemon.tokens["kiosk" if self._is_tablet else "staff"])
        self._staff = Http(daemon.address, daemon.tokens["staff"])
        self.count = Count()
        self.suggested: Counter[str] = Counter()

    def close(self) -> None:
        """Hang up."""
        self._guest.close()
        self._staff.close()

    def receive(self) -> None:
        """One visitor, from hello to goodbye."""
        draw = self._random
        persona = draw.choices(list(PERSONAS), (60, 25, 10, 5))[0]
        self._signal("browsed", persona)
        if draw.random() < 0.3:
            self._signal("tried", persona)
        if draw.random() > PERSONAS[persona]:
            return
        wanted = Counter(draw.choices(GOODS, (5, 4, 1, 2), k=draw.choices((1, 2, 3), (7, 2, 1))[0]))
        self._take_suggested(wanted)
        self._buy(wanted)

    def _take_suggested(self, wanted: Counter[str]) -> None:
        priced = self._guest.post("/api/v1/carts/price", {"lines": lines(wanted)})
        if priced.error == "sold_out":
            return
        for suggestion in good(priced, 200)["suggestions"]:
            self.suggested[suggestion["kind"]] += 1
            if self._random.random() < TAKES_SUGGESTED[suggestion["kind"]]:
                wanted[suggestion["offer"]] += 1

    def _buy(self, wanted: Counter[str]) -> None:
        draw = self._random
        opened = self._guest.post("/api/v1/orders", {"lines": lines(wanted)}, self._key())
        if opened.error == "sold_out":
            return
        order = good(opened, 201)
        if draw.random() < CHANGES_MIND:
            good(self._staff.post(f"/api/v1/orders/{order['id']}/cancel", {}, self._key()), 200)
            return
        sale = self._pay(order)
        self.count.sold(sale)
        if draw.random() < BRINGS_BACK:
            self._bring_back(sale)

    def _pay(self, order: dict[str, Any]) -> dict[str, Any]:
        """Pay by card, in cash with change, or half and half."""
        path, due = f"/api/v1/orders/{order['id']}/payments", order["due_minor"]
        way = self._random.choice(("card", "cash", "both"))
        if way == "both":
            good(self._staff.post(path, {"tender": "card", "amount_minor": due // 2}, self._key()), 201)
            due -= due // 2
        handed = due if way == "card" else -(-due // 1000) * 1000
        tender = "card" if way == "card" else "cash"
        paid = good(self._staff.post(path, {"tender": tender, "amount_minor": handed}, self._key()), 201)
        assert paid["change_minor"] == handed - due
        return dict(paid["sale"])

    def _bring_back(self, sale: dict[str, Any]) -> None:
        goods = [line for line in sale["lines"] if line["kind"] == "product"]
        if goods:
            path = f"/api/v1/sales/{sale['number']}/refund"
            body = {"lines": [{"offer": goods[0]["offer"], "quantity": 1}], "reason": "a crack", "tender": "cash"}
            self.count.back(good(self._staff.post(path, body, self._key()), 201)["refund"]["amount_minor"])

    def _signal(self, what: str, persona: str) -> None:
        good(self._guest.post("/api/v1/signals", {"what": what, "persona": persona}, self._key()), 201)
        self.count.figures[what] += 1

    def _key(self) -> str:
        return f"{self._random.getrandbits(128):032x}"


def lines(wanted: Counter[str]) -> list[dict[str, Any]]:
    """Write a basket as the API takes it."""
    return [{"offer": offer, "quantity": count} for offer, count in wanted.items()]


def good(answer: Answer, status: int) -> dict[str, Any]:
    """Return the body of an answer that has to be good."""
    assert answer.status == status, answer.body
    return dict(answer.body)


def load_window(daemon: Daemon, folder: Path, current: int) -> None:
    """Load the event so that one of its windows is open now."""
    now = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    tables = [
        f'[[windows]]\nid = "{name}"\nname = "{name.title()}"\nopens_at = "{now + WINDOW * (index - current):%FT%TZ}"\n'
        for index, name in enumerate(WINDOWS)
    ]
    file = folder / "afternoon.toml"
    file.write_text(EVENT + "\n".join(tables))
    daemon.load_event(file)


def play(daemon: Daemon, folder: Path, seed: int, visitors: int) -> dict[str, Place]:
    """Play the afternoon on a running box; return what each place counted, as `window/place`."""
    drawn, found = random.Random(seed), {}
    for index, window in enumerate(WINDOWS):
        load_window(daemon, folder, index)
        crowd = Counter(
            drawn.choices(("tablet 1", "tablet 2", "till"), (TABLET_SHARE / 2, TABLET_SHARE / 2, 1 - TABLET_SHARE))[0]
            for _ in range(visitors // len(WINDOWS))
        )
        places = {name: Place(name, daemon, f"{seed}/{window}/{name}") for name in sorted(crowd)}
        _all_at_once(places, crowd)
        found |= {f"{window}/{name}": place for name, place in places.items()}
    return found


def _all_at_once(places: dict[str, Place], crowd: Counter[str]) -> None:
    def work(name: str) -> None:
        try:
            for _ in range(crowd[name]):
                places[name].receive()
        finally:
            places[name].close()

    with ThreadPoolExecutor(len(places)) as pool:
        for done in [pool.submit(work, name) for name in places]:
            done.result()


def own_count(places: dict[str, Place], window: str) -> Counter[str]:
    """Sum what all places counted in a window."""
    total: Counter[str] = Counter()
    for name, place in places.items():
        if name.startswith(f"{window}/"):
            total.update(place.count.figures)
    return total


def main() -> int:
    """Play it and print the debrief; return 1 if the box counted otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--visitors", type=int, default=600)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Daemon(Path(name) / "box") as daemon:
        load_window(daemon, Path(name), 0)
        places = play(daemon.start(), Path(name), chosen.seed, chosen.visitors)
        with daemon.staff() as staff:
            told = {window["id"]: window["figures"] for window in staff.get("/api/v1/windows").body["windows"]}
        print(daemon.done("debrief"))
    wrong = 0
    for window in WINDOWS:
        own = own_count(places, window)
        differs = {key: (own[key], told[window][key]) for key in own if own[key] != told[window][key]}
        print(f"{window}: {'as counted' if not differs else f'counted and told differ: {differs}'}")
        wrong += bool(differs)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
