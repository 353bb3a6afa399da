"""Where the letters come from: Debian's fonts, put into every PDF so that it looks the same everywhere."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from appliance.core.errors import StallboxError

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# Letters that DejaVu lacks. Debian: fonts-droid-fallback (Chinese, Japanese), fonts-nanum (Korean). TrueType only.
FALLBACKS = ("DroidSansFallbackFull.ttf", "NanumGothic.ttf")


@dataclass(frozen=True, slots=True)
class Fonts:
    """Font files; `fallbacks` are asked in order for what the others lack."""

    regular: Path
    bold: Path
    code: Path
    fallbacks: tuple[Path, ...]


def find_fonts() -> Fonts:
    """Find the fonts on this computer. Raises StallboxError if there are none."""
    named = [_find(name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono-Bold.ttf")]
    regular, bold, code = named
    if regular is None or bold is None or code is None:
        raise StallboxError(
            "fonts_missing", "The DejaVu fonts are not on this computer: install the package fonts-dejavu-core."
        )
    return Fonts(regular, bold, code, tuple(filter(None, map(_find, FALLBACKS))))


@functools.cache
def _find(name: str) -> Path | None:
    return next((path for folder in FOLDERS for path in folder.rglob(name)), None)
