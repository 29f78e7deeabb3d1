"""Questions of those who follow what changes, message by message."""
