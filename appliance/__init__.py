"""Stallbox: the till, the door and the office of a pop-up stall, on a Raspberry Pi."""

__version__ = "0.1.0"
