"""Feeds of what changed, for readers of feeds."""
