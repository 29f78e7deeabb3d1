"""Measured claims: each a ratio of figures taken in the same run."""
