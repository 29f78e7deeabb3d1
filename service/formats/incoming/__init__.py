"""Readers of what people bring in formats of others."""
