"""What each light of the panel means: one table, from which the lamps are set and the card is printed."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.core.devices import Blink, DeviceState, Health, Lamp, Sound
from appliance.core.power import PowerState


@dataclass(frozen=True, slots=True)
class Light:
    """One thing that the panel can say, and what to do then."""

    lamps: Mapping[Lamp, Blink]
    means: str
    advice: str = ""
    sound: Sound = Sound.NONE

    def shown(self) -> str:
        """Write what is to be seen: `green on`, `red and status blink fast`."""
        blinks = set(self.lamps.values())
        names = " and ".join(self.lamps)
        verb = "s" if len(self.lamps) == 1 else ""
        words = {Blink.ON: "on", Blink.OFF: "off", Blink.SLOW: f"blink{verb} slowly", Blink.FAST: f"blink{verb} fast"}
        return f"{names} {words[blinks.pop()]}"


LIGHTS: Mapping[str, Light] = {
    "normal": Light({Lamp.GREEN: Blink.ON}, "Power is fine."),
    "powered": Light({Lamp.GREEN: Blink.SLOW}, "Power comes in, from the sun or a plug."),
    "saving": Light({Lamp.AMBER: Blink.ON}, "Half of the battery is used: the box saves.", "Charge when you can."),
    "battery_lost": Light({Lamp.AMBER: Blink.SLOW}, "The battery board does not answer.", "See the staff page."),
    "low": Light({Lamp.RED: Blink.ON}, "The battery is low.", "Charge now."),
    "critical": Light({Lamp.RED: Blink.FAST}, "The battery is almost empty.", "Finish the sale: the box shuts down."),
    "admit": Light({Lamp.STATUS: Blink.ON}, "Let them in.", sound=Sound.ADMIT),
    "refuse": Light({Lamp.STATUS: Blink.FAST}, "Do not let them in.", "Read the screen.", Sound.REFUSE),
    "not_ready": Light({Lamp.STATUS: Blink.SLOW}, "The box cannot sell or admit now.", "See the staff page."),
    "printer_near_end": Light({Lamp.PRINTER: Blink.SLOW}, "The paper is near its end.", "Have a new roll at hand."),
    "printer_offline": Light({Lamp.PRINTER: Blink.FAST}, "The printer does not print.", "Paper, cover, cable, power."),
    "network": Light({Lamp.NETWORK: Blink.ON}, "Connected: sales are forwarded."),
    "network_away": Light({Lamp.NETWORK: Blink.SLOW}, "No connection: sales wait in the box, safely."),
    "fault": Light(
        {Lamp.RED: Blink.FAST, Lamp.STATUS: Blink.FAST},
        "The software has stopped.",
        "Wait a minute, then switch off and on.",
    ),
}


class Press(enum.StrEnum):
    """What the button asks for, by how long it was held."""

    SLIP = "slip"
    SHUTDOWN = "shutdown"
    PIN = "pin"


LONG_S = 3.0
VERY_LONG_S = 10.0
BUTTON: Mapping[Press, tuple[str, str]] = {  # how it is pressed, and what it does
    Press.SLIP: ("shortly", "Prints how the box is."),
    Press.SHUTDOWN: (f"for {LONG_S:g} seconds", "Shuts the box down safely."),
    Press.PIN: (f"for {VERY_LONG_S:g} seconds", "Makes a new owner PIN and prints it."),
}


def press_of(held_s: float) -> Press:
    """Return what a press of so many seconds asks for."""
    if held_s >= VERY_LONG_S:
        return Press.PIN
    return Press.SHUTDOWN if held_s >= LONG_S else Press.SLIP


_POWER_LAMPS = (Lamp.GREEN, Lamp.AMBER, Lamp.RED)


def _alone(names: Sequence[str], lamps: Sequence[Lamp]) -> Mapping[Lamp, Blink]:
    """Return these lamps as the lights named set them, and dark otherwise."""
    shown = {lamp: blink for name in names for lamp, blink in LIGHTS[name].lamps.items()}
    return {lamp: shown.get(lamp, Blink.OFF) for lamp in lamps}


def lamps_for(state: PowerState, charging: bool, lost: bool = False) -> Mapping[Lamp, Blink]:
    """Return what the three power lamps show; `lost` says that the board does not answer."""
    if lost:
        return _alone(["battery_lost"], _POWER_LAMPS)
    return _alone([state.value, "powered"] if charging else [state.value], _POWER_LAMPS)


def device_lamps(devices: Sequence[DeviceState], state: PowerState) -> Mapping[Lamp, Blink]:
    """Return what the printers' and the network's lamp show; a box that saves leaves out that all is well.

    Of several printers the one that is worst off counts.
    """
    printers, uplinks = ({device.health for device in devices if device.kind == kind} for kind in ("printer", "uplink"))
    lights = []
    if Health.OFFLINE in printers:
        lights.append("printer_offline")
    elif Health.DEGRADED in printers:
        lights.append("printer_near_end")
    if Health.OFFLINE in uplinks:
        lights.append("network_away")
    elif uplinks - {Health.ABSENT} and state is PowerState.NORMAL:
        lights.append("network")
    return _alone(lights, (Lamp.PRINTER, Lamp.NETWORK))


def fault_lamps() -> Mapping[Lamp, Blink]:
    """Return what the panel shows while no daemon runs."""
    return _alone(["fault"], tuple(Lamp))


def table() -> Sequence[tuple[str, str, str]]:
    """Return the table for people: what is seen (or pressed), what it means, what to do."""
    sounds = {Sound.ADMIT: ", one long tone", Sound.REFUSE: ", three short tones"}
    lights = [(f"{light.shown()}{sounds.get(light.sound, '')}", light.means, light.advice) for light in LIGHTS.values()]
    return [*lights, *((f"button pressed {how}", what, "") for how, what in BUTTON.values())]
