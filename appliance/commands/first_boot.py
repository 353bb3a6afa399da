"""`stallbox first-boot`: what a new card is given once; systemd calls it at every start, before the network."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from appliance.bootstrap import TOKENS
from appliance.commands.place import Place, placed
from appliance.config import ConfigError
from appliance.core.document import plain_text
from appliance.core.errors import StallboxError
from appliance.core.hello import hello_slip
from appliance.firstboot.steps import FirstBoot, Places
from appliance.store import keys
from appliance.web.tokens import load_or_create

MODEL = "proc/device-tree/model"
SCREEN_COLUMNS = 60


@click.command("first-boot")
@click.option("--root", type=click.Path(path_type=Path), default=Path("/"), hidden=True)
@click.option("--renew", is_flag=True, help="As if the button was held at power-on: a new Wi-Fi password, new PINs.")
@placed
def first_boot(place: Place, root: Path, renew: bool) -> None:
    """Give a new card its names and passwords, and take in what its owner wrote on it."""
    places = Places(root)
    renew = renew or (_model(root).startswith("Raspberry Pi") and _button_is_held(place))
    hello = FirstBoot(places, keys.write_durably, _give_to_daemon, renew).run()
    tokens = load_or_create(places.data / TOKENS, keys.write_durably)
    _give_to_daemon(places.data / TOKENS)
    if hello is None:
        return
    settings = place.settings()
    if hello.renew_pins:
        click.echo("New PINs are being printed.")
        return
    address = settings.http.public_url or "http://stall.box"
    slip = hello_slip(settings.box.name, address, hello, tokens.staff_pin, tokens.owner_pin)
    click.echo(plain_text(slip, SCREEN_COLUMNS))


def _model(root: Path) -> str:
    """Return the name of the board, as its device tree tells it."""
    try:
        return (root / MODEL).read_text(encoding="ascii", errors="replace").rstrip("\0")
    except OSError:
        return ""


def _button_is_held(place: Place) -> bool:
    """Tell whether the panel's button is down now; a box without a panel has none."""
    try:
        panel = place.settings().panel
        if panel.driver == "absent":
            return False
        from appliance.drivers.panel.gpio import button_is_held  # gpiozero takes its time to load

        return button_is_held(panel.button_pin)
    except (ConfigError, StallboxError):
        return False


def _give_to_daemon(path: Path) -> None:
    """Make a file the daemon's, who has the folder that it is in."""
    owner = path.parent.stat()
    shutil.chown(path, owner.st_uid, owner.st_gid)
