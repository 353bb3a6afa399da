"""How the box runs: its threads, their life, time and logs. Knows no trade."""
