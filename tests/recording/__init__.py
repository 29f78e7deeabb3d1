"""What enters the log and what is refused."""
