"""The steps of a start, each safe to be cut off and done again: nothing is marked done before it is on the disk."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from appliance.core.hello import Hello
from appliance.core.shortcode import ALPHABET
from appliance.firstboot.card import SECRETS, Card, annotated, decoded, read_card
from appliance.firstboot.network import Hotspot, cable_firewall, cable_keyfile, draw_password, hotspot_keyfile

SETUP = "setup.json"  # what the owner set by the page: see appliance/rootly.py
HELLO = "hello.json"  # in the daemon's data folder, until the daemon has told it
EVENT = "event"  # a folder on the card, beside stallbox.txt
SETTINGS = "settings.toml"  # a file there: any of the daemon's settings
CARD_SETTINGS = "50-card.toml"  # where they apply, in conf.d
INCOMING = "incoming"  # where the daemon's own unit takes it from
ID_CHARS = 6
WRITTEN = "# Written by `stallbox first-boot`."
Write = Callable[[Path, bytes], None]


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are on a box."""

    box: Path  # notes of our own
    settings: Path
    connections: Path
    firewall: Path
    card: Path  # the owner's file; what else is on the card lies beside it
    data: Path  # the daemon's

    @classmethod
    def below(cls, root: Path = Path("/")) -> Self:
        """Return them as the image has them (image/state.conf), below a root."""
        return cls(
            box=root / "var/lib/stallbox-box",
            settings=root / "etc/stallbox/conf.d",
            connections=root / "etc/NetworkManager/system-connections",
            firewall=root / "etc/stallbox/firewall.d",
            card=root / "boot/firmware/stallbox.txt",
            data=root / "var/lib/stallbox",
        )


class FirstBoot:
    """Brings a box to where it can be joined. `write` makes a private file that outlives a power cut.

    `renew` (the button was held at power-on) draws a new Wi-Fi password and has the daemon draw new PINs. `give` makes
    a file the daemon's own. `mistakes` tells what a file of settings would make wrong, a sentence each. `show` is given
    name and password of the Wi-Fi in force.
    """

    def __init__(
        self,
        places: Places,
        write: Write,
        give: Callable[[Path], None] = lambda path: None,
        renew: bool = False,
        digits: Callable[[int], int] = secrets.randbelow,
        mistakes: Callable[[Path], Sequence[str]] = lambda path: (),
        show: Callable[[str, str], None] = lambda name, password: None,
    ) -> None:
        self._places = places
        self._write = write
        self._give = give
        self._renew = renew
        self._digits = digits
        self._mistakes = mistakes
        self._show = show

    def run(self) -> Hello | None:
        """Do every step; return what is to be told, None if all of it was told before. Raises OSError."""
        id = self._identity()
        card = self._card()
        self._box(id, card)
        hotspot = self._hotspot(id, card)
        self._show(hotspot.name, hotspot.password)
        self._cable(card)
        self._environment(card)
        self._event()
        return self._hello(hotspot, (*card.sentences(), *self._settings()))

    def _identity(self) -> str:
        """Give the box a name of its own."""
        kept = self._kept("identity.json")
        if "id" not in kept:
            kept["id"] = "".join(ALPHABET[self._digits(len(ALPHABET))] for _ in range(ID_CHARS)).lower()
            self._keep("identity.json", kept)
        id: str = kept["id"]
        return id

    def _box(self, id: str, card: Card) -> None:
        """Tell the daemon who the box is, and where."""
        lines = [WRITTEN, "[box]", f'id = "box-{id}"', f'name = "Stallbox {id.upper()}"']
        if time_zone := card.settings.get("time_zone"):
            lines.append(f'time_zone = "{time_zone}"')
        self._renewed(self._places.settings / "10-box.toml", "\n".join([*lines, ""]), mode=0o644)

    def _card(self) -> Card:
        """Read what the owner wrote: on the card, and after it on the setup page; the newer word of the two counts.

        A file that was read stays good after its passwords were taken out.
        """
        if self._renew:
            self._forget_setup(set(self._kept(SETUP)))
        card = self._card_file()
        return Card({**card.settings, **self._kept(SETUP)}, card.problems)

    def _forget_setup(self, keys: set[str]) -> None:
        """Let go of what the setup page said of these."""
        kept = self._kept(SETUP)
        if kept.keys() & keys:
            self._keep(SETUP, {key: value for key, value in kept.items() if key not in keys})

    def _card_file(self) -> Card:
        draft = self._places.box / self._places.card.name  # to be put on the card by whoever may write there
        try:
            raw = self._places.card.read_bytes()
        except OSError:
            draft.unlink(missing_ok=True)  # one of an earlier start: it must not write over what cannot be read
            return Card(self._kept("card.json"))
        text = decoded(raw)
        card = read_card(text)
        kept = {} if self._renew else self._kept("card.json")
        settings = {**{key: kept[key] for key in SECRETS & kept.keys()}, **card.settings}
        self._forget_setup({key for key, value in settings.items() if kept.get(key) != value})
        self._keep("card.json", settings)
        back = annotated(text, card)
        if back != text:
            self._renewed(draft, back)
        else:
            draft.unlink(missing_ok=True)
        return Card(settings, card.problems)

    def _hotspot(self, id: str, card: Card) -> Hotspot:
        """Choose the Wi-Fi: the owner's words, else what was drawn once."""
        kept = self._kept("hotspot.json")
        if self._renew or "password" not in kept:
            kept["password"] = draw_password(self._digits)
            self._keep("hotspot.json", kept)
        wanted = card.settings
        name = wanted.get("wifi_name", f"Stallbox-{id.upper()}")
        hotspot = Hotspot(name, wanted.get("wifi_password", kept["password"]), int(wanted.get("wifi_channel", 6)))
        self._renewed(self._places.connections / "stallbox-hotspot.nmconnection", hotspot_keyfile(hotspot))
        return hotspot

    def _cable(self, card: Card) -> None:
        self._renewed(self._places.connections / "stallbox-cable.nmconnection", cable_keyfile())
        of_stall = card.settings.get("cable") == "stall"
        self._renewed(self._places.firewall / "cable.nft", cable_firewall(of_stall), mode=0o644)

    def _environment(self, card: Card) -> None:
        """Tell units in which country the stall is."""
        country = card.settings.get("country")
        self._renewed(self._places.box / "environment", f"COUNTRY={country}\n" if country else "", mode=0o644)

    def _settings(self) -> Sequence[str]:
        """Take over the daemon's settings from the card; return what is wrong with them.

        A file with a mistake sets nothing, not even if it was without one when it was taken over: the daemon does not
        start with it. What was taken over holds until the card says something else, so that a card that cannot be
        read today changes nothing.
        """
        try:
            text = decoded((self._places.card.parent / SETTINGS).read_bytes())
        except OSError:
            return ()
        offered = self._places.box / SETTINGS
        self._renewed(offered, text)
        mistakes = self._mistakes(offered)
        taken = self._places.settings / CARD_SETTINGS
        if not mistakes:
            self._renewed(taken, text, mode=0o644)
        elif taken.exists() and taken.read_bytes() == text.encode():
            taken.unlink()
        return mistakes

    def _event(self) -> None:
        """Hand the daemon the event file and lists that lie in `event` on the card, if they are others than before.

        Those before go, one with a mistake among them: nobody can take that out of there.
        """
        folder = self._places.card.parent / EVENT
        files = {path.name: path.read_bytes() for path in sorted(folder.glob("*")) if path.is_file()}
        if not files:
            return
        digest = hashlib.sha256(b"".join(name.encode() + content for name, content in files.items())).hexdigest()
        if self._kept("event.json").get("digest") == digest:
            return
        self._keep("event.json", {})  # what is there from now on is no whole set, until it is
        incoming = self._places.data / INCOMING
        if incoming.exists():
            shutil.rmtree(incoming)
        incoming.mkdir(mode=0o700)
        self._give(incoming)
        # The event file last: what it names is there when it is.
        for name in sorted(files, key=lambda name: name.endswith(".toml")):
            self._write(incoming / name, files[name])
            self._give(incoming / name)
        self._keep("event.json", {"digest": digest})

    def _hello(self, hotspot: Hotspot, problems: tuple[str, ...]) -> Hello | None:
        """Write what the daemon is to tell, if it is news."""
        news = json.dumps([hotspot.name, hotspot.password, hotspot.channel, problems])
        digest = hashlib.sha256(news.encode()).hexdigest()
        note = self._places.data / HELLO
        if self._kept("told.json").get("digest") == digest and not self._renew:
            return read_hello(self._places.data)
        hello = Hello(secrets.token_hex(8), hotspot.name, hotspot.password, problems, self._renew)
        self._write(note, json.dumps(hello.to_json()).encode())
        self._give(note)
        self._keep("told.json", {"digest": digest})
        return hello

    def _kept(self, name: str) -> dict[str, Any]:
        """Read a small file of ours; one that a power cut or a hand spoilt counts as none."""
        try:
            data = json.loads((self._places.box / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def _keep(self, name: str, data: dict[str, Any]) -> None:
        self._renewed(self._places.box / name, json.dumps(data))

    def _renewed(self, path: Path, text: str, mode: int = 0o600) -> None:
        """Write a file if it is to say something else: a start that brings no news writes nothing."""
        content = text.encode()
        if not path.exists() or path.read_bytes() != content:
            self._write(path, content)
        if stat.S_IMODE(path.stat().st_mode) != mode:  # also of one that was written just before the power went
            path.chmod(mode)


def read_hello(data: Path) -> Hello | None:
    """Return what is still to be told; None if nothing is, or if the note is spoilt."""
    try:
        return Hello.from_json(json.loads((data / HELLO).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_hello(data: Path) -> None:
    """Take away what was told."""
    (data / HELLO).unlink(missing_ok=True)
