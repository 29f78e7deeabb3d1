"""Questions about subjects: states, values, lists."""
