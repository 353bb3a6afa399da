"""What of a log line may leave the box."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.scrubbing import HIDDEN, SHORTEST_SECRET, hide_secrets, scrub, scrub_kernel, scrub_log


@pytest.mark.parametrize(
    "personal",
    [
        "+49 170 5550123",
        "0170/5550123",
        "(0170) 555-0123",
        "zoe.angstrom@example.org",
        "'Zoë Ångström'",
        '"Storgatan 1"',
        "‘Corner guests’",
        "a4:cf:12:34:56:78",
        "192.168.7.23",
        "STREET-GOOD-1x7Kp2",
        "493817",
        "a7Kd2P",
        "ValueError('Zoë Ångström')",
    ],
)
def test_a_line_names_nobody(personal: str) -> None:
    told = scrub(f"appliance.somewhere: it did not work: {personal} was it, at last")
    core = personal.strip("'\"‘’").removeprefix("ValueError('").removesuffix("')")
    assert core not in told
    assert HIDDEN in told
    assert told.startswith("appliance.somewhere: it did not work: ")


def test_what_mends_a_fault_stays() -> None:
    lines = [
        "appliance.runtime.supervisor: housekeeping failed: KeyError('Zoë')",
        "Traceback (most recent call last):",
        '  File "/opt/stallbox/lib/python3.13/site-packages/appliance/services/door.py", line 57, in scan',
        '    raise KeyError("a name")',
        "KeyError: 'Zoë Ångström'",
        "Storgatan 1",
        "    111 22 Stockholm",
        "appliance.core.errors.DeviceLost: The printer of Zoë is away.",
        "appliance.runtime.board: printer is offline: /dev/ttyUSB0 is away.",
        "systemd: stallbox.service: Main process exited, code=killed, status=9/KILL",
    ]
    assert list(scrub_log(lines)) == [
        "appliance.runtime.supervisor: housekeeping failed: KeyError(…)",
        "Traceback (most recent call last):",
        "  File /opt/stallbox/lib/python3.13/site-packages/appliance/services/door.py, line 57, in scan",
        '    raise KeyError("a name")',
        "KeyError: …",
        HIDDEN,
        HIDDEN,
        "appliance.core.errors.DeviceLost: …",
        "appliance.runtime.board: printer is offline: /dev/ttyUSB0 is away.",
        "systemd: stallbox.service: Main process exited, code=killed, status=9/KILL",
    ]
    assert scrub_kernel("mmc0: error -110 reading block 1234567") == "mmc0: error -110 reading block 1234567"


def test_a_traceback_without_its_source_lines_hides_the_text_as_well() -> None:
    lines = ['  File "/opt/stallbox/door.py", line 57, in scan', "ValueError: Zoë Ångström", "Zoë Ångström"]
    assert list(scrub_log(lines))[1:] == ["ValueError: …", HIDDEN]


@given(st.text(min_size=SHORTEST_SECRET, max_size=40).filter(lambda text: HIDDEN not in text), st.text(), st.text())
def test_no_secret_is_left_wherever_it_stands(secret: str, before: str, after: str) -> None:
    told = hide_secrets(f"{before}{secret}{after}", [secret, secret[1:], "other"])
    assert secret not in told.replace(HIDDEN, "\0")


@given(st.lists(st.text(), max_size=12))
def test_a_log_has_as_many_lines_as_before(lines: list[str]) -> None:
    assert len(list(scrub_log(lines))) == len(lines)
