"""Facts, promises and statuses in words, as pages tell them."""
