"""Questions about how things changed: evolution, differences, the timeline, beliefs."""
