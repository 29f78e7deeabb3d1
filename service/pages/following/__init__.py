"""Pages for those who follow what changes."""
