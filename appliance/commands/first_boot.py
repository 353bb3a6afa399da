"""`stallbox first-boot`: what a new card is given once; systemd calls it at every start, before the network."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import click

from appliance.config import OWN_FILE, OwnSettings, Settings, layers, load_anyhow, mistakes
from appliance.core.document import plain_text
from appliance.core.errors import DeviceLost, Refusal
from appliance.core.hello import Hello, hello_slip
from appliance.firstboot.network import ADDRESS
from appliance.firstboot.steps import CARD_SETTINGS, FirstBoot, Places
from appliance.store import keys
from appliance.web.tokens import TOKENS, Tokens, load_or_create

BOARD = "proc/device-tree/model"
SCREEN_COLUMNS = 60


@click.command("first-boot")
@click.option("--root", type=click.Path(path_type=Path), default=Path("/"), hidden=True)
@click.option("--renew", is_flag=True, help="As if the button was held at power-on: a new Wi-Fi password, new PINs.")
def first_boot(root: Path, renew: bool) -> None:
    """Give a new card its names and passwords, and take in what its owner wrote on it."""
    places = Places.below(root)
    main = places.settings.parent / "stallbox.toml"
    # Settings with a mistake keep nobody from reading the card, which is where they are mended.
    # Only a Pi has the button; on other machines asking for it takes seconds.
    renew = renew or (_is_pi(root) and _button_is_held(load_anyhow(layers(default=main))))
    wrong = partial(mistakes, place=places.settings / CARD_SETTINGS, main=main, own=places.data / OWN_FILE)
    show = partial(_show_wifi, places.data)
    hello = FirstBoot(places, keys.write_durably, _give_to_daemon, renew, mistakes=wrong, show=show).run()
    tokens = load_or_create(places.data / TOKENS, keys.write_durably)
    _give_to_daemon(places.data / TOKENS)
    if hello is not None:
        click.echo(_screen(load_anyhow(layers(default=main)), hello, tokens))


def _screen(settings: Settings, hello: Hello, tokens: Tokens) -> str:
    """Return what stands on the first screen; PINs that the daemon is about to draw are on paper only."""
    if hello.renew_pins:
        return "A new Wi-Fi password and new PINs are being printed."
    address = settings.http.public_url or f"http://{ADDRESS}"
    slip = hello_slip(settings.box.name, address, hello, tokens.staff_pin, tokens.owner_pin)
    return plain_text(slip, SCREEN_COLUMNS)


def _show_wifi(data: Path, name: str, password: str) -> None:
    """Have the setup page and the printed code say the Wi-Fi in force, if the owner had set another one there."""
    try:
        OwnSettings(data, keys.write_durably).show_wifi(name, password)
    except Refusal as refusal:  # a name with signs in it that no screen shows
        click.echo(refusal.message, err=True)
    if (data / OWN_FILE).exists():
        _give_to_daemon(data / OWN_FILE)


def _is_pi(root: Path) -> bool:
    """Tell by the device tree whether this is a Raspberry Pi."""
    try:
        return (root / BOARD).read_bytes().startswith(b"Raspberry Pi")
    except OSError:
        return False


def _button_is_held(settings: Settings) -> bool:
    """Tell whether the panel's button is down now; a box without a panel has none."""
    if settings.panel.driver == "absent":
        return False
    from appliance.drivers.panel.gpio import button_is_held  # gpiozero takes its time to load

    try:
        return button_is_held(settings.panel.button_pin)
    except DeviceLost as lost:
        click.echo(f"The button cannot be read: {lost.message}", err=True)
        return False


def _give_to_daemon(path: Path) -> None:
    """Make a file the daemon's, who has the folder that it is in."""
    owner = path.parent.stat()
    shutil.chown(path, owner.st_uid, owner.st_gid)
