"""What went wrong on the line, as a sentence for a person and what to do about it."""

from __future__ import annotations

import socket
import ssl

from appliance.core.errors import DeviceLost
from appliance.uplink.settings import UplinkSettings

_SIGN_IN = {"Bad user name or password", "Not authorized", "Client identifier not valid", "Banned"}


def of_error(error: OSError | ValueError, settings: UplinkSettings) -> DeviceLost:
    """Explain why the line could not be opened."""
    where = f"{settings.broker().host}:{settings.broker().port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        message = f"The broker {where} shows a certificate that is not trusted: {error.verify_message}."
        return DeviceLost("broker_untrusted", message, "Check the box's clock and the broker's certificate.")
    if isinstance(error, ssl.SSLError):
        message = f"The broker {where} does not speak TLS with this box: {error.reason or error}."
        return DeviceLost("broker_untrusted", message, "Check whether the address must begin with mqtt:// or mqtts://.")
    if settings.broker().tls and isinstance(error, ConnectionResetError | BrokenPipeError):
        message = f"The broker {where} hangs up on TLS: it may speak none at this port."
        return DeviceLost("broker_untrusted", message, "Check the port, and whether the line is to be encrypted.")
    if isinstance(error, socket.gaierror | ValueError):
        message = f"The name of the broker, {settings.broker().host}, cannot be found."
        return DeviceLost("broker_unknown", message, "Check the network and the broker's address. Sales go on.")
    message = f"The broker {where} cannot be reached: {error.strerror or error}."
    return DeviceLost("broker_away", message, "Nothing to do if the network is away: sales go on and are sent later.")


def of_reason(reason: str, settings: UplinkSettings) -> DeviceLost:
    """Explain why the broker ended or refused the connection."""
    where = f"{settings.broker().host}:{settings.broker().port}"
    if reason in _SIGN_IN:
        message = f"The broker {where} does not let this box in: {reason.lower()}."
        return DeviceLost("broker_refused", message, "Check the uplink's user name and password.")
    if reason == "Session taken over":
        message = f"Another connection at the broker {where} uses this box's name."
        return DeviceLost("name_taken", message, "Give each box of the fleet a name of its own.")
    message = f"The connection to the broker {where} is lost: {reason[:1].lower()}{reason[1:]}."
    return DeviceLost("broker_away", message, "Nothing to do: sales go on and are sent when the broker is back.")
