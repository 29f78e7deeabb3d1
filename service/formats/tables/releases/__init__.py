"""Releases of one table: the first is recorded, later ones revise and correct it."""
