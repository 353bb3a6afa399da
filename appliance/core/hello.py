"""The hello slip: what a new box prints first, so that its owner can join, sign in and read its lights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from appliance.core.document import Align, Block, Cut, Document, Feed, Qr, Row, Rule, Text
from appliance.core.panel import table
from appliance.core.receipt import wifi_code


@dataclass(frozen=True, slots=True)
class Hello:
    """What the first start has to tell. `id` is told once; `renew_pins` asks the daemon for new PINs before."""

    id: str
    wifi_name: str
    wifi_password: str
    problems: Sequence[str] = ()  # with the file on the card, a sentence each
    renew_pins: bool = False

    def __repr__(self) -> str:
        return f"Hello({self.id})"

    def to_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {
            "id": self.id,
            "wifi": {"name": self.wifi_name, "password": self.wifi_password},
            "problems": list(self.problems),
            "renew_pins": self.renew_pins,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote. Raises KeyError or TypeError for anything else."""
        wifi = data["wifi"]
        return cls(data["id"], wifi["name"], wifi["password"], tuple(data["problems"]), bool(data["renew_pins"]))


def hello_slip(box: str, address: str, hello: Hello, staff_pin: str, owner_pin: str | None) -> Document:
    """Lay out the hello slip; `owner_pin` is None where the owner chose one, which no paper shows."""
    blocks: list[Block] = [Text(box, bold=True, scale=2, align=Align.CENTER), Text("HELLO", align=Align.CENTER), Feed()]
    blocks += [Text("1. Join this Wi-Fi:", bold=True), Row("Name", hello.wifi_name)]
    blocks += [Row("Password", hello.wifi_password)]
    blocks += [Qr(wifi_code(hello.wifi_name, hello.wifi_password), "scan to join"), Rule()]
    blocks += [Text("2. Open this in a browser:", bold=True), Qr(address, address), Rule()]
    blocks += [Text("3. Sign in:", bold=True), Row("Staff PIN", staff_pin, bold=True)]
    blocks += [Row("Owner PIN", owner_pin or "the one that you chose", bold=True), Rule()]
    if hello.problems:
        blocks.append(Text("To be mended on the card:", bold=True))
        blocks += [*(Text(problem) for problem in hello.problems), Rule()]
    blocks.append(Text("What the lights say:", bold=True))
    blocks += [Text(f"{seen}: {means}") for seen, means, _ in table()]
    blocks += [Feed(), Text("Keep this paper to yourself: whoever has it can open the till."), Cut()]
    return Document(tuple(blocks))
