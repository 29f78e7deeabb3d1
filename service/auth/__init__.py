"""Roles, tokens and rate limits, without Flask."""
