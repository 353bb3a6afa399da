"""`stallbox rescue`: what is left where the data partition cannot be used: red lights, and a page that says so."""

from __future__ import annotations

import http.server
import threading

import click

from appliance.commands.panel import show_fault
from appliance.commands.place import Place, placed
from appliance.core.errors import StallboxError

PAGE = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Stallbox: the card needs help</title>
<h1>The box cannot read its data</h1>
<p>It sells nothing and lets nobody in until it can. Nothing was deleted and nothing was formatted.</p>
<ol>
<li>Switch the box off, wait ten seconds and switch it on again: a repair is tried at each start.</li>
<li>If this page comes again, take the card out and keep it. Its seventh partition holds the sales.</li>
<li>Put in another card with Stallbox, and restore your latest backup.</li>
</ol>
</html>
"""


class Rescue(http.server.BaseHTTPRequestHandler):
    """Answers every address with the one page, as an error: no program takes it for an answer."""

    def do_GET(self) -> None:
        """Send the page."""
        self.send_response(503)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(PAGE)

    do_POST = do_PUT = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Keep no log of who looked."""


@click.command("rescue")
@click.option("--port", type=click.IntRange(0, 65535), default=80, show_default=True, help="Where the page is.")
@placed
def rescue(place: Place, port: int) -> None:
    """Show red lights and a page, for a box whose data cannot be read; systemd calls it."""
    server = http.server.ThreadingHTTPServer(("0.0.0.0", port), Rescue)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    click.echo(f"The data cannot be used; the page that says so is at port {server.server_port}.")
    try:
        show_fault(place.settings_anyhow(), lambda: False)
    except StallboxError as error:  # no lamps: the page stays
        click.echo(str(error), err=True)
    threading.Event().wait()
