"""Slips that the box prints of itself: how it is, that it shuts down, a new PIN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from appliance.core.devices import DeviceState, Health
from appliance.core.document import Align, Block, Cut, Document, Feed, Row, Rule, Text
from appliance.core.journal import KINDS, Entry

Facts = Mapping[str, object]


def status_slip(
    box: str, at: str, address: str, battery: Facts, devices: Sequence[DeviceState], counts: Facts
) -> Document:
    """Lay out how the box is: power, devices, the day's counts."""
    blocks: list[Block] = [*_title(box, "STATUS", at), Text(address), Rule()]
    blocks += [Row("Charge", battery_text(battery))]
    for device in devices:
        if device.health is not Health.ABSENT:
            blocks.append(Row(device.name, device.health.value))
            blocks += [Text(f"  {device.reason}")] if device.reason else []
    blocks += [Rule(), *(Row(name.replace("_", " ").capitalize(), str(count)) for name, count in counts.items()), Cut()]
    return Document(tuple(blocks))


def shutdown_slip(box: str, at: str, reason: str, battery: Facts) -> Document:
    """Lay out why the box goes off, and how it comes back."""
    blocks: list[Block] = [*_title(box, "SHUTTING DOWN", at), Text(reason), Row("Battery", battery_text(battery))]
    blocks += [Feed(), Text("All sales are safe. Charge the battery; the box then starts by itself, or by its switch.")]
    return Document((*blocks, Cut()))


def pin_slip(box: str, at: str, pin: str) -> Document:
    """Lay out a new owner PIN."""
    blocks: list[Block] = [*_title(box, "NEW OWNER PIN", at), Text(pin, bold=True, scale=2, align=Align.CENTER)]
    blocks += [Feed(), Text("The old one is void. Everybody signs in again. Keep this paper to yourself."), Cut()]
    return Document(tuple(blocks))


def approval_slip(event: str, entry: Entry, at: str) -> Document:
    """Lay out that a supervisor lent a right for an act that has no paper of its own; who they are is added below."""
    data = entry.data
    discounts = [step for line in data.get("lines", ()) for step in line.get("adjustments", ())]
    whys = [data.get("offer", ""), data.get("reason", ""), *(step["what"] for step in discounts)]
    blocks: list[Block] = [*_title(event, "APPROVED", at), Text(KINDS[entry.kind])]
    blocks += [Text(f"  {why}") for why in dict.fromkeys(whys) if why]
    return Document((*blocks, Row("Journal", str(entry.seq)), Feed(), Cut()))


def battery_text(battery: Facts) -> str:
    """Write the battery in a few words: `24 %, about 1 h 20 min left`."""
    if not battery or battery.get("present") is False:
        return "none"
    charge, mv, left_min = battery.get("charge_pct"), battery.get("battery_mv"), battery.get("left_min")
    words = [f"{charge} %" if charge is not None else "charge unknown"]
    if charge is None and isinstance(mv, int):
        words.append(f"{mv / 1000:.1f} V")
    if battery.get("charging"):
        words.append("charging")
    elif isinstance(left_min, int):
        words.append(f"about {span_text(left_min)} left")
    return ", ".join(words)


def span_text(minutes: int) -> str:
    """Write a span: `45 min`, `2 h 05 min`."""
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"


def _title(box: str, title: str, at: str) -> list[Block]:
    return [Text(box, bold=True, align=Align.CENTER), Text(title, bold=True, scale=2, align=Align.CENTER),
            Text(at, align=Align.CENTER), Feed()]  # fmt: skip
