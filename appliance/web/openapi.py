"""openapi.json (OpenAPI 3.1.1), written from the same tables that serve the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from appliance.web import api_lists
from appliance.web.rights import SUPERVISOR_HEADER
from appliance.web.routes import PATH_PARAMETERS, PREFIX, Route
from appliance.web.schemas import SCHEMAS
from appliance.web.tokens import Role

REFUSALS = {
    400: "The request is not well formed: `not_json`, `bad_idempotency_key`.",
    401: "No valid token or session: `unauthorised`.",
    403: "The caller's role is too low or lacks a right (`right_needed`), or the call came from a foreign page.",
    404: "What the path or body names does not exist.",
    409: "It does not fit the state of things, or the idempotency key was used for another request.",
    413: "The body is too large: `too_large`.",
    415: "The body is not sent as JSON: `wrong_content_type`.",
    422: "A field is unknown, missing, of the wrong type or out of range, or the rules refuse the act.",
    429: "A browser without a token asks too much at once: `too_fast`. Too many wrong PINs: `too_many_pins`.",
    503: "The box cannot answer now; nothing is lost by asking again with the same key.",
}
CHANGE_REFUSALS = (400, 401, 403, 409, 413, 415, 422, 503)
READ_REFUSALS = (401, 403, 503)
BODY_REFUSALS = (400, 413, 415, 422)


def describe(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """Return the OpenAPI document of these routes and of the two that are served beside them."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route)
    paths[f"{PREFIX}/state"] = {"get": _state()}
    paths[f"{PREFIX}/openapi.json"] = {"get": _public("openapi", "This document.", {"type": "object"})}
    paths |= api_lists.describe(_refusal)
    health = _public("healthz", "Whether the box can sell and admit.", _ref("Health"))
    health["responses"]["503"] = {"description": "It cannot, and why.", "content": _json(_ref("Health"))}
    paths["/healthz"] = {"get": health}
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Stallbox",
            "version": version,
            "description": "The till, door and office of a pop-up stall. Money is in minor units of the currency.",
        },
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "stallbox_<box>"},
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    is_change = route.body is not None and not route.reads
    statuses = {*route.refusals, *(CHANGE_REFUSALS if is_change else READ_REFUSALS)}
    if route.reads:
        statuses |= set(BODY_REFUSALS)
    if route.query:
        statuses.add(422)
    if route.role is Role.KIOSK and is_change and route.guests:
        statuses.add(429)
    rights = _rights(route)
    if rights:
        statuses |= {403, 429}
    operation: dict[str, Any] = {
        "operationId": route.act.__name__,
        "summary": route.summary,
        "description": f"Role: {route.role.name.lower()}{'' if route.guests else ', by token'}.",
        "x-role": route.role.name.lower(),
        "parameters": _parameters(route),
        "responses": {
            str(route.status): {"description": "Done.", "content": _json(_ref(route.answer))},
            **{str(status): _refusal(status) for status in sorted(statuses)},
        },
    }
    if rights:
        operation["x-rights"] = rights
        operation["description"] += f" A cashier may need the right {' or '.join(rights)}."
    if route.body is not None:
        required = any(field.required for field in route.body.fields)
        operation["requestBody"] = {"required": required, "content": _json(route.body.schema())}
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = []
    for name in route.parameters:
        _, schema, meaning = PATH_PARAMETERS[name]
        parameters.append({"name": name, "in": "path", "required": True, "description": meaning, "schema": schema})
    parameters.extend({"name": name, "in": "query", "schema": {"type": "string"}} for name in route.query)
    if route.body is not None and not route.reads:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key and request give the same answer and one effect.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            }
        )
    if _rights(route):
        parameters.append(
            {
                "name": SUPERVISOR_HEADER,
                "in": "header",
                "description": "PIN of a supervisor, for a cashier who was refused with `right_needed`. That refusal is"
                " not kept under the Idempotency-Key: send the same key and body again.",
                "schema": {"type": "string"},
            }
        )
    return parameters


def _rights(route: Route) -> list[str]:
    """Return every right that a route may ask for."""
    of_route = {str(route.right)} if route.right else set()
    return sorted(of_route | (route.body.all_rights() if route.body else set()))


def _state() -> dict[str, Any]:
    unchanged = {"description": "Nothing changed since the ETag that was sent."}
    return {
        "operationId": "state",
        "summary": "Snapshot of the box, made for polling.",
        "description": "Role: kiosk. A kiosk is not told the takings.",
        "x-role": Role.KIOSK.name.lower(),
        "parameters": [{"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}],
        "responses": {
            "200": {"description": "The snapshot.", "content": _json(_ref("State"))},
            "304": unchanged,
            **{str(status): _refusal(status) for status in READ_REFUSALS},
        },
    }


def _public(name: str, summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    answer = {"description": "Done.", "content": _json(schema)}
    return {"operationId": name, "summary": summary, "security": [], "responses": {"200": answer}}


def _refusal(status: int) -> dict[str, Any]:
    return {"description": REFUSALS[status], "content": _json(_ref("Error"))}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
