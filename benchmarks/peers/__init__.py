"""What people would use instead, each put to the same work."""
