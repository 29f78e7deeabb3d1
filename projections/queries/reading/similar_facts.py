"""Recorded facts whose quotes and values share names, numbers, dates or words with marked words."""

from collections.abc import Sequence, Set
from typing import Annotated, TypedDict

from msgspec import Meta

from events.dates.bounds import Bounds, bounds_of
from events.facts import subjects_named
from events.field_types import count_range
from events.history.fact_as_of import FactAsOf
from projections.clocks import Clocks
from projections.queries.evidence.fact_views import Edtf
from projections.queries.evidence.facts_as_of import facts_named
from projections.read_models.fact_places import ends_of, fact_of_place
from projections.read_models.texts.folding import Sought, SoughtWord, folded_words
from projections.read_models.texts.search import first_row_after, passages_found
from projections.store.snapshots import Snapshot

MOST_SIMILAR = 5
_MOST_WORDS, _OF_EACH_WORD, _MOST_LOOKED_AT = 10, 40, 80
_LEAST_LETTERS, _MOST_SHARED_WORDS = 4, 6
_LONGEST_DATE = 45 * 86_400_000_000  # microseconds: what lasts longer says little
_BY_DATE = (
    "SELECT DISTINCT place FROM {fact_places} WHERE place > ? AND place < ? AND position <= ? ORDER BY place LIMIT ?"
)


class Shared(TypedDict):
    """What a fact shares with the words."""

    names: Annotated[list[str], Meta(description="Subjects that both name")]
    numbers: Annotated[list[int], Meta(description="Numbers that stand in both")]
    date: Annotated[bool, Meta(description="Whether both are of the same days")]
    words: Annotated[list[str], Meta(description="Other words of its quotes, without case, accents or alphabet")]


class SimilarFact(TypedDict):
    """A fact that may be told by the words too, or otherwise."""

    fact: str
    kind: str
    subject: str
    occurred: Edtf
    quote: Annotated[str | None, Meta(description="The first words that it cites")]
    source: Annotated[str | None, Meta(description="Of the quote")]
    shares: Shared


class MarkedWords(TypedDict):
    """What is read in the marked words."""

    text: str
    names: Set[str]
    numbers: Sequence[dict[str, int]]
    dates: Sequence[str]


def similar_facts(snapshot: Snapshot, told: MarkedWords, clocks: Clocks) -> list[SimilarFact]:
    """The facts that share most with the marked words, whatever shares most first; retracted ones are left out.

    No more than 80 facts are looked at: the newest of those that the index of words has for any of ten words, and those
    of the same days.
    """
    dates = [bounds_of(edtf, "UTC") for edtf in told["dates"]]
    days = [each for each in dates if each.lo is not None and each.hi is not None and each.hi - each.lo < _LONGEST_DATE]
    words = folded_words(told["text"])
    ranked = []
    for fact in facts_named(snapshot, _candidates(snapshot, words, days, clocks), clocks).values():
        shares = _shared(fact, told, words, days)
        score = 3 * len(shares["names"]) + 3 * len(shares["numbers"]) + 2 * shares["date"] + len(shares["words"]) / 2
        if not fact.retracted and (shares["names"] or shares["numbers"] or shares["date"]):
            ranked.append((-score, fact.id, fact, shares))
    return [_view(fact, shares) for _, _, fact, shares in sorted(ranked, key=lambda each: each[:2])[:MOST_SIMILAR]]


def _candidates(snapshot: Snapshot, words: Set[str], days: Sequence[Bounds], clocks: Clocks) -> list[str]:
    """Facts that may share something: by how many of the words the index has them for, then the newest."""
    counted: dict[str, int] = {}
    below = first_row_after(clocks.position)
    telling = sorted(filter(_says_much, words), key=lambda each: (not each.isdecimal(), -len(each), each))
    for word in telling[:_MOST_WORDS]:
        sought = Sought([SoughtWord(word, begins=False)])
        for _, name, *_ in passages_found(snapshot, ["_fact"], sought, below, _OF_EACH_WORD):
            counted[name] = counted.get(name, 0) + 1
    for each in days:
        begin, end = ends_of("occurred", each.lo)[1], ends_of("occurred", each.hi)[1]
        for (place,) in snapshot.probe(_BY_DATE, None, begin, end, clocks.position, _OF_EACH_WORD):
            counted[fact_of_place(place)] = counted.get(fact_of_place(place), 0) + 1
    return sorted(counted, key=lambda name: -counted[name])[:_MOST_LOOKED_AT]


def _shared(fact: FactAsOf, told: MarkedWords, words: Set[str], days: Sequence[Bounds]) -> Shared:
    names = {subject for subject, _ in subjects_named(fact.kind, fact.values | {"subject": fact.subject})}
    cited = folded_words(" ".join(each.citation["exact"] for each in fact.cited))
    values = _counts_in(fact.values)
    numbers = {
        number
        for count in told["numbers"]
        for value in values
        if _overlap(count, value)
        for number in (count.get("best", count.get("low", count.get("high", 0))),)
    }
    shared = sorted((each for each in words & cited if _says_much(each)), key=lambda each: (-len(each), each))
    return {
        "names": sorted(names & told["names"]),
        "numbers": sorted(numbers),
        "date": any(_overlaps(fact.bounds, each) for each in days),
        "words": shared[:_MOST_SHARED_WORDS],
    }


def _says_much(word: str) -> bool:
    return len(word) >= (2 if word.isdecimal() else _LEAST_LETTERS)


def _counts_in(values: dict[str, object]) -> list[dict[str, int]]:
    """The counts among the values of a fact."""
    found: list[dict[str, int]] = []
    for value in values.values():
        if isinstance(value, dict):
            if value.keys() <= {"best", "low", "high"}:
                found.append(value)
            else:
                found += _counts_in(value)
    return found


def _overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    """Whether two counts may be the same number; of those without an end only whether they are the same."""
    (low, high), (other_low, other_high) = count_range(one), count_range(other)
    if low is None or high is None or other_low is None or other_high is None:
        return one == other
    return low <= other_high and other_low <= high


def _overlaps(one: Bounds, other: Bounds) -> bool:
    if one.lo is None or one.hi is None or other.lo is None or other.hi is None:
        return False
    return one.lo < other.hi and other.lo < one.hi and one.hi - one.lo < _LONGEST_DATE


def _view(fact: FactAsOf, shares: Shared) -> SimilarFact:
    first = fact.first_report
    return {
        "fact": fact.id,
        "kind": fact.kind.__name__,
        "subject": fact.subject,
        "occurred": fact.values.get("occurred"),
        "quote": first.citation["exact"] if first else None,
        "source": first.citation["source"] if first else None,
        "shares": shares,
    }
