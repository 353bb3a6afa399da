"""The line of a key in a TOML text."""

from __future__ import annotations

import pytest

from appliance.core.tomltext import Lines

TEXT = """\
title = "a = b"
"quoted key" = 1

[printer]   # the one on the left
columns = 48
  baud_rate = 9600

[ scanners . "door" ]
driver = "hid"
[scanners.till]
[uplink]
limits = { in_flight = 1 }
a.b.c = 5
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("title",), 1),
        (("quoted key",), 2),
        (("printer",), 4),
        (("printer", "columns"), 5),
        (("printer", "baud_rate"), 6),
        (("scanners",), 8),
        (("scanners", "door", "driver"), 9),
        (("scanners", "till"), 10),
        (("uplink", "limits", "in_flight"), 12),
        (("uplink", "a", "b", "c"), 13),
        (("uplink", "a"), 13),
        (("absent",), None),
    ],
)
def test_line_of(place, line):
    assert Lines(TEXT).find(place) == line
