"""The words marked in a source: read from what the page sends, cited so that they are found, and read for proposals."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from events.commands.quotes import SearchableText
from events.errors import Invalid, NotFound
from projections.queries.evidence import sources
from projections.queries.reading.suggestions import MarkedSpan, PublishedText, Suggestions, day_of, suggestions
from service.pages.desk.marking.sentences import Span, sentence_around
from service.pages.request import PageRequest, today

_MARKED = re.compile(r"\d{1,9}-\d{1,9}(?:,\d{1,9}-\d{1,9}){0,19}")
_CONTEXT, _WINDOW = 40, 12_000


class Reading(NamedTuple):
    """A version of a source on the desk: what is noted of it, and its text."""

    source: str
    version: int
    noted: Any
    text: str

    @property
    def language(self) -> str | None:
        """The code of its language, where it is known."""
        return self.noted["language"]  # type: ignore[no-any-return]

    @property
    def day(self) -> date:
        """The day from which its dates are told: that of publication, today where it is not known."""
        published = self.noted["published"]
        return (day_of(published, self.noted["zone"] or "UTC") if published else None) or today()


def reading_of(page: PageRequest, name: str) -> Reading:
    """The latest version of the source; NotFound where there is none, or its text is not held."""
    noted = sources.source(page.snapshot, name, page.clocks)
    version = sources.version_of(noted, None)["version"]
    text = sources.text(page.snapshot, name, version, page.clocks)["text"]
    if not text:
        raise NotFound(f"the text of source {name!r} is not held")
    return Reading(name, version, noted, str(text))


def marked_in(reading: Reading, said: str) -> list[MarkedSpan]:
    """The places that the page sent, as `12-40,60-75`, without the blanks at their ends, in order.

    Raises:
        Invalid: they are no places of the text.
    """
    if not said:
        return []
    if not _MARKED.fullmatch(said):
        raise Invalid.at("/marked", f"{said!r:.80} is no list of places, as 12-40,60-75")
    found = set()
    for each in said.split(","):
        start, end = map(int, each.split("-"))
        words = reading.text[start:end]
        if not words.strip() or end > len(reading.text):
            raise Invalid.at("/marked", f"{each!r} is no place with words in a text of {len(reading.text)} characters")
        found.add(MarkedSpan(start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())))
    return sorted(found)


def citations_of(reading: Reading, places: Sequence[MarkedSpan]) -> dict[str, str]:
    """What a form says that cites the places: words that stand there more than once with those around them."""
    text, searched = reading.text, SearchableText(reading.text)
    typed: dict[str, str] = {}
    for row, (start, end) in enumerate(places):
        said = {"source": reading.source, "version": str(reading.version), "exact": text[start:end]}
        if len(searched.places(text[start:end])) > 1:
            said["prefix"] = text[max(0, start - _CONTEXT) : start].strip()
            said["suffix"] = text[end : end + _CONTEXT].strip()
        typed |= {f"citations.{row}.{name}": words for name, words in said.items() if words}
    return typed


class Found(NamedTuple):
    """What was read in and around the marked words; places are those of the whole text."""

    reading: Reading
    places: Sequence[MarkedSpan]
    around: Span
    suggested: Suggestions

    def is_marked(self, start: int, end: int) -> bool:
        """Whether the words there are marked."""
        return any(start < place.end and place.start < end for place in self.places)

    def is_near(self, start: int, end: int) -> bool:
        """Whether they stand in the sentences of the marked words."""
        return start < self.around[1] and self.around[0] < end


def read_around(page: PageRequest, reading: Reading, places: Sequence[MarkedSpan]) -> Found:
    """What stands in the marked words and near them: dates, numbers, names, kinds, facts like them."""
    first, last = places[0].start, max(place.end for place in places)
    start = max(0, first - _WINDOW)
    words = reading.text[start : min(last, first + _WINDOW) + _WINDOW]
    moved = [MarkedSpan(a - start, b - start) for a, b in places if b - start <= len(words)]
    found = suggestions(page.snapshot, PublishedText(words, reading.language, reading.day), moved, page.clocks)
    for each in (*found["dates"], *found["numbers"], *found["names"]):
        each["start"] += start
        each["end"] += start
    return Found(reading, places, sentence_around(reading.text, (first, last)), found)
