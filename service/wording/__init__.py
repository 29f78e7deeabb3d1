"""Facts, dates and clocks in words for people."""
