"""What is on the paper: receipts, refunds, copies, reports and slips as documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from appliance.core import clock, shortcode
from appliance.core.document import Align, Block, Cut, Document, Drawer, Feed, Link, Logo, Qr, Row, Rule, Text
from appliance.core.money import Currency
from appliance.core.pricing import TaxTotal, tax_totals, taxes_given_back
from appliance.core.texts import Texts, paper_money
from appliance.core.trade import AdjustmentKind, Event, OrderLine, RefundLine, RefundPart, Sale, Tender

NOTHING: Mapping[str, int] = MappingProxyType({})
_OF_A_LINE = (AdjustmentKind.PRICE, AdjustmentKind.MEMBER)


def receipt(sale: Sale, event: Event) -> Document:
    """Lay out the receipt of a sale. Cash opens the drawer."""
    say, money = event.texts, paper_money(sale.currency, event.texts)
    blocks: list[Block] = []
    if any(payment.tender is Tender.CASH for payment in sale.payments):
        blocks.append(Drawer())
    blocks += head(event, sale.rehearsal)
    blocks.append(Row(say["receipt"].format(number=sale.number), local_time(sale.at, event)))
    blocks.append(Rule())
    blocks += _lines(sale, money, event)
    blocks.append(Rule())
    blocks.append(Row(say["total"], money.text(sale.total_minor), bold=True))
    blocks += _payments(sale, money, say)
    blocks += [Rule(), *_taxes(tax_totals(sale.lines, _tax_names(sale, event)), money, say)]
    blocks += _granted(sale.granted, say)
    if sale.page:
        blocks += [Feed(), Link(page_path(sale.page), say["online"])]
    blocks += [Feed(), Text(event.thanks, align=Align.CENTER), Cut()]
    return Document(tuple(blocks))


def page_path(page: str) -> str:
    """Return where the page of a receipt is. Its name is random, and in no journal: nobody finds those of others."""
    return f"/r/{page}"


def on_screen(sale: Sale, event: Event, entry: Mapping[str, Any]) -> Document:
    """Lay out a sale for a screen or a file: its receipt, with what was given back of it since."""
    document = signed_paper(receipt(replace(sale, page=""), event), entry, event.texts)
    blocks = [block for block in document.blocks if not isinstance(block, Logo | Drawer | Cut)]
    if sale.refunded_minor:
        back = paper_money(sale.currency, event.texts).text(-sale.refunded_minor)
        blocks += [Rule(), Row(event.texts["given_back_so_far"], back, bold=True)]
    return Document(tuple(blocks))


def refund_slip(
    sale: Sale,
    refund: int,
    lines: Sequence[RefundLine],
    parts: Sequence[RefundPart],
    event: Event,
    at: str,
    is_void: bool = False,
    before: Mapping[str, int] = NOTHING,
) -> Document:
    """Lay out the paper of a refund; cash opens the drawer. `before` is what was given back earlier, by offer."""
    say, money = event.texts, paper_money(sale.currency, event.texts)
    names = {line.offer: name_of(line, event) for line in sale.lines}
    blocks: list[Block] = [Drawer()] if any(part.tender is Tender.CASH for part in parts) else []
    blocks += head(event, sale.rehearsal)
    blocks += [Text(say["void" if is_void else "refund"], bold=True, scale=2, align=Align.CENTER)]
    blocks += [Row(say["refund_of"].format(refund=refund, number=sale.number), local_time(at, event)), Rule()]
    for line in lines:
        blocks.append(Row(f"{line.quantity} x {names[line.offer]}", money.text(-line.amount_minor)))
    for name, minor in (
        (say["rounding"], sum(part.rounding_minor for part in parts)),
        (say["tip_back"], sum(part.tip_minor for part in parts)),
    ):
        blocks += [Row(name, money.text(-minor))] if minor else []
    blocks.append(Rule())
    for part in parts:
        given_back = say["given_back"].format(tender=say[part.tender])
        blocks.append(Row(given_back, money.text(-part.paid_out_minor), bold=True))
    after = {**before, **{line.offer: before.get(line.offer, 0) + line.quantity for line in lines}}
    taxes = taxes_given_back(sale.lines, before, after, _tax_names(sale, event))
    blocks += [Rule(), *_taxes(taxes, money, say)] if taxes else []
    blocks.append(Feed(2))
    blocks += [Text(f"{say['signature']}: ____________________"), Cut()]
    return Document(tuple(blocks))


def copy_of(document: Document, say: Texts) -> Document:
    """Mark a document as a copy. A copy never opens the drawer."""
    kept = tuple(block for block in document.blocks if not isinstance(block, Drawer))
    return replace(document, blocks=(Text(say["copy"], bold=True, scale=2, align=Align.CENTER), *kept))


def signed_paper(document: Document, entry: Mapping[str, Any], say: Texts) -> Document:
    """Put onto a paper what a signature device said of its journal entry (its data), above the cut; see docs/law.md."""
    signature = entry.get("signature")
    if signature is None:
        return document
    said: list[Block] = [Rule()]
    if "failed" in signature:
        said.append(Text(say["signature_failed"].format(why=signature["failed"])))
    else:
        said += [Text(line) for line in signature["lines"]]
        said += [Qr(signature["qr"])] if signature["qr"] else []
    *kept, cut = document.blocks
    return replace(document, blocks=(*kept, *said, cut))


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

    kind = f"T:WPA;S:{escaped(name)};P:{escaped(password)}" if password else f"T:nopass;S:{escaped(name)}"
    return f"WIFI:{kind};;"


def local_time(at: str, event: Event) -> str:
    """Write an RFC 3339 time as the clock on the wall shows it at the event, `2026-12-05 17:04`."""
    return clock.local_time(at, event.time_zone)


def name_of(line: OrderLine, event: Event) -> str:
    """Return what a line sold, as papers name it: in the event's language, where the offer has a name in it."""
    offer = event.offer(line.offer)
    return dict(offer.names).get(event.language, line.name) if offer else line.name


def head(event: Event, rehearsal: bool) -> list[Block]:
    """Lay out who sells, as at the top of every paper for guests."""
    title, *rest = event.seller or (event.name,)
    blocks: list[Block] = [Logo(), Text(title, bold=True, scale=2, align=Align.CENTER)]
    blocks += [Text(line, align=Align.CENTER) for line in rest]
    if rehearsal:
        blocks.append(Text(event.texts["rehearsal"], bold=True, align=Align.CENTER))
    return [*blocks, Feed()]


def _lines(sale: Sale, money: Currency, event: Event) -> list[Block]:
    blocks: list[Block] = []
    say = event.texts
    for line in sale.lines:
        full = line.unit_price_minor * line.quantity
        blocks.append(Row(f"{line.quantity} x {name_of(line, event)}", money.number(full)))
        if line.quantity > 1:
            blocks.append(Text("    " + say["each"].format(price=money.number(line.unit_price_minor))))
        own = [step for step in line.adjustments if step.kind in _OF_A_LINE]
        blocks += [Row(f"    {step.what}", money.number(step.amount_minor)) for step in own]
    blocks += [Row(what, money.number(amount)) for what, amount in _off_the_order(sale, say).items()]
    on_top = sale.total_minor - sum(line.unit_price_minor * line.quantity - line.discount_minor for line in sale.lines)
    if on_top:
        blocks.append(Row(say["tax"], money.number(on_top)))
    return blocks


def _off_the_order(sale: Sale, say: Texts) -> Mapping[str, int]:
    """Sum what was taken off over several lines, by its words: what staff took off, then vouchers."""
    sums: dict[str, int] = {}
    for kind in (AdjustmentKind.DISCOUNT, AdjustmentKind.VOUCHER):
        for step in (step for line in sale.lines for step in line.adjustments if step.kind is kind):
            sums[step.what] = sums.get(step.what, 0) + step.amount_minor
    explained = sum(step.amount_minor for line in sale.lines for step in line.adjustments)
    if unexplained := -sum(line.discount_minor for line in sale.lines) - explained:
        sums[say["voucher_off"]] = unexplained  # a sale from before lines were explained
    return sums


def _payments(sale: Sale, money: Currency, say: Texts) -> list[Block]:
    blocks: list[Block] = []
    for payment in sale.payments:
        reference = f" {payment.reference}" if payment.reference else ""
        blocks.append(Row(say[payment.tender] + reference, money.text(payment.tendered_minor)))
        if payment.balance_after is not None:
            is_credit = payment.tender is Tender.CREDIT
            left = str(payment.balance_after) if is_credit else money.text(payment.balance_after)
            blocks.append(Row(say["credits_left" if is_credit else "card_left"], left))
        if payment.rounding_minor:
            blocks.append(Row(say["rounding"], money.text(payment.rounding_minor)))
        if payment.tip_minor:
            blocks.append(Row(say["tip"], money.text(payment.tip_minor)))
        if payment.change_minor:
            blocks.append(Row(say["change"], money.text(payment.change_minor)))
    return blocks


def _tax_names(sale: Sale, event: Event) -> Mapping[str, str]:
    """Name the rates of a sale by their ids; one that the event has otherwise by now, or no more, is a percentage."""
    names = {(rate.id, rate.rate_ppm): rate.name for rate in event.tax_rates}
    rates = {line.tax: line.tax_rate_ppm for line in sale.lines}
    return {id: names.get((id, ppm)) or _percent(ppm, event.texts) for id, ppm in rates.items()}


def _percent(rate_ppm: int, say: Texts) -> str:
    return f"{rate_ppm / 10_000:g} %".replace(".", say["decimal_mark"])


def _taxes(totals: Sequence[TaxTotal], money: Currency, say: Texts) -> list[Block]:
    return [
        Row(
            say["included"].format(tax=total.name, gross=money.number(total.gross_minor)),
            money.number(total.tax_minor),
        )
        for total in totals
    ]


def _granted(granted: Mapping[str, str], say: Texts) -> list[Block]:
    blocks: list[Block] = []
    for what, code in granted.items():
        title = say.get(what.split("-")[0], what)
        # The QR code, and below it the same to be read out and typed: a phone's camera may be broken.
        blocks += [Feed(), Text(title, bold=True, align=Align.CENTER), Qr(code, shortcode.grouped(code))]
    return blocks
