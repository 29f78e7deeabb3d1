"""Tests that read as sentences."""
