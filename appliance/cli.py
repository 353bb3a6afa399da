"""The `stallbox` command. Exit codes: 0 done, 1 refused or failed (one line why, on stderr), 2 wrong usage."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from appliance import __version__
from appliance.core.errors import StallboxError
from appliance.settings.loader import ConfigError

# Where each command is, below appliance.commands.
COMMANDS = {
    "ask": "ask:ask",
    "backup": "archive:backup",
    "cashiers": "cashiers:cashiers_group",
    "config": "configuration:config_group",
    "courier": "courier:courier_group",
    "crash-note": "report:crash_note",
    "debrief": "debrief:debrief",
    "devices": "devices:devices",
    "doctor": "doctor:doctor",
    "event": "event:event_group",
    "first-boot": "first_boot:first_boot",
    "journal": "journal:journal_group",
    "panel": "panel:panel_group",
    "pin": "privacy:pin_group",
    "rehearse": "rehearse:rehearse",
    "report": "report:report",
    "rescue": "rescue:rescue",
    "restore": "archive:restore",
    "run": "run:run",
    "shift": "shift:shift_group",
    "simulate": "simulate:simulate",
    "tickets": "tickets:tickets_group",
}


class LateGroup(click.Group):
    """Imports a command when it is called: `first-boot` holds up each start of the box, and needs a third of it all.

    As click's documentation has it: "Complex Applications", lazily loading subcommands.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"appliance.commands.{module}"), name)
        return command


@click.group(cls=LateGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="stallbox")
def cli() -> None:
    """Run the till, the door and the office of a pop-up stall."""


def main() -> None:
    """Run the command line and turn every expected failure into one line and exit code 1."""
    try:
        cli(standalone_mode=True)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except TimeoutError:  # of the desk: it has no words of its own
        click.echo("stallbox: The store did not answer in time: see whether it was done before trying again.", err=True)
        sys.exit(1)
    except (StallboxError, OSError) as error:
        click.echo(f"stallbox: {error}", err=True)
        sys.exit(1)
