"""How a request becomes an act and an act becomes an answer: checks, one command, idempotency, the error shape."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from appliance.core.errors import Refusal
from appliance.core.journal import canonical_json
from appliance.core.ports import Books
from appliance.services.idempotency import answer_once
from appliance.web import strict_json
from appliance.web.access import is_guest, require
from appliance.web.context import WebContext
from appliance.web.guests import Guests
from appliance.web.routes import Call, Route

COMMAND_TIMEOUT_S = 10.0
MAX_KEY_CHARS = 200


def serve(context: WebContext, route: Route, path: Mapping[str, Any], guests: Guests) -> Response:
    """Answer one request of the API. Raises Refusal, StoreUnavailable, TimeoutError."""
    role = require(context.tokens, route.role)
    if is_guest(role):
        guests.check(route, request.remote_addr or "unknown")
    if route.body is None:
        call = Call(context, role, {}, path, request.args)
        with context.desk.reading() as books:
            return json_response(route.status, strict_json.dumps(route.act(books, call)))
    key = _idempotency_key()
    sent = _body()
    call = Call(context, role, route.body.read(sent), path, request.args)
    return _command(route, call, key, canonical_json([request.method, request.path, role.name, sent]))


def json_response(status: int, text: str) -> Response:
    """Make an answer of JSON text; no cache keeps it."""
    return Response(text + "\n", status, mimetype="application/json", headers={"Cache-Control": "no-store"})


def error_response(status: int, code: str, message: str, retry_after_s: int | None = None) -> Response:
    """Make an error's answer."""
    response = json_response(status, strict_json.dumps({"error": {"code": code, "message": message}}))
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="stallbox"'
    return response


def _command(route: Route, call: Call, key: str | None, request_bytes: bytes) -> Response:
    def command(books: Books) -> tuple[int, str]:
        def act() -> tuple[int, dict[str, Any]]:
            return route.status, route.act(books, call)

        if key is None:
            status, answer = act()
            return status, strict_json.dumps(answer)
        return answer_once(books, key, hashlib.sha256(request_bytes).hexdigest(), act)

    status, text = call.context.desk.submit(command, COMMAND_TIMEOUT_S)
    for step in call.after_commit:
        step()
    return json_response(status, text)


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
