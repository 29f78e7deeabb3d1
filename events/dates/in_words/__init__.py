"""Dates as people write them, found in texts of six languages."""
