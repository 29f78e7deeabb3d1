"""Questions that help to read a text: what stands in it, and what it may be evidence of."""
