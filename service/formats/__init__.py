"""Interchange formats: what people bring and take away."""
