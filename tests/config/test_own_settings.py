"""What the setup page keeps: checked before it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.config import OWN_FILE, OwnSettings, load
from appliance.core.errors import Refusal
from appliance.store import keys


def test_the_power_may_go_before_a_setting_is_refused(tmp_path: Path) -> None:
    seen = []

    def write(path: Path, content: bytes) -> None:
        keys.write_durably(path, content)
        seen.append(load([kept]).box.name)  # what a start would go by that came now

    kept = tmp_path / OWN_FILE
    kept.write_text('[box]\nname = "Cheese"\n')
    own = OwnSettings(tmp_path, write)
    with pytest.raises(Refusal, match=r"wifi\.password: .* is no Wi-Fi password"):
        own.keep_all({"box": {"name": "Page"}, "wifi": {"name": "Page", "password": "short"}})
    own.keep("box", {"name": "Bread"})
    assert seen == ["Cheese", "Cheese", "Bread"]
    assert [path.name for path in tmp_path.iterdir()] == [OWN_FILE]
