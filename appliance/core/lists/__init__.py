"""Lists of tickets as organisers export them: text in, rows or problems out. Pure."""
