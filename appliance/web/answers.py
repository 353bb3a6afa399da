"""How a request becomes an act and an act becomes an answer: checks, one command, idempotency, the error shape."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from appliance.core.errors import Refusal
from appliance.core.journal import canonical_json
from appliance.core.ports import Books
from appliance.services import cashiers
from appliance.services.idempotency import answer_once
from appliance.web import strict_json
from appliance.web.access import is_guest, require, tablet
from appliance.web.context import WebContext
from appliance.web.guests import Guests
from appliance.web.rights import actor_of
from appliance.web.routes import Call, Route

COMMAND_TIMEOUT_S = 10.0
MAX_KEY_CHARS = 200


def serve(context: WebContext, route: Route, path: Mapping[str, Any], guests: Guests) -> Response:
    """Answer one request of the API. Raises Refusal, StoreUnavailable, TimeoutError."""
    role = require(context.tokens, route.role)
    if is_guest(role):
        guests.check(route, request.remote_addr or "unknown")
    if route.body is None or route.reads:
        fields = route.body.read(_body()) if route.body else {}
        actor_of(context, role, route, fields, path)
        call = Call(context, role, fields, path, request.args, tablet=tablet())
        return _reading(route, call)
    key = _idempotency_key()
    sent = _body()
    fields = route.body.read(sent)
    actor = actor_of(context, role, route, fields, path)
    call = Call(context, role, fields, path, request.args, actor, tablet())
    who = [role.name] if actor.cashier is None else [role.name, actor.cashier]
    return _command(route, call, key, canonical_json([request.method, request.path, *who, sent]))


def json_response(status: int, text: str) -> Response:
    """Make an answer of JSON text; no cache keeps it."""
    return Response(text + "\n", status, mimetype="application/json", headers={"Cache-Control": "no-store"})


def error_response(
    status: int, code: str, message: str, retry_after_s: int | None = None, right: str | None = None
) -> Response:
    """Make an error's answer; `right` is what is missing, if that is all."""
    error = {"code": code, "message": message} | ({} if right is None else {"right": right})
    response = json_response(status, strict_json.dumps({"error": error}))
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="stallbox"'
    return response


def _reading(route: Route, call: Call) -> Response:
    with call.context.desk.reading() as books:
        return json_response(route.status, strict_json.dumps(route.act(books, call)))


def _command(route: Route, call: Call, key: str | None, request_bytes: bytes) -> Response:
    def command(books: Books) -> tuple[int, str]:
        def act() -> tuple[int, dict[str, Any]]:
            with cashiers.acting(books, call.actor):
                return route.status, route.act(books, call)

        if key is None:
            status, answer = act()
            return status, strict_json.dumps(answer)
        return answer_once(books, _hash(key.encode()), _hash(key.encode() + b"\n" + request_bytes), act)

    status, text = call.context.desk.submit(command, COMMAND_TIMEOUT_S)
    for step in call.after_commit:
        step()
    return json_response(status, _with_private(route, call, status, text))


def _with_private(route: Route, call: Call, status: int, text: str) -> str:
    """Add to an answer what must not be kept with it; an answer given once more gets it anew."""
    if status != route.status or route.private is None:
        return text
    if call.private is None:
        with call.context.desk.reading() as books:
            call.private = route.private(books, call)
    return strict_json.dumps({**json.loads(text), **call.private})


def _hash(value: bytes) -> str:
    """Name a key or a request in the store. The key goes into both, and only its hash is kept.

    A plain hash of a scan would be a way to guess its code; with a key that cannot be guessed it is none.
    """
    return hashlib.sha256(value).hexdigest()


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY_CHARS or not key.isascii() or not key.isprintable():
        raise Refusal(
            "bad_idempotency_key", f"Idempotency-Key must be 1 to {MAX_KEY_CHARS} printable ASCII characters.", 400
        )
    return key


def _body() -> object:
    """Return the body's value; an empty body, without a type, is an empty object."""
    raw = request.get_data()
    if not raw and not request.content_type:
        return {}
    if request.mimetype != "application/json":
        raise Refusal("wrong_content_type", "Send the body as 'Content-Type: application/json'.", 415)
    return strict_json.parse(raw)
