"""Pages for those who record: sign-in and review."""
