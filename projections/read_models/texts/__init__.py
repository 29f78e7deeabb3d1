"""Texts and words by which sources, facts and subjects are found."""
