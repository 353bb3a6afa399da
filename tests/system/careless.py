"""The daemon, but with a store that answers before it flushes: the negative control of the power-cut tests.

Run as `python -m tests.system.careless run --data DIR --config FILE`.
"""

from __future__ import annotations

from functools import partial

from appliance import parts
from appliance.cli import main
from appliance.store.books import Ledger

if __name__ == "__main__":
    # Handed over here, so that the product itself has no switch that weakens it.
    parts.Ledger = partial(Ledger, synchronous="NORMAL")
    main()
