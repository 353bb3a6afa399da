"""An emulated ESC/POS receipt printer: its own reader of the language, its paper, its faults."""
