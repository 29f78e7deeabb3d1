"""Facts, dates and statuses in words for people."""
