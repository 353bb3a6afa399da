"""What a new card is given once, and what its owner wrote on it: names, passwords, the hotspot."""
