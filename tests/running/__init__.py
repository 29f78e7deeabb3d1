"""Databases, followers, replicas and backups while the service runs."""
