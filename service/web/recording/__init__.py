"""What is sent to be recorded, and what is decided about it."""
