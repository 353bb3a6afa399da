"""The box that the web tests call, and a caller of its API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient

from appliance.config import OwnSettings
from appliance.core.admission import Verdict
from appliance.core.clock import ClockQuality, ClockSource, Moment
from appliance.core.devices import DeviceState, Health
from appliance.core.errors import StallboxError
from appliance.core.ports import ClockPort
from appliance.office import Office
from appliance.runtime.board import Board
from appliance.runtime.desk import Desk
from appliance.services import events, tickets
from appliance.services.landing import Landings, telling
from appliance.store.books import Ledger, Readers
from appliance.store.contacts import ContactKeys
from appliance.store.keys import write_durably
from appliance.store.vault import Vault
from appliance.web.app import create_app, exchange_tokens
from appliance.web.context import WebContext
from appliance.web.tokens import Tokens, another_pin, create
from tests.people import PIN, take_list

EVENT_FILE = Path(__file__).parents[2] / "config/events/street-series.toml"


@dataclass
class Box:
    """The box under test and the handles that a test turns."""

    desk: Desk
    board: Board
    tokens: Tokens
    app: Flask
    scanned: list[tuple[Verdict, str]]
    reasons: list[StallboxError]
    context: WebContext
    at: list[datetime] = field(default_factory=list)
    folder: Path = Path()
    vault: Vault = field(default_factory=lambda: Vault(Path()))

    def client(self, role: str | None = "staff") -> Client:
        """Return a caller with the bearer token of a role."""
        token = None if role is None else str(getattr(self.tokens, role))
        return Client(self.app.test_client(), token)

    def kiosk_page(self) -> FlaskClient:
        """Return a browser that opened the kiosk page."""
        browser = self.browser()
        browser.get("/")
        return browser

    def browser(self) -> FlaskClient:
        """Return a caller that keeps cookies and has no token."""
        return self.app.test_client()


@dataclass
class Client:
    """Calls the API with one token."""

    http: FlaskClient
    token: str | None

    def get(self, path: str, **headers: str) -> Any:
        return self.http.get(f"/api/v1{path}", headers=self._headers(headers))

    def post(self, path: str, body: object = None, key: str | None = None, **kwargs: Any) -> Any:
        headers = self._headers({} if key is None else {"Idempotency-Key": key})
        payload = {"json": body} if body is not None else {}
        return self.http.post(f"/api/v1{path}", headers=headers, **payload, **kwargs)

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return named if self.token is None else {"Authorization": f"Bearer {self.token}", **named}


@contextmanager
def open_empty_box(folder: Path, clock: ClockPort | None = None) -> Iterator[Box]:
    """Open a box in an empty folder, at half past nine in the first window of the example event, or by a clock."""
    at = [datetime(2026, 12, 5, 21, 30, tzinfo=UTC)]
    path = folder / "stallbox.db"
    now = clock.now if clock else lambda: Moment(at[0], ClockQuality.SYNCED, ClockSource.NETWORK)
    desk = Desk(Ledger(path), Readers(path), now)
    desk.start()
    box = build_box(desk, at, folder)
    box.context.clock = clock
    yield box
    desk.stop(5)


@contextmanager
def open_box(folder: Path, event_text: str | None = None) -> Iterator[Box]:
    """Open a box in an empty folder, with the example event (or another one) and its tickets."""
    with open_empty_box(folder) as box:
        load_example(box, event_text)
        yield box


def load_example(box: Box, event_text: str | None = None) -> None:
    """Load the example event (or another one) and its tickets."""
    event = box.desk.submit(lambda books: events.load_event(books, event_text or EVENT_FILE.read_text()))
    listed = tickets.read_tickets((EVENT_FILE.parent / str(event.tickets_file)).read_text())
    box.desk.submit(lambda books: tickets.import_tickets(books, listed, "test"))


def build_box(desk: Desk, at: list[datetime], folder: Path) -> Box:
    board, tokens, scanned, reasons, landings = Board(), create(), [], [], Landings()
    board.set_device(DeviceState("printer", "printer", "escpos", Health.READY))
    board.set("battery", {"state": "normal", "present": True, "charge_pct": 81, "charging": True})
    key = Ed25519PrivateKey.generate()
    vault = Vault(folder / "keys")
    context = WebContext(
        desk=desk,
        board=board,
        tokens=tokens,
        secret_key=b"k" * 32,
        box_id="box-1",
        box_name="Box One",
        version="0.1.0",
        signer=lambda message: (key.sign(message), key.public_key().public_bytes_raw()),
        health=lambda: tuple(reasons),
        vault=vault,
        contacts=ContactKeys(folder / "keys", vault),
        choose_pin=vault.set_pin,
        settings=OwnSettings(folder, write_durably),
        media=folder / "media",
        on_scan=telling(lambda verdict, source: scanned.append((verdict, source)), landings.put),
        landings=landings,
        office=Office(folder),
    )
    box = Box(desk, board, tokens, create_app(context), scanned, reasons, context, at, folder, vault)
    context.renew_staff_pin = lambda: renew_staff_pin(box)
    return box


def renew_staff_pin(box: Box) -> str:
    """Go by another staff PIN, as a box does."""
    box.tokens = replace(box.tokens, staff_pin=another_pin(box.tokens))
    exchange_tokens(box.app, box.context, box.tokens)
    return box.tokens.staff_pin


def open_names(box: Box) -> str:
    """Choose the owner's PIN and take in a list with names; they stay locked. Return the PIN."""
    box.vault.set_pin(PIN)
    take_list(box.desk, box.folder / "stallbox.db", vault=box.vault)
    return PIN


CONTACT = {"name": "Zoë Ångström", "phone": "+46 70 1234567", "address": "Storgatan 1\n111 22 Stockholm"}
LATER = "cup-and-print-restock"


def order_later(box: Box, tier: str = "courier", pieces: int = 1, role: str = "staff", paid: bool = True) -> Any:
    """Empty the shelf of an offer that goes on as restock, and order it to be sent; return the whole answer."""
    box.client("staff").post("/offers/cup-and-print/stock", {"stock": 0, "reason": "counted"})
    return box.client(role).post("/orders", later(tier, pieces, paid))


def later(tier: str = "courier", pieces: int = 1, paid: bool = True) -> dict[str, Any]:
    """The body of an order that is sent later."""
    payment = {"payment": {"tender": "cash", "amount_minor": 1_000_000}} if paid else {}
    return {"lines": [{"offer": LATER, "quantity": pieces}], "shipping": {"tier": tier, **CONTACT}, **payment}
