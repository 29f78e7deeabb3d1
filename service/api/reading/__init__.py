"""What helps to read a text."""
