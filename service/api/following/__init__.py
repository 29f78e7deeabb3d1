"""What those ask who follow what changes."""
