"""I2C buses of the Linux kernel."""

from __future__ import annotations

from typing import Protocol

from smbus2 import SMBus, i2c_msg


class I2cBus(Protocol):
    """What a driver needs of a bus; `smbus2.SMBus` has it."""

    def i2c_rdwr(self, *messages: i2c_msg) -> None:
        """Carry out messages as one transfer, with repeated starts between. Raises OSError."""

    def close(self) -> None:
        """Let go of the bus."""


class LinuxBus:
    """/dev/i2c-`number`, opened at its first transfer and again after `close`."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._bus: SMBus | None = None

    def i2c_rdwr(self, *messages: i2c_msg) -> None:
        """Carry out messages as one transfer. Raises OSError, also when there is no such bus."""
        if self._bus is None:
            self._bus = SMBus(self._number)
        self._bus.i2c_rdwr(*messages)

    def close(self) -> None:
        """Close the bus; it opens again by itself."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.close()


def open_bus(number: int) -> I2cBus:
    """Return the kernel's I2C bus `number` (1 on a Raspberry Pi's header)."""
    return LinuxBus(number)
