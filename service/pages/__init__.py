"""The pages: server-rendered HTML, complete without JavaScript."""
