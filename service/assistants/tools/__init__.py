"""The tools that assistants call, one file for what they ask of."""
