"""What is on the paper: receipts, refunds, copies, reports and slips as documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from appliance.core.clock import parse_timestamp
from appliance.core.document import Align, Block, Cut, Document, Drawer, Feed, Qr, Row, Rule, Text
from appliance.core.money import Currency
from appliance.core.pricing import tax_totals
from appliance.core.trade import Event, RefundLine, Sale, Tender

_TENDERS = {Tender.CASH: "Cash", Tender.CARD: "Card"}


def receipt(sale: Sale, event: Event) -> Document:
    """Lay out the receipt of a sale. Cash opens the drawer."""
    money = Currency(sale.currency)
    blocks: list[Block] = []
    if any(payment.tender is Tender.CASH for payment in sale.payments):
        blocks.append(Drawer())
    blocks += _head(event, sale.rehearsal)
    blocks.append(Row(f"Receipt {sale.number}", local_time(sale.at, event)))
    blocks.append(Rule())
    blocks += _lines(sale, money)
    blocks.append(Rule())
    blocks.append(Row("TOTAL", money.text(sale.total_minor), bold=True))
    blocks += _payments(sale, money)
    blocks += [Rule(), *_taxes(sale, event, money)]
    blocks += _granted(sale.granted)
    blocks += [Feed(), Text(event.thanks, align=Align.CENTER), Cut()]
    return Document(tuple(blocks))


def refund_slip(sale: Sale, refund: int, lines: Sequence[RefundLine], tender: str, event: Event, at: str) -> Document:
    """Lay out the paper of a refund; cash opens the drawer."""
    money = Currency(sale.currency)
    names = {line.offer: line.name for line in sale.lines}
    blocks: list[Block] = [Drawer()] if tender == Tender.CASH else []
    blocks += _head(event, sale.rehearsal)
    blocks += [Text("REFUND", bold=True, scale=2, align=Align.CENTER)]
    blocks += [Row(f"Refund {refund} of receipt {sale.number}", local_time(at, event)), Rule()]
    for line in lines:
        blocks.append(Row(f"{line.quantity} x {names[line.offer]}", money.text(-line.amount_minor)))
    total = -sum(line.amount_minor for line in lines)
    blocks += [Rule(), Row(f"Given back, {tender}", money.text(total), bold=True), Feed(2)]
    blocks += [Text("Signature: ____________________"), Cut()]
    return Document(tuple(blocks))


def copy_of(document: Document) -> Document:
    """Mark a document as a copy. A copy never opens the drawer."""
    kept = tuple(block for block in document.blocks if not isinstance(block, Drawer))
    return replace(document, blocks=(Text("COPY", bold=True, scale=2, align=Align.CENTER), *kept))


def welcome_slip(box_name: str, address: str, wifi: tuple[str, str] | None) -> Document:
    """Lay out the slip that says how to join: the address of the kiosk and, where known, the Wi-Fi."""
    blocks: list[Block] = [Text(box_name, bold=True, scale=2, align=Align.CENTER), Feed()]
    if wifi:
        name, password = wifi
        blocks += [Text(f"Wi-Fi: {name}", align=Align.CENTER), Qr(wifi_code(name, password), "scan to join")]
    blocks += [Text("Kiosk and tickets:", align=Align.CENTER), Qr(address, address), Cut()]
    return Document(tuple(blocks))


def wifi_code(name: str, password: str) -> str:
    """Write a Wi-Fi network as the text of the QR code that phones understand (ZXing's WIFI: form)."""

    def escaped(text: str) -> str:
        return "".join(f"\\{char}" if char in '\\;,":' else char for char in text)

    return f"WIFI:T:WPA;S:{escaped(name)};P:{escaped(password)};;"


def local_time(at: str, event: Event) -> str:
    """Write an RFC 3339 time as the clock on the wall shows it at the event, `2026-12-05 17:04`."""
    return parse_timestamp(at).astimezone(ZoneInfo(event.time_zone)).strftime("%Y-%m-%d %H:%M")


def _head(event: Event, rehearsal: bool) -> list[Block]:
    title, *rest = event.seller or (event.name,)
    blocks: list[Block] = [Text(title, bold=True, scale=2, align=Align.CENTER)]
    blocks += [Text(line, align=Align.CENTER) for line in rest]
    if rehearsal:
        blocks.append(Text("REHEARSAL - not a receipt", bold=True, align=Align.CENTER))
    return [*blocks, Feed()]


def _lines(sale: Sale, money: Currency) -> list[Block]:
    blocks: list[Block] = []
    for line in sale.lines:
        full = line.unit_price_minor * line.quantity
        blocks.append(Row(f"{line.quantity} x {line.name}", money.number(full)))
        if line.quantity > 1:
            blocks.append(Text(f"    {money.number(line.unit_price_minor)} each"))
    if discount := sum(line.discount_minor for line in sale.lines):
        blocks.append(Row("Voucher", money.number(-discount)))
    on_top = sale.total_minor - sum(line.unit_price_minor * line.quantity - line.discount_minor for line in sale.lines)
    if on_top:
        blocks.append(Row("Tax", money.number(on_top)))
    return blocks


def _payments(sale: Sale, money: Currency) -> list[Block]:
    blocks: list[Block] = []
    for payment in sale.payments:
        reference = f" {payment.reference}" if payment.reference else ""
        blocks.append(Row(_TENDERS[payment.tender] + reference, money.text(payment.tendered_minor)))
        if payment.change_minor:
            blocks.append(Row("Change", money.text(payment.change_minor)))
    return blocks


def _taxes(sale: Sale, event: Event, money: Currency) -> list[Block]:
    names = {rate.id: rate.name for rate in event.tax_rates}
    return [
        Row(f"incl. {total.name} on {money.number(total.gross_minor)}", money.number(total.tax_minor))
        for total in tax_totals(sale.lines, names)
    ]


def _granted(granted: Mapping[str, str]) -> list[Block]:
    blocks: list[Block] = []
    for what, code in granted.items():
        title = {"ticket": "Your ticket", "member": "Your membership card"}.get(what.split("-")[0], what)
        blocks += [Feed(), Text(title, bold=True, align=Align.CENTER), Qr(code, code)]
    return blocks
