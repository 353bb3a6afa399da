"""A card as one HTML file that needs nothing else: to be sent, shown on a phone, or printed on A6."""

from __future__ import annotations

from html import escape

from appliance.core.card import Card
from appliance.paper.qr import QUIET_MODULES, modules_of, runs

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; margin: 0; }
body { background: #e9ebf0; color: #1c2438; font: 16px/1.4 "DejaVu Sans", system-ui, sans-serif; padding: 4vmin; }
main { background: #fff; max-width: 25rem; margin: 0 auto; border-radius: 14px; overflow: hidden;
  box-shadow: 0 6px 30px #1c243833; }
header { background: #1c2438; color: #fff; padding: 1.6rem 1.8rem 1.3rem; border-bottom: 5px solid #c45c26; }
header p { color: #ced4e0; }
.kind { color: #f0aa78; font-size: .78rem; font-weight: 700; letter-spacing: .12em; text-transform: uppercase; }
h1 { font-size: 1.45rem; line-height: 1.2; margin: .3rem 0 .4rem; overflow-wrap: anywhere; }
section { padding: 1.4rem 1.8rem 1.6rem; }
h2 { font-size: 1.6rem; line-height: 1.2; margin-bottom: .4rem; overflow-wrap: anywhere; }
.when { white-space: pre-line; }
.soft, footer { color: #60687a; }
svg { display: block; width: 78%; margin: 1rem auto .6rem; }
.code { font: 700 1.5rem/1.3 "DejaVu Sans Mono", ui-monospace, monospace; text-align: center; white-space: nowrap; }
footer { border-top: 1px solid #ced4e0; font-size: .85rem; margin: 0 1.8rem; padding: .9rem 0 1.1rem;
  text-align: center; }
@page { size: A6; margin: 0; }
@media print {
  html { font-size: 10.5px; }
  body { background: #fff; padding: 0; font-size: 1rem; }
  main { width: 105mm; max-width: none; height: 147.5mm; margin: 0; border: .2mm solid #ced4e0; border-radius: 0;
    box-shadow: none; display: flex; flex-direction: column; }
  section { flex: 1; }
  svg { width: 62mm; margin: .4rem auto; }
  header { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def page(card: Card) -> str:
    """Write a card as a page of its own."""
    lines = [
        f'<p class="when">{escape(card.when)}</p>' if card.when else "",
        f'<p class="soft">{escape(card.terms)}</p>' if card.terms else "",
    ]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(card.kind)}: {escape(card.event or card.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<header>
<p class="kind">{escape(card.kind)}</p>
<h1 dir="auto">{escape(card.event)}</h1>
<p dir="auto">{escape(card.place)}</p>
</header>
<section>
<h2 dir="auto">{escape(card.title)}</h2>
{"".join(lines)}
{_svg(card.code)}
<p class="code">{escape(card.short_code)}</p>
</section>
<footer>{escape(card.where)}</footer>
</main>
</body>
</html>
"""


def _svg(code: str) -> str:
    modules = modules_of(code)
    side = len(modules) + 2 * QUIET_MODULES
    quiet = QUIET_MODULES
    path = "".join(f"M{x + quiet} {y + quiet}h{length}v1h-{length}z" for x, y, length in runs(modules))
    return (
        f'<svg viewBox="0 0 {side} {side}" role="img" aria-label="QR code" shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )
