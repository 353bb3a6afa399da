"""The face of a modem that sends text messages, and what it says of itself in words."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.core.devices import Condition, Device, Health
from appliance.core.errors import StallboxError
from appliance.core.sms.parts import Part
from appliance.core.sms.pdu import Report

WEAK_DBM = -105  # below, messages often fail


class Sim(enum.StrEnum):
    """How the SIM card is."""

    READY = "ready"
    MISSING = "missing"
    PIN_NEEDED = "pin_needed"
    PIN_WRONG = "pin_wrong"
    PUK_NEEDED = "puk_needed"
    UNKNOWN = "unknown"


class Network(enum.StrEnum):
    """Whether a network takes this SIM."""

    HOME = "home"
    ROAMING = "roaming"
    SEARCHING = "searching"
    DENIED = "denied"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ModemStatus:
    """What the modem last said of itself; `signal_dbm` None where it does not know."""

    sim: Sim
    network: Network = Network.NONE
    signal_dbm: int | None = None

    @property
    def can_send(self) -> bool:
        """Whether a message may be tried now."""
        return self.sim is Sim.READY and self.network in (Network.HOME, Network.ROAMING)


class SmsRefused(StallboxError):
    """The network or the modem did not take the part; it was not sent. `temporary`: it may be tried again later."""

    def __init__(self, code: str, message: str, temporary: bool) -> None:
        super().__init__(code, message)
        self.temporary = temporary


class SmsUnsure(StallboxError):
    """The part was handed over and no answer came: it may have been sent, and is not tried again by itself."""


class Modem(Device, Protocol):
    """A modem with a SIM card."""

    def status(self) -> ModemStatus:
        """Ask how it is. Raises DeviceLost."""

    def send(self, number: str, part: Part) -> int:
        """Hand one part for a number (E.164) to the network; return its reference, 0 to 255.

        Raises DeviceLost and SmsRefused (nothing was sent), SmsUnsure (the end is not known).
        """

    def reports(self, timeout_s: float) -> Sequence[Report]:
        """Return the status reports that came since, after at most `timeout_s`. Raises DeviceLost."""


_SIM = {
    Sim.MISSING: ("There is no SIM card in the modem.", "Put one in, then plug the modem in again."),
    Sim.PIN_NEEDED: ("The SIM card wants its PIN.", "Set modem.pin in the configuration."),
    Sim.PIN_WRONG: ("The SIM card's PIN is not the one in modem.pin.", "Correct it; it is not tried a second time."),
    Sim.PUK_NEEDED: ("The SIM card is locked after wrong PINs.", "Unlock it with its PUK in a telephone."),
    Sim.UNKNOWN: ("The modem cannot read its SIM card.", "Take the card out and put it in again."),
}
_NETWORK = {
    Network.SEARCHING: (Health.DEGRADED, "The modem looks for a network; messages wait.", "Move it, or its antenna."),
    Network.NONE: (Health.DEGRADED, "The modem has no network; messages wait.", "Check antenna and reception."),
    Network.DENIED: (Health.OFFLINE, "The network refuses this SIM card.", "Ask its provider whether it is active."),
}


def modem_condition(status: ModemStatus) -> Condition:
    """Say in words how a modem is that answered."""
    details = {"sim": str(status.sim), "network": str(status.network), "signal_dbm": status.signal_dbm}
    if status.sim in _SIM:
        return Condition(Health.OFFLINE, *_SIM[status.sim], details)
    if status.network in _NETWORK:
        health, reason, advice = _NETWORK[status.network]
        return Condition(health, reason, advice, details)
    if status.signal_dbm is not None and status.signal_dbm < WEAK_DBM:
        reason = f"The signal is weak ({status.signal_dbm} dBm)."
        return Condition(Health.DEGRADED, reason, "Move the modem, or its antenna.", details)
    return Condition(details=details)
