"""A door for assistants: the Model Context Protocol and its tools."""
