"""Values over valid time and recorded or reported time; pure but for its index."""
