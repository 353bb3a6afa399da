"""The acts of the trade: each takes the books of one transaction, follows core's rules and writes the journal."""
