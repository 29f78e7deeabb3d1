"""The fold of facts into the state of a subject: pure."""
