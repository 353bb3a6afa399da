"""SQLite: the journal, the rows that follow from it, and their migrations."""
