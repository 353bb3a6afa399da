"""How the daemon runs: workers, supervisor, board, clock, notices to systemd, log. Knows no trade."""
