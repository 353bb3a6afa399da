"""Phone numbers: read as people of a country write them, kept as E.164, shown by their last digits."""

from __future__ import annotations

import re

from appliance.core.errors import Refusal

_COUNTRY = re.compile(r"[A-Z]{2}")
_SHOWN_DIGITS = 3


def is_country(code: str) -> bool:
    """Tell whether this is the ISO 3166 code of a country with phone numbers."""
    from phonenumbers import SUPPORTED_REGIONS  # 1.5 MB, which a box without a modem never needs

    return bool(_COUNTRY.fullmatch(code)) and code in SUPPORTED_REGIONS


def e164(text: str, country: str) -> str:
    """Return a number as E.164. `country` is for national ones; empty takes international ones only.

    Raises Refusal: `number_country`, `number_wrong`, `number_no_texts`. No message repeats the number.
    """
    import phonenumbers

    if not country and not text.strip().startswith(("+", "00")):
        raise Refusal("number_country", "Write the number with its country, such as +49 170 1234567.")
    try:
        number = phonenumbers.parse(text if country else re.sub(r"^\s*00", "+", text), country or None)
    except phonenumbers.NumberParseException as error:
        raise Refusal("number_wrong", "This is no phone number: check its digits.") from error
    if number.extension or not phonenumbers.is_valid_number(number):
        where = f" in {country}" if country else ""
        raise Refusal("number_wrong", f"There is no such phone number{where}: check its digits and its country.")
    kind = phonenumbers.PhoneNumberType
    if phonenumbers.number_type(number) not in (kind.MOBILE, kind.FIXED_LINE_OR_MOBILE, kind.UNKNOWN):
        raise Refusal("number_no_texts", "This number takes no text messages: ask for a mobile number.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def masked(number: str) -> str:
    """Show the last three digits of a number; nothing of one that was wiped."""
    return f"…{number[-_SHOWN_DIGITS:]}" if number else ""
