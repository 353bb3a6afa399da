"""What the services need of the store: the books, as one command sees them inside its transaction.

The store provides them twice with one set of classes: for writing, inside the desk's transaction, and for reading,
on a read-only connection (where every method that writes raises).
"""

from __future__ import annotations

from appliance.core.ports.clock import ClockPort
from appliance.core.ports.desk import Books, DeskPort, LedgerPort, T
from appliance.core.ports.door import ScannerLayout, TicketsPort
from appliance.core.ports.event import EventsPort
from appliance.core.ports.fleet import FleetPort, FleetWish
from appliance.core.ports.holders import HoldersPort, SealerPort, VaultPort
from appliance.core.ports.issued import IssuedPort
from appliance.core.ports.journal import CursorsPort, JournalPort
from appliance.core.ports.network import NetworkPort
from appliance.core.ports.office import OfficePort, SettingsPort, Told
from appliance.core.ports.pending import PendingPort
from appliance.core.ports.power import PowerPort, PowerSample
from appliance.core.ports.restock import ContactKeysPort, RestockPort
from appliance.core.ports.shifts import CashiersPort, Shift, ShiftsPort, TakingsPort
from appliance.core.ports.signature import Signature, SignaturePort
from appliance.core.ports.sms import SmsPort
from appliance.core.ports.spool import AnswersPort, KeptAnswer, PrintsPort
from appliance.core.ports.stick import StickFacts, StickPort
from appliance.core.ports.tablets import TabletsPort
from appliance.core.ports.till import FiguresPort, OrdersPort

__all__ = [
    "AnswersPort",
    "Books",
    "CashiersPort",
    "ClockPort",
    "ContactKeysPort",
    "CursorsPort",
    "DeskPort",
    "EventsPort",
    "FiguresPort",
    "FleetPort",
    "FleetWish",
    "HoldersPort",
    "IssuedPort",
    "JournalPort",
    "KeptAnswer",
    "LedgerPort",
    "NetworkPort",
    "OfficePort",
    "OrdersPort",
    "PendingPort",
    "PowerPort",
    "PowerSample",
    "PrintsPort",
    "RestockPort",
    "ScannerLayout",
    "SealerPort",
    "SettingsPort",
    "Shift",
    "ShiftsPort",
    "Signature",
    "SignaturePort",
    "SmsPort",
    "StickFacts",
    "StickPort",
    "T",
    "TabletsPort",
    "TakingsPort",
    "TicketsPort",
    "Told",
    "VaultPort",
]
