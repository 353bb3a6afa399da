"""Tablets under load: threads that sell, scan and give back, and that ask again until they are answered.

Whatever they were answered goes into a `History`, from which `tests.system.model` computes what must be in the store.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.system.httpclient import Answer, Http

PAUSE_S = 0.02  # between two attempts at a box that is away
LIMIT_S = 90.0  # for one request, all attempts together


@dataclass(frozen=True)
class Done:
    """A request and its answer; `attempts` tells how often it was sent until it was answered."""

    key: str
    path: str
    sent: dict[str, Any]
    answer: Answer
    attempts: int


@dataclass
class History:
    """Everything that was answered, by whomever, and the keys of everything that was ever sent."""

    on_done: Callable[[Done], object] = lambda done: None
    done: list[Done] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def add(self, done: Done) -> None:
        """Take in an answer, the moment it came."""
        self.on_done(done)
        self.done.append(done)


class Customer(threading.Thread):
    """One tablet. It acts at random until `stop` is set, then finishes the request under way."""

    def __init__(
        self,
        number: int,
        http: Http,
        history: History,
        offers: Sequence[str],
        codes: Sequence[str],
        seed: int = 0,
        pause_s: float = 0.01,
    ) -> None:
        super().__init__(name=f"customer-{number}")
        self.failure: BaseException | None = None
        self.stop = threading.Event()
        self._rng = random.Random(f"{seed}:{number}")
        self._http = http
        self._history = history
        self._offers = offers
        self._codes = codes
        self._pause_s = pause_s
        self._sales: list[dict[str, Any]] = []
        self._count = 0

    def run(self) -> None:
        acts = (self.sell, self.sell_in_steps, self.scan, self.give_back, self.give_up)
        try:
            with self._http:
                while not self.stop.wait(self._rng.uniform(0, self._pause_s)):
                    self._rng.choices(acts, weights=(30, 25, 30, 8, 7))[0]()
        except BaseException as failure:  # noqa: BLE001 - raised again by finish()
            self.failure = failure

    def finish(self) -> None:
        """Have it end, and raise what it failed of."""
        self.stop.set()
        self.join(LIMIT_S + 10)
        assert not self.is_alive(), f"{self.name} does not end"
        if self.failure is not None:
            raise self.failure

    def sell(self) -> None:
        """Order and pay in one request."""
        payment = {"tender": "cash", "amount_minor": 1_000_000}
        self._sold(self.ask("/api/v1/orders", {"lines": self._lines(), "payment": payment}))

    def sell_in_steps(self) -> None:
        """Order, pay a part by card, the rest in cash."""
        order = self._order()
        if order is None:
            return
        pay = f"/api/v1/orders/{order['id']}/payments"
        if order["due_minor"] > 1 and self._rng.random() < 0.5:
            part = self._rng.randint(1, order["due_minor"] - 1)
            order = self.ask(pay, {"tender": "card", "amount_minor": part}).body["order"]
        self._sold(self.ask(pay, {"tender": "cash", "amount_minor": order["due_minor"]}))

    def scan(self) -> None:
        """Scan a ticket that others may scan as well, or no ticket at all."""
        code = self._rng.choice(self._codes) if self._rng.random() < 0.95 else "NO-SUCH-TICKET"
        self.ask("/api/v1/scan", {"code": code, "source": self.name})

    def give_back(self) -> None:
        """Give some of an own sale back, now and then all that is left."""
        if not self._sales:
            return
        sale = self._rng.choice(self._sales)
        line = self._rng.choice(sale["lines"])
        lines = [] if self._rng.random() < 0.5 else [{"offer": line["offer"], "quantity": 1}]
        body = {"lines": lines, "reason": "changed their mind", "restock": self._rng.random() < 0.7}
        self.ask(f"/api/v1/sales/{sale['number']}/refund", body)

    def give_up(self) -> None:
        """Order and never pay, or cancel."""
        order = self._order()
        if order is not None and self._rng.random() < 0.5:
            self.ask(f"/api/v1/orders/{order['id']}/cancel", {})

    def ask(self, path: str, body: dict[str, Any]) -> Answer:
        """Send a request until it is answered, with the same key each time; 5xx and silence are no answers."""
        self._count += 1
        key = f"{self.name}-{self._count}-{self._rng.getrandbits(48):012x}"
        self._history.keys.add(key)
        give_up_s = time.monotonic() + LIMIT_S
        attempts = 0
        while True:
            attempts += 1
            try:
                answer = self._http.post(path, body, key)
            except OSError:
                answer = None
            if answer is not None and answer.status < 500:
                self._history.add(Done(key, path, body, answer, attempts))
                return answer
            assert time.monotonic() < give_up_s, f"{path} was not answered in {LIMIT_S} s; last: {answer}"
            threading.Event().wait(PAUSE_S)

    def _lines(self) -> list[dict[str, Any]]:
        offers = self._rng.sample(self._offers, self._rng.randint(1, 2))
        return [{"offer": offer, "quantity": self._rng.randint(1, 3)} for offer in offers]

    def _order(self) -> dict[str, Any] | None:
        answer = self.ask("/api/v1/orders", {"lines": self._lines()})
        return answer.body if answer.status == 201 else None

    def _sold(self, answer: Answer) -> None:
        if answer.status == 201 and answer.body["sale"]:
            self._sales.append(answer.body["sale"])
