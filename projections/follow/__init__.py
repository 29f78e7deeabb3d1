"""The follower that brings the views up to date, its lock, and the rebuild."""
