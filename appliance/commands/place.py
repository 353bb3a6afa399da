"""Where a command of the command line works, and the options that say so."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from appliance.config import OWN_FILE, Settings, layers, load, load_anyhow
from appliance.core.errors import StallboxError
from appliance.core.ports import Books
from appliance.core.trade import Event
from appliance.parts import STORE, open_desk, vault_of
from appliance.runtime.clock import SystemClock
from appliance.store.books import Readers
from appliance.store.holders import sealer_for
from appliance.store.sealing import Sealer

DATA = Path("/var/lib/stallbox")
F = TypeVar("F", bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a command works: the data folder and the configuration."""

    data: Path
    config: Path | None

    def settings(self) -> Settings:
        """Load the configuration. Raises ConfigError."""
        return load(self._layers())

    def settings_anyhow(self) -> Settings:
        """Load the configuration, or as much as can be gone by while there is a mistake in it."""
        return load_anyhow(self._layers())

    def _layers(self) -> list[Path]:
        return layers(self.config, own=self.data / OWN_FILE)

    @contextlib.contextmanager
    def desk(self) -> Iterator[Any]:
        """Open the store for a command's own transactions; the daemon may run beside it."""
        desk = open_desk(self.data, self.settings())
        desk.start()
        try:
            yield desk
        finally:
            desk.stop(10)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Books]:
        """Open the store for reading only. Raises StallboxError if there is none."""
        readers = Readers(self.data / STORE)
        try:
            with readers.reading(SystemClock().now()) as books:
                yield books
        finally:
            readers.close()

    def sealer(self) -> Sealer:
        """Return what seals the holders of one list for this store. Raises StallboxError."""
        return sealer_for(self.data / STORE, vault_of(self.data).public_key)

    def event(self) -> Event | None:
        """Return the event that is loaded; None if there is none, or no store yet."""
        try:
            with self.reading() as books:
                return books.events.current()
        except StallboxError:
            return None


def placed(command: F) -> F:
    """Give a command the options --data and --config, and hand it their Place."""

    @click.option(
        "--data",
        type=click.Path(path_type=Path),
        envvar="STALLBOX_DATA",
        default=DATA,
        show_default=True,
        help="Folder of the store, keys and tokens.",
    )
    @click.option(
        "--config",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Configuration file in place of /etc/stallbox.",
    )
    @functools.wraps(command)
    def wrapped(data: Path, config: Path | None, **options: Any) -> Any:
        return command(Place(data, config), **options)

    return wrapped  # type: ignore[return-value]  # click's decorators keep no signature


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
