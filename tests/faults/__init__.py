"""Every driver against every fault, on its emulator's wire: what the box shows, how it recovers, what a sale does.

`python -m tests.faults` runs the table and writes docs/faults.md; the tests hold the page to it.
"""
