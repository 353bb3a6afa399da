"""The Flask application: routes, pages, error answers and the headers that all answers carry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from appliance.core.errors import Refusal, RightNeeded, StallboxError, StoreUnavailable, TooManyTries
from appliance.core.trade import Right
from appliance.web import (
    access,
    api_box,
    api_carts,
    api_clock,
    api_goods,
    api_journal,
    api_lights,
    api_lists,
    api_pay,
    api_power,
    api_search,
    api_shifts,
    api_sms,
    api_tablets,
    api_till,
    captive,
    media,
    pages,
    pages_pair,
    receipts,
    speech,
    static_files,
    strict_json,
    wire,
)
from appliance.web.answers import error_response, json_response, serve
from appliance.web.context import WebContext
from appliance.web.guests import EVERY_S, Guests
from appliance.web.openapi import describe
from appliance.web.rights import may
from appliance.web.routes import PREFIX, Route
from appliance.web.sessions import SteadySessions
from appliance.web.snapshot import Snapshots
from appliance.web.tokens import Role, Tokens

ROUTES: tuple[Route, ...] = (
    *api_till.ROUTES,
    *api_pay.ROUTES,
    *api_carts.ROUTES,
    *api_goods.ROUTES,
    *api_shifts.ROUTES,
    *api_box.ROUTES,
    *api_power.ROUTES,
    *api_clock.ROUTES,
    *api_lights.ROUTES,
    *api_sms.ROUTES,
    *api_lists.ROUTES,
    *api_search.ROUTES,
    *api_journal.ROUTES,
    *api_tablets.ROUTES,
)
SESSION_HOURS = 12
RETRY_AFTER_S = 1
GUEST_RETRY_S = round(EVERY_S)

# No script, style or address but our own (W3C Content Security Policy 3).
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "Cache-Control": "no-store",
}
# Elsewhere browsers ignore it, and complain of it in the console of every page (HTML, cross-origin opener policies).
TRUSTED_HEADERS = {"Cross-Origin-Opener-Policy": "same-origin"}
TRUSTED_HOSTS = ("localhost", "127.0.0.1", "[::1]")
HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "wrong_content_type",
}
HTTP_MESSAGES = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "The body is too large.",
    500: "Something went wrong in the box; it is in the log.",
}


def create_app(context: WebContext) -> Flask:
    """Build the application; it holds no state but sessions' keys, tries and acts by address, the newest snapshot."""
    app = Flask(__name__, static_folder=None)
    app.session_interface = SteadySessions()
    app.config.update(
        SECRET_KEY=access.session_key(context.secret_key, context.tokens),
        SESSION_COOKIE_NAME=f"stallbox_{context.box_id}",  # cookies know no ports: two boxes on one host
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        MAX_CONTENT_LENGTH=context.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=context.max_body_bytes,
    )
    app.before_request(lambda: access.end_if_stale(context.vault))
    static_files.add(app)
    captive.add(app, context)
    app.before_request(lambda: access.recognise(context))
    speech.add(app, context)
    guests = Guests()
    for route in ROUTES:
        _add_route(app, context, route, guests)
    api_lists.add(app, context)
    _add_state(app, context)
    _add_self_description(app, context)
    app.register_blueprint(pages.build(context))
    app.register_blueprint(pages_pair.build(context, guests))
    app.register_blueprint(media.build(context))
    app.register_blueprint(receipts.build(context, guests))
    _add_errors(app)
    app.after_request(_add_headers)
    wire.add(app)
    return app


def exchange_tokens(app: Flask, context: WebContext, tokens: Tokens) -> None:
    """Go by other tokens from now on; whoever is signed in signs in again."""
    context.tokens = tokens
    app.config["SECRET_KEY"] = access.session_key(context.secret_key, tokens)


def _add_route(app: Flask, context: WebContext, route: Route, guests: Guests) -> None:
    def view(**path: Any) -> Response:
        return serve(context, route, path, guests)

    app.add_url_rule(route.rule, f"api.{route.act.__name__}", view, methods=[route.method])


def _add_state(app: Flask, context: WebContext) -> None:
    snapshots = Snapshots(context)

    @app.get(f"{PREFIX}/state")
    def state() -> Response:
        role = access.require(context.tokens, Role.KIOSK)
        told_takings = may(context, role, Right.REPORT)
        text, etag = snapshots.current().seen_by(role >= Role.STAFF, told_takings, access.tablet())
        response = json_response(200, text)
        response.set_etag(etag)
        response.headers["X-Stallbox-Time"] = snapshots.box_time()
        return response.make_conditional(request)  # type: ignore[return-value]  # itself, as a 304 if it fits


def _add_self_description(app: Flask, context: WebContext) -> None:
    document = strict_json.dumps(describe(ROUTES, context.version))

    @app.get(f"{PREFIX}/openapi.json")
    def openapi() -> Response:
        return json_response(200, document)

    @app.get("/healthz")
    def healthz() -> Response:
        reasons = list(context.health())
        if reasons:
            why = {"reasons": [one.message for one in reasons], "codes": [one.code for one in reasons]}
            return json_response(503, strict_json.dumps({"status": "unavailable", **why}))
        return json_response(200, strict_json.dumps({"status": "ok"}))


def _add_errors(app: Flask) -> None:
    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> Response:
        return _answer(error.status, error, GUEST_RETRY_S if error.status == 429 else None)

    @app.errorhandler(RightNeeded)
    def right_needed(error: RightNeeded) -> Response:
        return error_response(error.status, error.code, error.message, right=error.right)

    @app.errorhandler(TooManyTries)
    def too_many_pins(error: TooManyTries) -> Response:
        return _answer(error.status, error, error.retry_after_s)

    @app.errorhandler(StoreUnavailable)
    def unavailable(error: StoreUnavailable) -> Response:
        return _answer(503, error, RETRY_AFTER_S)

    @app.errorhandler(TimeoutError)
    def busy(error: TimeoutError) -> Response:
        message = "The box is busy; ask again with the same Idempotency-Key."
        return _answer(503, StallboxError("busy", message), RETRY_AFTER_S)

    @app.errorhandler(StallboxError)
    def failed(error: StallboxError) -> Response:
        app.logger.error("%s %s: %s (%s)", request.method, request.path, error.message, error.code)
        return _answer(500, error)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status < 400:
            return Response(status=status, headers=error.get_headers())  # a redirect to the right address
        message = HTTP_MESSAGES.get(status, "The box cannot answer this request.")
        code = HTTP_CODES.get(status, "bad_request" if status < 500 else "internal")
        response = _answer(status, StallboxError(code, message))
        if allowed := error.get_response().headers.get("Allow"):
            response.headers["Allow"] = allowed
        return response


def _answer(status: int, error: StallboxError, retry_after_s: int | None = None) -> Response:
    """Answer an error in the form of the place where it happened: JSON in the API, a plain page elsewhere."""
    if "/api/" in request.path or request.path == "/healthz":
        return error_response(status, error.code, error.message, retry_after_s)
    return pages.message_page(status, error, retry_after_s)


def _add_headers(response: Response) -> Response:
    is_trusted = request.is_secure or request.host.startswith(TRUSTED_HOSTS)
    for name, value in {**HEADERS, **(TRUSTED_HEADERS if is_trusted else {})}.items():
        response.headers.setdefault(name, value)
    return response
