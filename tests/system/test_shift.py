"""A shift as people work it: two cashiers and a supervisor at the real daemon, the plug pulled in the middle."""

from __future__ import annotations

import http.client
import json
import re
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from tests.system.daemon import Daemon

pytestmark = pytest.mark.system
CUP = {"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "cash", "amount_minor": 3000}}


class Tablet:
    """A browser at the staff page, as one cashier."""

    def __init__(self, daemon: Daemon, pin: str) -> None:
        self.address = daemon.address
        self.cookie = ""
        page = self._ask("GET", "/staff")
        token = re.search(r'name="form_token" value="([^"]+)"', page)[1]  # type: ignore[index]
        form = urllib.parse.urlencode({"pin": pin, "form_token": token})
        self._ask("POST", "/staff", form, {"Content-Type": "application/x-www-form-urlencoded"})

    def get(self, path: str, **headers: str) -> dict[str, Any]:
        return dict(json.loads(self._ask("GET", f"/api/v1{path}", None, headers)))

    def post(self, path: str, body: object, pin: str = "", key: str = "") -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "X-Stallbox": "1"}
        headers |= {"X-Supervisor-Pin": pin} if pin else {}
        headers |= {"Idempotency-Key": key} if key else {}
        return dict(json.loads(self._ask("POST", f"/api/v1{path}", json.dumps(body), headers)))

    def _ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> str:
        connection = http.client.HTTPConnection(*self.address, timeout=15)
        try:
            connection.request(method, path, body, {"Cookie": self.cookie, **(headers or {})})
            answer = connection.getresponse()
            self.cookie = (answer.getheader("Set-Cookie") or self.cookie).split(";")[0]
            return answer.read().decode()
        finally:
            connection.close()


def add(daemon: Daemon, name: str, *rights: str) -> str:
    said = daemon.done("cashiers", "add", name, "--rights", ",".join(rights))
    return re.search(r"PIN (\d{6})", said)[1]  # type: ignore[index]


def test_a_shift_of_two_cashiers_survives_the_plug_and_ends_signed(tmp_path: Path) -> None:
    with Daemon(tmp_path) as daemon:
        daemon.load_event()
        daemon.start()
        pins = {name: add(daemon, name) for name in ("Ana", "Ben")}
        pins["Chief"] = add(daemon, "Chief", "refund", "drawer", "report")
        assert [who["name"] for who in json.loads(daemon.done("cashiers", "list", "--json"))] == ["Ana", "Ben", "Chief"]
        ana, ben = Tablet(daemon, pins["Ana"]), Tablet(daemon, pins["Ben"])
        assert ana.post("/shifts", {"float_minor": 10_000})["id"] == 1
        assert ana.post("/orders", CUP)["change_minor"] == 600
        sale = ben.post("/orders", CUP)["sale"]["number"]
        refund = (f"/sales/{sale}/refund", {"reason": "cracked"})
        assert ben.post(*refund, key="k")["error"]["right"] == "refund"
        assert ben.post(*refund, pin=pins["Chief"], key="k")["refund"]["amount_minor"] == 2400
        out = {"direction": "out", "amount_minor": 500, "reason": "tape"}
        assert ana.post("/shifts/current/cash", out, pin=pins["Chief"])["amount_minor"] == 500
        assert ana.get("/shifts/report")["error"]["code"] == "right_needed"

        daemon.kill()
        daemon.start()
        assert ben.post(*refund, pin=pins["Chief"], key="k")["refund"]["amount_minor"] == 2400  # told again, not done
        x = ana.get("/shifts/report", **{"X-Supervisor-Pin": pins["Chief"]})
        assert (x["kind"], x["expected_minor"], x["counted_minor"]) == ("X", 10_000 + 2400 - 500, None)
        count = {"count": [{"denomination_minor": 2000, "quantity": 6}]}
        assert ana.post("/shifts/current/count", count)["difference_minor"] == 100

        daemon.kill()  # the count is not lost either
        daemon.start()
        z = ana.post("/shifts/current/close", {})
        assert (z["kind"], z["difference_minor"], z["counted_minor"]) == ("Z", 100, 12_000)
        assert {who: figures["refunds"] for who, figures in z["cashiers"].items()} == {"c1": 0, "c2": 1}
        assert json.loads(daemon.done("shift", "report", "--z", "1", "--json")) == z
        paper = daemon.done("shift", "report", "--z", "1")
        assert "Z REPORT 1" in paper
        assert "Ben, 1 sale" in paper
        assert "1 signed heads" in daemon.done("journal", "verify")
        assert not re.search("Ana|Ben|Chief", json.dumps(daemon.journal()))
        renewed = re.search(r"PIN (\d{6})", daemon.done("cashiers", "pin", "Ben"))[1]  # type: ignore[index]
        assert ben.get("/sales")["error"]["code"] == "unauthorised"
        assert "error" not in Tablet(daemon, renewed).get("/sales")
        daemon.done("cashiers", "remove", "Ana")
        assert ana.get("/sales")["error"]["code"] == "unauthorised"
        assert daemon.command("shift", "report", "--z", "2").returncode == 1
        assert daemon.command("cashiers", "add", "Dee", "--rights", "fly").returncode == 2
        assert daemon.stop() == 0, daemon.errors()
