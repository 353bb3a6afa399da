"""The three pages, and the PIN form in front of two of them. What moves on them is done by static/*.js."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, make_response, redirect, render_template, request, session

from appliance.core.errors import Refusal, StoreUnavailable
from appliance.core.money import Currency
from appliance.core.pins import PIN_DIGITS
from appliance.core.ports import Books
from appliance.core.receipt import local_time
from appliance.core.screen import ScreenLanguage, all_screens, own_screen
from appliance.core.trade import Cashier, Event, Right
from appliance.services import alone, cashiers, name_search
from appliance.web import access, pages_owner, screen_texts, setup_cashiers, shapes
from appliance.web.context import WebContext
from appliance.web.pin_guard import PinGuard
from appliance.web.rights import session_cashier
from appliance.web.tokens import Role

HEADINGS = {400: "That was not understood", 403: "Not allowed", 404: "Nothing here", 429: "Please wait"}

# ways to pay without staff -> key of the text that offers them
PAY_HERE = {("credit",): "pay_by_credit", ("voucher",): "pay_by_voucher", ("credit", "voucher"): "pay_by_both"}


def build(context: WebContext, guard: PinGuard) -> Blueprint:
    """Build the pages; `guard` counts the PINs that are tried, here and in the API."""
    blueprint = Blueprint("pages", __name__)
    pages_owner.add(blueprint, context, lambda told, problem: _setup(context, told, problem))

    @blueprint.get("/")
    def kiosk() -> Response:
        if access.session_role() is None:
            access.grant(Role.KIOSK)
        with context.desk.reading() as books:
            event = books.events.current()
            ways = alone.ways_to_pay(event) if event else ()
            screens = event.screens if event else all_screens("en", {})
            return _page(
                "kiosk.html",
                context,
                screens=screens,
                event=_event(event),
                thanks=event.thanks if event else "",
                ways=ways,
                pay_here=PAY_HERE.get(ways),
                sms=context.sms,
            )

    @blueprint.route("/staff", methods=["GET", "POST"])
    def staff() -> Response:
        return _behind_pin(context, guard, Role.STAFF, lambda: _staff(context))

    @blueprint.route("/setup", methods=["GET", "POST"])
    def setup() -> Response:
        return _behind_pin(context, guard, Role.OWNER, lambda: _setup(context))

    @blueprint.post("/setup/cashiers")
    def change_cashiers() -> Response:
        access.require_form()
        if access.session_role() is not Role.OWNER:
            return _pin_form(context, Role.OWNER, 403, "Enter the owner's PIN first.")
        return _setup(context, *setup_cashiers.change(context, request.form))

    @blueprint.post("/lock")
    def lock() -> Response:
        access.require_form()
        access.grant(Role.KIOSK)
        return make_response(redirect("/staff", 303))

    return blueprint


def message_page(status: int, message: str, retry_after_s: int | None = None) -> Response:
    """Make a plain page that says one thing."""
    heading = HEADINGS.get(status, "The box cannot do this now" if status >= 500 else "That did not work")
    response = make_response(render_template("message.html", heading=heading, message=message), status)
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def _behind_pin(context: WebContext, guard: PinGuard, role: Role, page: Callable[[], Response]) -> Response:
    if request.method == "POST":
        return _take_pin(context, guard, role)
    if (access.session_role() or 0) < role:
        return _pin_form(context, role)
    try:
        return page()
    except Refusal as error:  # a cashier whose PIN is not good any more
        access.grant(Role.KIOSK)
        return _pin_form(context, role, 403, error.message)


def _take_pin(context: WebContext, guard: PinGuard, role: Role) -> Response:
    access.require_form()
    address = request.remote_addr or "unknown"
    wait_s = guard.attempt(address)
    if wait_s > 0:
        seconds = math.ceil(wait_s)
        response = _pin_form(context, role, 429, f"Too many wrong PINs. Try again in {seconds} s.")
        response.headers["Retry-After"] = str(seconds)
        return response
    pin = request.form.get("pin", "").strip()
    found, cashier = context.role_of_pin(pin), None
    if found is None and role is Role.STAFF and len(pin) == PIN_DIGITS:
        with context.desk.reading() as books:
            cashier = cashiers.by_pin(books, pin)
        found = Role.STAFF if cashier else None
    if found is None or found < role:
        return _pin_form(context, role, 403, "That PIN is not right. Try again.")
    guard.succeeded(address)
    access.grant(found, cashier, context.vault.mark)
    session.permanent = False  # ends with the browser
    return make_response(redirect(request.path, 303))


def _pin_form(context: WebContext, role: Role, status: int = 200, problem: str = "") -> Response:
    who = "Owner" if role is Role.OWNER else "Staff"
    return _page("pin.html", context, status, who=who, problem=problem, digits=not context.vault.has_pin)


def _staff(context: WebContext) -> Response:
    with context.desk.reading() as books:
        cashier = session_cashier(books)
        event, own_pin = _event(books.events.current()), context.vault.has_pin
        return _page("staff.html", context, event=event, cashier=cashier, own_pin=own_pin, sms=context.sms)


def _setup(context: WebContext, told: str = "", problem: str = "") -> Response:
    active: Sequence[Cashier] = ()
    search = {"state": "off", "message": ""}
    try:
        with context.desk.reading() as books:
            loaded, search = _loaded(books), name_search.standing(books, context.vault)
            active = books.cashiers.active()
    except StoreUnavailable as error:
        loaded = {"problem": error.message}
    return _page(
        "setup.html",
        context,
        403 if problem else 200,
        search=search,
        has_pin=context.vault.has_pin,
        told=told,
        problem=problem,
        loaded=loaded,
        cashiers=active,
        rights=list(Right),
        address=request.host_url,
        devices=context.board.devices(),
        reasons=list(context.health()),
    )


def _loaded(books: Books) -> dict[str, object]:
    event = books.events.current()
    if event is None:
        return {}
    currency = Currency(event.currency)
    offers = [(offer, currency.text(offer.price_minor)) for offer in books.events.offers()]
    windows = [
        (window, local_time(window.opens_at, event), local_time(window.closes_at, event)) for window in event.windows
    ]
    return {"event": event, "offers": offers, "windows": windows, "tickets": books.tickets.counts()}


def _event(event: Event | None) -> dict[str, object] | None:
    return None if event is None else shapes.event(event)


def _page(
    template: str,
    context: WebContext,
    status: int = 200,
    screens: Sequence[ScreenLanguage] = (own_screen("en"),),
    **values: object,
) -> Response:
    page = render_template(
        template, box=context.box_name, box_id=context.box_id, version=context.version,
        form_token=access.form_token(), **screen_texts.for_page(screens), **values,
    )  # fmt: skip
    return make_response(page, status)
