"""Rules of the trade. Pure: no I/O, no threads, no clock reads, no hardware; imports nothing else of ours."""
