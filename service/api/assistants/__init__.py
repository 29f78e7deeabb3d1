"""The route of the door for assistants."""
