"""What of a log line may leave the box: nothing that names a person, a number, a code or a secret.

Our own log holds nothing personal by intention; a traceback may all the same (`ValueError: Zoë Ångström`). So a line
loses more than it must, and keeps what mends a fault: where it happened, and of which kind it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

HIDDEN = "…"
SHORTEST_SECRET = 4
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_HARDWARE = re.compile(r"\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?!127\.)\d{1,3}(?:\.\d{1,3}){3}\b")
_LONG_NUMBER = re.compile(r"\+?\d[\d ()/.-]{4,}\d")  # telephone numbers as people write them, PINs, codes
_QUOTED = re.compile(r"""(?<!\w)'[^']*'|"[^"]*"|‘[^’]*’|“[^”]*”""")
# Letters and digits: tokens, codes, ids. Devices are named by both as well, and name nobody.
_CODE = re.compile(
    r"\b(?!(?:tty|mmcblk|hotspot|event|video|python|sqlite)\w*\b)(?=[\w-]*\d)(?=[\w-]*[^\W\d_])[\w-]{6,}"
)
_SOURCE_LINE = re.compile(r'\s*File "([^"]+)", line (\d+)(.*)')
_RAISED = re.compile(r"((?:\w+\.)+[A-Z]\w*|[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt)): .*", re.DOTALL)
_RECORD = re.compile(r"[\w.@-]+: ")
_OF_TRACEBACKS = frozenset(
    (
        "Traceback (most recent call last):",
        "During handling of the above exception, another exception occurred:",
        "The above exception was the direct cause of the following exception:",
    )
)
_SHOWN = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Warning|Lost|Refusal|Unavailable|Unsure))\(.*", re.DOTALL)


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """Hide what must not be read, wherever it stands; the longest first, since one may be part of another."""
    for secret in sorted({secret for secret in secrets if len(secret) >= SHORTEST_SECRET}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def scrub(line: str) -> str:
    """Return a text of ours as it may be handed on: without addresses, numbers, codes, and what stands in quotes."""
    line = _SHOWN.sub(rf"\1({HIDDEN})", line)
    for pattern in (_QUOTED, _MAIL, _HARDWARE, _ADDRESS, _LONG_NUMBER, _CODE):
        line = pattern.sub(HIDDEN, line)
    return line


def scrub_log(lines: Iterable[str]) -> Iterator[str]:
    """Return the lines of our own log as they may be handed on, one for each.

    A record begins with the name of who wrote it, a traceback has its own form; what is neither, such as the second
    line of an exception's text, is hidden whole.
    """
    is_source = False  # the line after `File "…"` is one of ours
    for line in lines:
        if found := _SOURCE_LINE.fullmatch(line):
            yield f"  File {found[1]}, line {found[2]}{found[3]}"
        elif (is_source and line.startswith("    ")) or line.strip() in _OF_TRACEBACKS:
            yield line
        elif found := _RAISED.fullmatch(line.strip()):
            yield f"{found[1]}: {HIDDEN}"
        else:
            yield scrub(line) if _RECORD.match(line) else HIDDEN
        is_source = bool(found) and line.lstrip().startswith("File ")


def scrub_kernel(line: str) -> str:
    """Return a line of the kernel's log: it knows of devices only, whose numbers are needed."""
    return _HARDWARE.sub(HIDDEN, line)
