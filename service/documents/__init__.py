"""Documents as they come, read in a process of their own: text, and what can be guessed of title, date, language."""
