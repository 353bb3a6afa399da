"""What staff's and the owner's pages say: seven languages of our own, any other from the event file. Pure."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from importlib import resources

from appliance.core.screen import SCREEN_LANGUAGES, ScreenLanguage, own_screen
from appliance.core.texts import Texts

# Folders of core/languages/office: what which pages say. Their keys are all different.
PARTS = ("pages", "staff", "setup", "refused", "journal")
MAX_TEXT = 240
# What the kiosk says as well, and how amounts are written: not said twice.
OF_SCREEN = tuple(
    "language_name decimal_mark money member_price voucher_off one_moment close back"
    " try_again no_answer no_session act_waits not_yet_known"
    " open_now last_call next_window time_left opens_in"
    " each for_ticket one_less one_more restock_of sent_later sold_out stock_left instead_of members_pay"
    " join join_saves add_it no_thanks voucher_code member_card mobile_number"
    " shipping_how shipping_what shipping_total name phone address address_hint kept_sealed no_place free"
    " place_order".split()
)


@functools.cache
def own_office(tag: str) -> ScreenLanguage:
    """Return one of SCREEN_LANGUAGES; core/languages/office/*/en.toml explain the texts."""
    of_screen = own_screen(tag).texts
    texts = {key: of_screen[key] for key in OF_SCREEN}
    for part in PARTS:
        texts |= _part(part, tag)
    return ScreenLanguage(tag, texts)


def office(tag: str, written: Iterable[ScreenLanguage]) -> ScreenLanguage:
    """Return a language that staff chose: one of the event's (`written`) or of our own, else English."""
    of_event = next((one for one in written if one.tag == tag), None)
    return of_event or own_office(tag if tag in SCREEN_LANGUAGES else "en")


@functools.cache
def keys_of(*parts: str) -> frozenset[str]:
    """Return the keys of some of PARTS."""
    return frozenset(key for part in parts for key in _part(part, "en"))


def is_one(count: int, tag: str) -> bool:
    """Tell whether so many are said as one thing. CLDR 45, plural rules: French says zero so too.

    Languages with more forms word it so that the number stands alone.
    """
    return count == 1 or (count == 0 and tag.split("-")[0] == "fr")


def _part(part: str, tag: str) -> Texts:
    file = resources.files("appliance.core") / "languages" / "office" / part / f"{tag}.toml"
    texts: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8"))
    return texts
