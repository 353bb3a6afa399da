"""Where the image's recipe is, and what it says itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

SOURCE = Path(__file__).parents[2]
IMAGE = SOURCE / "image"
OVERLAY = IMAGE / "overlay"
SYSTEMD = SOURCE / "systemd"


def told_by_recipe(word: str, variant: str = "") -> list[str]:
    """Run one of the functions of the build's own common.sh; return the lines that it says."""
    asked = ["bash", "-c", f"VARIANT={variant}; source {IMAGE}/common.sh; {word}"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
