"""Goods that are not on the shelf: who gets them and how, what a courier takes along, and its papers."""
