"""Somebody of the staff at the box's pages, as a browser sends what they tap."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
import uuid
from typing import Any

from tests.image.crowd import pin_on
from tests.image.machine import Machine


class Staff:
    """Signed in with the staff PIN that is on the hello slip."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        pin = pin_on(machine.paper())
        token = re.search(r'name="form_token" value="([^"]+)"', machine.get("/staff")[1])
        assert pin is not None
        assert token is not None
        form = urllib.parse.urlencode({"form_token": token[1], "pin": pin}).encode()
        status, page = machine.ask(urllib.request.Request(machine.url("/staff"), data=form))
        assert status == 200, page

    def state(self) -> dict[str, Any]:
        """Read what the staff page shows."""
        return dict(json.loads(self._machine.get("/api/v1/state")[1]))

    def device(self, name: str) -> str:
        """Return how a device is."""
        return str(self.state()["devices"].get(name, {}).get("state"))

    def sell(self, offer: str) -> str:
        """Sell one for cash; return the sale's number."""
        body = {"lines": [{"offer": offer, "quantity": 1}], "payment": {"tender": "cash", "amount_minor": 1_000_000}}
        headers = {"Content-Type": "application/json", "X-Stallbox": "1", "Idempotency-Key": uuid.uuid4().hex}
        request = urllib.request.Request(
            self._machine.url("/api/v1/orders"), data=json.dumps(body).encode(), headers=headers
        )
        status, text = self._machine.ask(request)
        assert status == 201, text
        return str(json.loads(text)["sale"]["number"])
