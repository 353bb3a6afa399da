"""The settings of text messages: the modem, and what is sent and kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.core.sms.message import SmsRules
from appliance.core.sms.numbers import is_country
from appliance.settings.rules import BAUD_RATES, Conflict, path, setting


def _pin(text: str) -> str:
    fits = not text or (text.isascii() and text.isdecimal() and 4 <= len(text) <= 8)  # 3GPP TS 31.101, 9.3
    return "" if fits else "is no PIN of a SIM card; write 4 to 8 digits in quotes"


def _country(text: str) -> str:
    return "" if not text or is_country(text) else "is not the code of a country with telephones; write it as DE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModemSettings:
    """The modem that sends text messages."""

    driver: str = setting("absent", "Kind of modem.", choices=("absent", "gsm"))
    port: str = setting(
        "", "Its command port in /dev/serial/by-id/…; needed unless absent.", unit="absolute path", check=path
    )
    baud_rate: int = setting(115200, "Speed of the serial line; USB modems take any.", unit="baud", choices=BAUD_RATES)
    pin: str = setting("", "PIN of the SIM card; empty: it has none.", unit="4 to 8 digits", check=_pin)
    country: str = setting(
        "",
        "Country of numbers that are written without one; empty: only +49 … is taken.",
        unit="ISO 3166 code such as DE",
        check=_country,
    )

    def conflicts(self) -> Iterator[Conflict]:
        """Say what does not fit together."""
        if self.driver != "absent" and not self.port:
            yield "port", f'is needed for driver = "{self.driver}"; write /dev/serial/by-id/…'


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsSettings:
    """Text messages."""

    keep_days: int = setting(
        2, "How long number and text are kept once a message ended.", unit="days", minimum=0, maximum=90
    )
    give_up_h: int = setting(24, "Age at which a message is given up.", unit="hours", minimum=1, maximum=168)
    guest_per_hour: int = setting(20, "Receipts an hour that all guests together get.", minimum=0, maximum=1000)


def sms_rules(modem: ModemSettings, sms: SmsSettings) -> SmsRules:
    """Return what holds for text messages on a box with these settings."""
    return SmsRules(modem.driver != "absent", modem.country, sms.keep_days, sms.guest_per_hour, sms.give_up_h)
