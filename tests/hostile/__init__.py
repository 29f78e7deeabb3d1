"""Commands that meet the service with hostile input."""
