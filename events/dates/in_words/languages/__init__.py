"""The words of dates in each language that CLDR has not; one file a language."""
