"""Receipt printers: ESC/POS over a serial line, USB or TCP, and none at all."""
