"""Pages about how things changed: timeline, comparison, evolution, beliefs."""
