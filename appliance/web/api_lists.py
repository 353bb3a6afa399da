"""Lists of tickets on the owner's page: taken in as a file, shown, taken away.

A list comes as its bytes, not as JSON, and it is larger than any other body: both routes that change lists stand
beside the table of routes, and a command of the office does their work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request

from appliance.core.errors import Refusal
from appliance.core.ports import Books, OfficePort, Told
from appliance.web import access
from appliance.web.answers import json_response
from appliance.web.context import WebContext
from appliance.web.routes import PREFIX, Call, Route
from appliance.web.strict_json import dumps
from appliance.web.tokens import Role

MAX_LIST_BYTES = 48_000_000  # 200,000 tickets with holders and answers are under 40 MB
PATH = f"{PREFIX}/tickets/lists/"
MAX_NAME_CHARS = 80


def list_ticket_lists(books: Books, call: Call) -> dict[str, Any]:
    """Count the tickets of each list; the one without a name are those made here."""
    return {"lists": [{"name": name, "tickets": count} for name, count in books.tickets.sources().items()]}


def add(app: Flask, context: WebContext) -> None:
    """Add the routes that change lists."""

    @app.put(f"{PATH}<string:name>")
    def take_list(name: str) -> Response:
        office, dry_run = _allowed(context, name), request.args.get("dry_run", "0")
        if dry_run not in ("0", "1"):
            raise Refusal("unknown_choice", "'dry_run' must be 0 or 1.")
        request.max_content_length = MAX_LIST_BYTES
        return _answer(name, office.take_list(name, request.stream, dry_run == "1"))

    @app.delete(f"{PATH}<string:name>")
    def remove_list(name: str) -> Response:
        office = _allowed(context, name)
        with context.desk.reading() as books:
            if name not in books.tickets.sources():
                raise Refusal("no_such_list", f"There is no list '{name}' here.", status=404)
        return _answer(name, office.remove_list(name))


def _allowed(context: WebContext, name: str) -> OfficePort:
    access.require(context.tokens, Role.OWNER)
    if not (0 < len(name) <= MAX_NAME_CHARS and name.isprintable() and name[0] not in ".-"):
        raise Refusal("bad_name", f"Name the list with 1 to {MAX_NAME_CHARS} plain characters, no dot or dash first.")
    if context.office is None:
        raise Refusal("no_office", "Lists are taken in with `stallbox tickets import` on this box.", status=409)
    return context.office


def _answer(name: str, told: Told) -> Response:
    if told.done:
        return json_response(200, dumps({"name": name, "lines": list(told.lines)}))
    last = told.lines[-1] if told.lines else "The list was not read."
    error = {"code": "list_refused", "message": last.removeprefix("stallbox: ")}
    return json_response(422, dumps({"error": error, "name": name, "lines": list(told.lines[:-1])}))


ROUTES = (Route("GET", "/tickets/lists", Role.OWNER, list_ticket_lists, "TicketLists", "The lists and their tickets."),)


def describe(refusal: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
    """Return the OpenAPI path of a list by its name."""
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "maxLength": MAX_NAME_CHARS}}
    dry_run = {"name": "dry_run", "in": "query", "schema": {"type": "string", "enum": ["0", "1"]}}
    told = {"application/json": {"schema": {"$ref": "#/components/schemas/ListTold"}}}
    refused = {str(status): refusal(status) for status in (401, 403, 409, 413, 503)}
    wrong = {"anyOf": [{"$ref": "#/components/schemas/ListTold"}, {"$ref": "#/components/schemas/Error"}]}
    why = "The list has problems: all of them by line. Or its name or `dry_run` is none."
    refused["422"] = {"description": why, "content": {"application/json": {"schema": wrong}}}

    def operation(id: str, summary: str, **more: Any) -> dict[str, Any]:
        answers = {"200": {"description": "Done; the lines that the command prints.", "content": told}, **refused}
        about = {"operationId": id, "summary": summary, "description": "Role: owner.", "x-role": "owner"}
        return {**about, "responses": answers, **more}

    body = {"required": True, "content": {"application/octet-stream": {"schema": {}}}}
    take = operation("take_list", TAKE, parameters=[name, dry_run], requestBody=body)
    remove = operation("remove_list", REMOVE, parameters=[name])
    remove["responses"] = {**remove["responses"], "404": refusal(404)}
    return {f"{PATH}{{name}}": {"put": take, "delete": remove}}


TAKE = "Take a list of tickets, sent as its bytes; with dry_run=1 only check it."
REMOVE = "Take a list away; used tickets stay."
