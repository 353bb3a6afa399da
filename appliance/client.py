"""A small client of a box's own HTTP face, for the commands that look at a box from outside."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

NOTE = "daemon.json"  # in the data folder while a daemon runs: {"address": "http://127.0.0.1:8080"}
LIMIT_S = 10.0


class Client:
    """Speaks to one box. Answers are (HTTP status, JSON body); a box that is away raises OSError."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address
        self._token = token

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """Ask for a page of JSON."""
        return self._ask(urllib.request.Request(self.address + path))

    def post(self, path: str, body: object, key: str = "") -> tuple[int, dict[str, Any]]:
        """Send a command; `key` is its Idempotency-Key."""
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        if key:
            request.add_header("Idempotency-Key", key)
        return self._ask(request)

    def bytes(self, path: str) -> bytes:
        """Ask for something that is no JSON, such as a picture."""
        with urllib.request.urlopen(self.address + path, timeout=LIMIT_S) as answer:
            return bytes(answer.read())

    def _ask(self, request: urllib.request.Request) -> tuple[int, dict[str, Any]]:
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())


def running_box(data: Path) -> Client | None:
    """Return a client with the owner's rights for the daemon on a data folder, None if none runs there."""
    try:
        address = json.loads((data / NOTE).read_text(encoding="utf-8"))["address"]
        token = json.loads((data / "tokens.json").read_text(encoding="utf-8"))["owner"]
        box = Client(address, token)
        box.get("/healthz")
    except (OSError, ValueError, KeyError):
        return None
    return box
