"""Questions about facts, sources and what a value rests on."""
