"""How large a body may be, asked before it is read: only the owner sends long ones, to a few addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Flask

from appliance.core.errors import Refusal
from appliance.web import access, api_lists
from appliance.web.context import WebContext
from appliance.web.owner import event
from appliance.web.tokens import Role

BodyLimit = Callable[[str, str, Mapping[str, str]], int | None]  # method, path, headers as WSGI names them
FORM_BYTES = 10_000  # what a form has around its file
LONG_FORMS = {
    "/setup/photo": event.MAX_PHOTO_BYTES + FORM_BYTES,
    "/setup/event": 2 * event.MAX_EVENT_BYTES + FORM_BYTES,
}


def body_limit(app: Flask, context: WebContext) -> BodyLimit:
    """Return what gives the limit of a request by its first lines; None: as others."""

    def limit(method: str, path: str, headers: Mapping[str, str]) -> int | None:
        is_list = method == "PUT" and path.startswith(api_lists.PATH)
        if not is_list and (method != "POST" or path not in LONG_FORMS):
            return None
        environ = {f"HTTP_{name}": value for name, value in headers.items()}
        host = {"SERVER_NAME": "box", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}
        with app.request_context({"REQUEST_METHOD": method, "PATH_INFO": path, **host, **environ}):
            try:
                if is_list:
                    access.require(context.tokens, Role.OWNER)
                    return api_lists.MAX_LIST_BYTES
                access.end_if_stale(context.vault)
                return LONG_FORMS[path] if access.session_role() is Role.OWNER else None
            except Refusal:
                return None

    return limit
