"""What stands in a text, for who reads it: dates, numbers, names; and what its marked words may be evidence of."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, NamedTuple, TypedDict

from msgspec import Meta

from events.dates.bounds import bounds_of
from events.dates.calendar import DAY, civil_date
from events.dates.in_words.reader import DateInWords, dates_in
from events.field_types import JsonObject
from projections.clocks import Clocks
from projections.queries.reading.kinds_for_words import kinds_for
from projections.queries.reading.names import NameInText, names_in
from projections.queries.reading.number_words import Exactness
from projections.queries.reading.numbers import NumberInWords, numbers_in
from projections.queries.reading.similar_facts import MarkedWords, SimilarFact, similar_facts
from projections.store.snapshots import Snapshot

Start = Annotated[int, Meta(description="From which character of the text on (Unicode code points)")]
End = Annotated[int, Meta(description="Until before which character")]
_PUBLISHED = "The day from which dates are told"


class DateSuggested(TypedDict):
    """A date in words."""

    start: Start
    end: End
    edtf: Annotated[str, Meta(description="The likeliest reading")]
    others: Annotated[list[str], Meta(description="Other readings that are as honest, the likeliest first")]
    rule: Annotated[str, Meta(description="The name of the rule by which it was read")]


class NumberSuggested(TypedDict):
    """A number as a count."""

    start: Start
    end: End
    count: Annotated[JsonObject, Meta(description="`best`, `low` and `high`, those that it says")]
    told: Annotated[Exactness, Meta(description="How exactly the words tell it")]


class KindSuggested(TypedDict):
    """A kind of fact that marked words may tell; a suggestion, never a choice."""

    kind: str
    words: str
    because: Annotated[list[str], Meta(description="The beginnings of words that speak for it")]


class Suggestions(TypedDict):
    """What stands in a text, in order; kinds and facts are those of the marked words, none without."""

    published: Annotated[str, Meta(description=_PUBLISHED)]
    start: Annotated[int, Meta(description="From which character of the whole text on was read")]
    end: Annotated[int, Meta(description="Until before which character; less than `length` where more is left")]
    length: int
    dates: list[DateSuggested]
    numbers: list[NumberSuggested]
    names: list[NameInText]
    kinds: list[KindSuggested]
    facts: Annotated[list[SimilarFact], Meta(description="Facts that share names, numbers or dates with marked words")]


class MarkedSpan(NamedTuple):
    """Marked words: `[start, end)` in characters of the text."""

    start: int
    end: int


class PublishedText(NamedTuple):
    """A text with its language, if that is known, and the day of its publication."""

    words: str
    language: str | None
    published: date


def day_of(published: str, zone: str) -> date | None:
    """The last day on which something may have been published (EDTF); None where there is none, or none of our era."""
    hi = bounds_of(published, "UTC" if "T" not in published else zone).hi
    year, month, day = civil_date((hi - 1) // DAY) if hi is not None else (0, 1, 1)
    return date(year, month, day) if 1 <= year <= 9999 else None


def suggestions(snapshot: Snapshot, text: PublishedText, marked: Sequence[MarkedSpan], clocks: Clocks) -> Suggestions:
    """What stands in the text, and the kinds and facts that its marked words may be evidence of."""
    dates = dates_in(text.words, text.language, text.published)
    numbers = [each for each in numbers_in(text.words, text.language) if not _touches(each, dates)]
    names = names_in(snapshot, text.words)
    words = " ".join(text.words[place.start : place.end] for place in marked)
    told: MarkedWords = {
        "text": words,
        "names": {each["subject"] for each in names if _is_marked(each["start"], each["end"], marked)},
        "numbers": [each.count for each in numbers if _is_marked(each.start, each.end, marked)],
        "dates": [each.edtf for each in dates if _is_marked(each.start, each.end, marked)],
    }
    return {
        "published": text.published.isoformat(),
        "start": 0,
        "end": len(text.words),
        "length": len(text.words),
        "dates": [DateSuggested(start=d.start, end=d.end, edtf=d.edtf, others=[*d.others], rule=d.rule) for d in dates],
        "numbers": [NumberSuggested(start=n.start, end=n.end, count=n.count, told=n.exactness) for n in numbers],
        "names": names,
        "kinds": [
            KindSuggested(kind=each.kind, words=each.words, because=[*each.because])
            for each in kinds_for(words, text.language)
        ],
        "facts": similar_facts(snapshot, told, clocks) if marked else [],
    }


def _touches(number: NumberInWords, dates: Sequence[DateInWords]) -> bool:
    return any(number.start < each.end and each.start < number.end for each in dates)


def _is_marked(start: int, end: int, marked: Sequence[MarkedSpan]) -> bool:
    return any(start < place.end and place.start < end for place in marked)
