"""Who may do what, what is proved, what is erased."""
