"""The owner's pages: setting the box up step by step, cashiers, pictures, backup, purge."""
