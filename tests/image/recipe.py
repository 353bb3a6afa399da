"""Where the image's recipe is."""

from __future__ import annotations

from pathlib import Path

SOURCE = Path(__file__).parents[2]
IMAGE = SOURCE / "image"
OVERLAY = IMAGE / "overlay"
SYSTEMD = SOURCE / "systemd"
