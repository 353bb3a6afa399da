"""What the owner's page does with cashiers: add one, draw another PIN, remove one."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.core.trade import Cashier, Right
from appliance.services import cashiers
from appliance.web import speech
from appliance.web.context import WebContext


def change(context: WebContext, form: MultiDict[str, str]) -> str:
    """Do what a form of the page asks for; return what to tell the owner. Raises Refusal."""
    said = speech.here()  # the command runs where no request is known

    def told(cashier: Cashier, pin: str) -> str:
        return said.text("cashier_pin_is", name=cashier.name, pin=pin)

    def command(books: Books) -> str:
        taken = context.tokens.pins
        act, who = form.get("act", ""), form.get("cashier", "")
        if act == "add":
            rights = [Right(name) for name in form.getlist("rights") if name in set(Right)]
            return told(*cashiers.add(books, form.get("name", ""), rights, taken))
        if act == "pin":
            return told(*cashiers.new_pin(books, who, taken))
        if act == "remove":
            return said.text("cashier_gone", name=cashiers.remove(books, who).name)
        raise Refusal("unknown_choice", "This page is too old: load it again.")

    return context.desk.submit(command)
