"""The three pages, and the PIN form in front of two of them. What moves on them is done by static/*.js."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, make_response, redirect, render_template, request, session

from appliance.core.errors import Refusal, StallboxError, TooManyTries
from appliance.core.pins import PIN_DIGITS
from appliance.core.screen import all_screens
from appliance.core.trade import Event
from appliance.services import alone, cashiers, telling
from appliance.web import access, pin_tries, screen_texts, shapes, speech
from appliance.web.context import WebContext
from appliance.web.owner import pages as owner
from appliance.web.rights import let_in, session_cashier
from appliance.web.tokens import Role

HEADINGS = (400, 403, 404, 429)  # statuses that have a heading of their own

# ways to pay without staff -> key of the text that offers them
PAY_HERE = {("credit",): "pay_by_credit", ("voucher",): "pay_by_voucher", ("credit", "voucher"): "pay_by_both"}


def build(context: WebContext) -> Blueprint:
    """Build the pages."""
    blueprint = Blueprint("pages", __name__)
    owner.add(blueprint, context, lambda page: _behind_pin(context, Role.OWNER, page))

    @blueprint.get("/")
    def kiosk() -> Response:
        with context.desk.reading() as books:
            let_in(books)
            event = books.events.current()
            ways = alone.ways_to_pay(event) if event else ()
            screens = event.screens if event else all_screens("en", {})
            return _page(
                "kiosk.html",
                context,
                **screen_texts.for_page(screens),
                event=_event(event),
                thanks=event.thanks if event else "",
                ways=ways,
                pay_here=PAY_HERE.get(ways),
                sms=context.sms,
            )

    @blueprint.route("/staff", methods=["GET", "POST"])
    def staff() -> Response:
        return _behind_pin(context, Role.STAFF, lambda: _staff(context))

    @blueprint.post("/lock")
    def lock() -> Response:
        access.require_lock_form()
        response = make_response(redirect("/staff", 303))
        access.lock(context, response)
        return response

    return blueprint


def message_page(status: int, error: StallboxError, retry_after_s: int | None = None) -> Response:
    """Make a plain page that says one thing."""
    heading = str(status) if status in HEADINGS else "later" if status >= 500 else "other"
    said = speech.here()
    page = render_template("message.html", heading=said.text(f"heading_{heading}"), message=said.explain(error))
    response = make_response(page, status)
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def _behind_pin(context: WebContext, role: Role, page: Callable[[], Response]) -> Response:
    if request.method == "POST":
        return _take_pin(context, role)
    least = Role.DOOR if role is Role.STAFF else role
    if (access.session_role() or 0) < least:
        return _pin_form(context, role)
    try:
        return page()
    except Refusal as error:  # a cashier whose PIN is not good any more
        access.grant(Role.KIOSK)
        return _pin_form(context, role, 403, error)


def _take_pin(context: WebContext, role: Role) -> Response:
    access.require_form()
    try:
        pin_tries.take(context)
    except TooManyTries as error:
        response = _pin_form(context, role, 429, error)
        response.headers["Retry-After"] = str(error.retry_after_s)
        return response
    pin = request.form.get("pin", "").strip()
    found, cashier = context.role_of_pin(pin), None
    if found is None and role is Role.STAFF and len(pin) == PIN_DIGITS:
        with context.desk.reading() as books:
            cashier = cashiers.by_pin(books, pin)
        found = Role.STAFF if cashier else None
    if found is None or found < role:
        pin_tries.wrong(context, request.path.strip("/"))
        return _pin_form(context, role, 403, Refusal("pin_wrong", "That PIN is not right. Try again.", 403))
    pin_tries.right(context)
    to = request.form.get("to", "")
    access.grant(found, cashier, context.vault.mark)
    session.permanent = False  # ends with the browser
    response = make_response(redirect(to if to in owner.ADDRESSES else request.path, 303))
    access.unlock(context, response)
    return response


def _pin_form(context: WebContext, role: Role, status: int = 200, problem: Refusal | None = None) -> Response:
    who = "owner" if role is Role.OWNER else "staff"
    to = request.form.get("to", "") if request.method == "POST" else request.path  # a step's own address
    said = speech.here()
    return _page(
        "pin.html", context, status, who=who, problem=problem and said.explain(problem),
        digits=not context.vault.has_pin, to=to if to in owner.ADDRESSES else "", texts=said.scripts(),
    )  # fmt: skip


def _staff(context: WebContext) -> Response:
    with context.desk.reading() as books:
        cashier = session_cashier(books)
        event, own_pin = _event(books.events.current()), context.vault.has_pin
        role = (access.session_role() or Role.KIOSK).name.lower()
        return _page(
            "staff.html", context, event=event, cashier=cashier, own_pin=own_pin, sms=context.sms, role=role,
            journal_groups=("", *telling.GROUPS), address=request.host_url,
            texts=speech.here().scripts("pages", "staff", "refused"),
        )  # fmt: skip


def _event(event: Event | None) -> dict[str, object] | None:
    return None if event is None else shapes.event(event)


def _page(template: str, context: WebContext, status: int = 200, **values: object) -> Response:
    page = render_template(
        template, box=context.box_name, box_id=context.box_id, version=context.version,
        form_token=access.form_token(), **values,
    )  # fmt: skip
    return make_response(page, status)
