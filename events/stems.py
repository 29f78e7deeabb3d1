"""Beginnings of words by which a text tells of something, in several languages."""

from collections.abc import Mapping

Stems = Mapping[str, tuple[str, ...]]


def stems(written: str) -> Stems:
    """Stems by language, as in "en: agree, deal; fr: accord": languages are parted by semicolons, stems by commas."""
    found = {}
    for part in written.split(";"):
        language, _, words = part.partition(":")
        found[language.strip()] = tuple(word.strip() for word in words.split(","))
    return found
