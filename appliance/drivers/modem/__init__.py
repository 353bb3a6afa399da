"""Modems that send text messages."""
