"""Text messages: numbers, parts, PDUs, and how a message fares. Pure."""
