"""Addresses: permalinks, the mementos of an address, cursors of lists."""
