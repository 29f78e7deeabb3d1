"""What may be recorded, and what is refused: one file for each group of commands."""
