"""A list with holders, as tests take it in: long codes and short ones, accents, two people of one name."""

from __future__ import annotations

from pathlib import Path

from appliance.core.ports import DeskPort
from appliance.services.tickets import import_tickets, read_tickets
from appliance.store.holders import sealer_for
from appliance.store.vault import Vault

LONG = "kfndgffgyw4tdgcacx6bb3bgemq69cxj"
OTHER_LONG = "8gh9vz4kpr7wnsd2qm5txc3jyb6fhae1"
SHORT = "a7Kd2P"
OTHER_SHORT = "b8Le3Q"
PEOPLE = f"""code,product,name,email,phone,note
{LONG},workshop,Zoë Ångström,zoe.angstrom@example.org,+46 70 1234567,Brings a wheelchair
{OTHER_LONG},guest,Ada Lovelace,ada.lovelace@example.org,,
{SHORT},workshop,Ada Løvstad,loevstad@example.org,+47 99887766,Speaks at nine
{OTHER_SHORT},guest,,,,
"""
PIN = "copper kettle"
PRIVATE = ("Zoë Ångström", "Ada Lovelace", "Ada Løvstad", "zoe.angstrom@", "1234567", "wheelchair", "Speaks at nine")


def take_list(
    desk: DeskPort, store: Path, text: str = PEOPLE, vault: Vault | None = None, source: str = "people.csv"
) -> tuple[int, int, int]:
    """Take a list in as the command does: sealed while it is read."""
    sealer = sealer_for(store, vault.public_key if vault else None)
    found = read_tickets(text, sealer=sealer)
    return desk.submit(lambda books: import_tickets(books, found, source, sealer))
