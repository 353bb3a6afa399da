"""The languages of the kiosk's screen: seven of our own, any other from the event file. Pure."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from appliance.core.texts import LANGUAGES, Texts, own_texts

SCREEN_LANGUAGES = (*LANGUAGES, "ar")  # papers are in none that is written from the right
# What paper says as well, and how amounts are written: not said twice.
OF_PAPER = ("decimal_mark", "money", "member_price", "voucher_off", "thanks", "held")
# Languages that are written from right to left, and scripts that say so of any other (Unicode CLDR, characterOrder).
_FROM_RIGHT = frozenset("ar arc ckb dv fa he ks nqo ps sd syr ug ur yi".split())
_FROM_RIGHT_SCRIPTS = frozenset("adlm arab hebr nkoo rohg syrc thaa".split())


@dataclass(frozen=True, slots=True)
class ScreenLanguage:
    """A language that guests can choose; `tag` as RFC 5646 writes it."""

    tag: str
    texts: Texts

    @property
    def name(self) -> str:
        """What it calls itself."""
        return self.texts["language_name"]

    @property
    def direction(self) -> str:
        """Return `rtl` or `ltr`."""
        first, *more = self.tag.lower().split("-")
        script = next((part for part in more if len(part) == 4 and part.isalpha()), "")
        is_from_right = script in _FROM_RIGHT_SCRIPTS if script else first in _FROM_RIGHT
        return "rtl" if is_from_right else "ltr"


@functools.cache
def own_screen(tag: str) -> ScreenLanguage:
    """Return one of SCREEN_LANGUAGES; core/languages/screen/en.toml explains the texts."""
    file = resources.files("appliance.core") / "languages" / "screen" / f"{tag}.toml"
    paper = own_texts(tag if tag in LANGUAGES else "en")
    texts = tomllib.loads(file.read_text(encoding="utf-8"))
    return ScreenLanguage(tag, {**{key: paper[key] for key in OF_PAPER}, **texts})


def all_screens(first: str, written: Mapping[str, ScreenLanguage]) -> tuple[ScreenLanguage, ...]:
    """Return the languages that are offered when nobody chose some: the event's, the file's, then our own."""
    known = {**{tag: own_screen(tag) for tag in SCREEN_LANGUAGES}, **written}
    order = dict.fromkeys((first, *written, *SCREEN_LANGUAGES))
    return tuple(known[tag] for tag in order if tag in known)
