"""The setup page and its steps, as plain forms: each does one thing, then shows where things stand."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

from flask import Blueprint, Response, make_response, redirect, render_template, request, send_file

from appliance.core.errors import Refusal, StallboxError, StoreUnavailable
from appliance.core.ports import Books, OfficePort
from appliance.core.receipt import local_time, wifi_code
from appliance.core.slips import status_slip
from appliance.core.texts import paper_money
from appliance.core.trade import PrintJob, PrintStatus, Right
from appliance.services import name_search, privacy
from appliance.web import access, qr, speech
from appliance.web.api_search import unlock
from appliance.web.context import WebContext
from appliance.web.owner import cashiers, event, fleet, network, secrets
from appliance.web.owner.steps import STEPS, TEST_PAGE, checks, done
from appliance.web.tokens import Role

BehindPin = Callable[[Callable[[], Response]], Response]
IDS = tuple(step.id for step in STEPS)
# What the scripts of a step say, beside that the box does not answer.
OF_SCRIPTS = {"start": ("pages", "refused"), "tickets": ("pages", "setup", "refused")}
ADDRESSES = frozenset(f"/setup/{id}" for id in IDS)


def add(blueprint: Blueprint, context: WebContext, behind_pin: BehindPin) -> None:
    """Add the pages; `behind_pin` shows the PIN form in front of one."""

    @blueprint.route("/setup", methods=["GET", "POST"])
    def setup() -> Response:
        return behind_pin(lambda: _page(context, "start"))

    @blueprint.get(f"/setup/<any({','.join(IDS)}):step>")
    def step(step: str) -> Response:
        return behind_pin(lambda: _page(context, step, **_asked(context, step)))

    def form(path: str, step: str, act: Callable[[], str | Response], body_bytes: int = 0) -> None:
        """Add what a form of a step does: it returns what to tell the owner, or an answer of its own."""

        def view() -> Response:
            _require_owner(body_bytes)
            try:
                told = act()
            except Refusal as refusal:
                return _page(context, step, refusal.status, problem=speech.here().explain(refusal))
            return _page(context, step, told=told) if isinstance(told, str) else told

        blueprint.add_url_rule(f"/setup/{path}", f"setup_{path.replace('/', '_')}", view, methods=["POST"])

    form("name", "name", lambda: _keep_name(context))
    form("wifi", "wifi", lambda: network.keep_wifi(context, request.form, request.host_url))
    form("share", "wifi", lambda: network.share(context, request.form))
    form("pin", "pins", lambda: secrets.choose(context, request.form))
    form("staff-pin", "pins", lambda: secrets.renew_staff_pin(context))
    form("cashiers", "pins", lambda: cashiers.change(context, request.form))
    form("search/unlock", "pins", lambda: _unlock(context))
    form("search/lock", "pins", lambda: _lock(context))
    form("event", "event", lambda: _take_event(context), event.MAX_EVENT_BYTES)
    form("offers", "offers", lambda: speech.say("offer_added", name=event.add_offer(context, request.form)))
    form("photo", "offers", lambda: _take_photo(context), event.MAX_PHOTO_BYTES)
    form("printer", "printer", lambda: _print_test(context))
    form("fleet", "fleet", lambda: _set_fleet(context))
    form("backup", "data", lambda: _download(context, _office(context).back_up(), "stallbox"))
    form("stick", "data", lambda: _back_up_to_stick(context))
    form("report", "data", lambda: _download(context, _office(context).report(), "stallbox-report"))
    form("purge", "data", lambda: _purge(context))


def _require_owner(body_bytes: int) -> None:
    if (access.session_role() or 0) < Role.OWNER:
        raise Refusal("forbidden", "Only the owner does this: open the setup page and enter the PIN.", 403)
    if body_bytes:
        request.max_content_length = request.max_form_memory_size = body_bytes
    access.require_form()


# What the forms do


def _keep_name(context: WebContext) -> str:
    name = request.form.get("name", "").strip()
    context.settings.keep("box", {"name": name})
    context.box_name = name
    return speech.say("name_kept")


def _unlock(context: WebContext) -> Response:
    unlock(context, request.form.get("pin", ""))
    return make_response(redirect("/setup/pins#privacy", 303))


def _lock(context: WebContext) -> Response:
    context.vault.lock()
    return make_response(redirect("/setup/pins#privacy", 303))


def _take_event(context: WebContext) -> Response:
    text = event.sent_text(request.form.get("text", ""), request.files.get("file"))
    wrong = event.problems_of(text)
    if wrong:
        many = speech.here().counted("event_wrong", len(wrong))
        return _page(context, "event", 422, problem=many, wrong=[event.told(one) for one in wrong], text=text)
    if request.form.get("act") != "load":
        return _page(context, "event", told=speech.say("event_in_order"), text=text)
    try:
        loaded = event.load(context, text)
    except Refusal as refusal:
        return _page(context, "event", refusal.status, problem=speech.here().explain(refusal), text=text)
    return _page(context, "event", told=speech.say("event_loaded", name=loaded.name))


def _set_fleet(context: WebContext) -> Response:
    """Do what the form asks for, and show what was typed once more; never the password."""
    try:
        told = fleet.act(context, request.form)
    except Refusal as refusal:
        return _page(context, "fleet", refusal.status, problem=speech.here().explain(refusal), wish=request.form)
    return _page(context, "fleet", told=told, wish=request.form)


def _take_photo(context: WebContext) -> str:
    event.add_photo(context, request.form.get("offer", ""), request.files.get("photo"))
    return speech.say("picture_taken")


def _print_test(context: WebContext) -> str:
    address = request.host_url  # the command runs where no request is known

    def queue(books: Books) -> None:
        at, battery = books.moment.text()[:16].replace("T", " ") + " UTC", context.board.get("battery")
        facts = battery if isinstance(battery, Mapping) else {}
        counts = {"tickets": sum(books.tickets.sources().values()), "offers": len(books.events.offers())}
        page = status_slip(context.box_name, at, address, facts, context.board.devices(), counts)
        books.prints.add("slip", TEST_PAGE, page.to_json())

    context.desk.submit(queue)
    return speech.say("test_prints")


def _back_up_to_stick(context: WebContext) -> str:
    if context.stick is None:
        raise Refusal("no_stick_place", "This box has no place for a stick: download the backup.", 409)
    at = _now(context)
    name = f"stallbox-{context.box_id}-{at[:10]}-{at[11:13]}{at[14:16]}.tar.gz"
    try:
        with _office(context).back_up() as file:
            free_bytes = context.stick.keep(file, name)
    except StoreUnavailable:
        raise
    except StallboxError as error:
        raise Refusal(error.code, error.message, 409) from error
    return speech.say("stick_done", name=name, free=free_bytes // 1_000_000)


def _now(context: WebContext) -> str:
    """Return the time in UTC as RFC 3339; a report is wanted all the more while the store is out of order."""
    with contextlib.suppress(StoreUnavailable), context.desk.reading() as books:
        return books.moment.text()
    return "0000-00-00T00:00"


def _download(context: WebContext, file: BinaryIO, what: str) -> Response:
    name = f"{what}-{context.box_id}-{_now(context)[:10]}.tar.gz"
    return send_file(file, "application/gzip", as_attachment=True, download_name=name, max_age=0)


def _purge(context: WebContext) -> str:
    if request.form.get("sure", "").strip().lower() != "purge":
        raise Refusal("not_confirmed", "Nothing was taken away: type the word purge to do it.")
    told = _office(context).purge()
    if not told.done:
        raise Refusal("not_purged", told.lines[-1].removeprefix("stallbox: ") if told.lines else "It was not done.")
    return speech.say("purged")


def _office(context: WebContext) -> OfficePort:
    if context.office is None:
        raise Refusal("no_office", "This box does it by its command line only: see the reference.", 409)
    return context.office


# What the pages show


def _asked(context: WebContext, step: str) -> dict[str, Any]:
    """Return what the address asks a step to begin with. Refusals are told on the page."""
    if step != "event" or "from" not in request.args:
        return {}
    chosen, name, day = (request.args.get(key, "") for key in ("from", "name", "day"))
    try:
        return {"text": event.text_to_edit(context, chosen, name, day)}
    except Refusal as refusal:
        return {"problem": speech.here().explain(refusal)}


def _page(context: WebContext, step: str, status: int = 200, **values: Any) -> Response:
    """Show a step; where the store is out of order, still all that can be told without it."""
    shown: dict[str, Any] = {
        "done": {},
        "loaded": {},
        "cashiers": [],
        "search": {"state": "off", "why": "", "message": ""},
    }
    reasons = list(context.health())  # it opens the books itself, which no thread does twice at a time
    try:
        with context.desk.reading() as books:
            shown |= _standing(books, context, step, reasons)
    except StoreUnavailable as error:
        shown["loaded"] = {"problem": speech.here().explain(error)}
    place = IDS.index(step) if step in IDS else -1
    page = render_template(
        "setup.html",
        **{
            "box": context.box_name,
            "box_id": context.box_id,
            "version": context.version,
            "form_token": access.form_token(),
            "step": step,
            "steps": STEPS,
            "before": STEPS[place - 1] if place > 0 else None,
            "after": STEPS[place + 1] if place + 1 < len(STEPS) else None,
            "reasons": [speech.here().explain(reason) for reason in reasons],
            "devices": context.board.devices(),
            "address": request.host_url,
            "has_pin": context.vault.has_pin,
            "wifi": context.wifi,
            "network": context.network,
            "fleet": context.fleet.now if context.fleet else None,
            "build": context.build,
            "slot": context.slot,
            "wifi_code": qr.drawn(wifi_code(*context.wifi)) if context.wifi[0] else None,
            "rights": list(Right),
            "templates": event.TEMPLATES,
            "texts": speech.here().scripts(*OF_SCRIPTS.get(step, ())),
            **shown,
            **values,
        },
    )
    return make_response(page, status)


def _standing(books: Books, context: WebContext, step: str, reasons: Sequence[StallboxError]) -> dict[str, Any]:
    """Tell how the box stands, and what one step shows of it."""
    of_step: dict[str, Callable[[], dict[str, Any]]] = {
        "start": lambda: {"loaded": _loaded(books)},
        "pins": lambda: {
            "cashiers": books.cashiers.active(),
            "search": {
                **name_search.standing(books, context.vault),
                "why": name_search.why_off(books, context.vault),
            },
        },
        "event": lambda: {"loaded": _loaded(books), "text": books.events.source() or ""},
        "offers": lambda: {"loaded": _loaded(books)},
        "printer": lambda: {"jobs": [job for job in _newest(books) if job.subject == TEST_PAGE]},
        "rehearsal": lambda: {"checks": checks(books, context, reasons)},
        "data": lambda: {
            "stick": context.stick.look() if context.stick else None,
            "has_stick": context.stick is not None,
            "personal": [(what, count) for what, count in privacy.personal(books).items() if count],
        },
    }
    return {"done": done(books, context, reasons), **of_step.get(step, dict)()}


def _newest(books: Books) -> Sequence[PrintJob]:
    return books.prints.by_status(list(PrintStatus), 20)


def _loaded(books: Books) -> dict[str, object]:
    found = books.events.current()
    if found is None:
        return {}
    money = paper_money(found.currency, speech.here().language.texts)
    offers = [(offer, money.text(offer.price_minor)) for offer in books.events.offers()]
    windows = [
        (window, local_time(window.opens_at, found), local_time(window.closes_at, found)) for window in found.windows
    ]
    return {"event": found, "offers": offers, "windows": windows, "tickets": books.tickets.counts()}
