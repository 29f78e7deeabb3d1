"""Pages that explain the service to those who program against it."""
