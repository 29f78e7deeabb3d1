"""Languages by their names in English."""

from babel import Locale, UnknownLocaleError


def language_in_words(tag: str) -> str:
    """The name of a language in English; a tag that CLDR does not know stays (BCP 47)."""
    try:
        return Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (ValueError, UnknownLocaleError):
        return f"language: {tag}"
