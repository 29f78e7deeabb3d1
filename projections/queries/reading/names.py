"""Known names: those found in a text, whatever its alphabet, and those that begin with the letters somebody typed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, NamedTuple, TypedDict

from msgspec import Meta
from rapidfuzz.fuzz import ratio

from projections.read_models.texts.folding import Word, folded_words, words_in
from projections.read_models.texts.known_names import Called, skeleton_of
from projections.store.snapshots import Snapshot

_COLUMNS = "SELECT DISTINCT means, kind, called, name, folded FROM {names} WHERE "
_EXACT = _COLUMNS + "word {among} AND place = 0"
_NEAR = _COLUMNS + "skeleton {among} AND kind = 'actor' AND called <> 'office'"
_BEGINNING = (
    "SELECT DISTINCT word, place, means, kind, called, name, folded FROM {names} WHERE {begins}"
    " ORDER BY word, place, name LIMIT ?"
)
_BEGINS = "word >= ? AND word < ?"
_MOST_LOOKED_AT = 500
_LEAST_LETTERS, _LEAST_SKELETON, _LONGEST_ENDING = 4, 2, 3
_LEAST_LIKENESS, _LEAST_LIKENESS_OF_OTHER_LETTER = 80.0, 90.0
_MOST_ALIKE = 5
"""Of the subjects of one name."""


class Named(TypedDict):
    """A subject by one of its names."""

    subject: str
    kind: str | None
    called: Annotated[Called, Meta(description="How the name is one; an office is one held now")]
    name: Annotated[str, Meta(description="The name as it is recorded")]


class NameInText(Named):
    """A proposal: a subject whose name stands at `[start, end)` of the text."""

    start: Annotated[int, Meta(description="In Unicode characters")]
    end: int
    likeness: Annotated[int, Meta(description="100 where the words are the name, less where they are near it")]


class _Known(NamedTuple):
    means: str
    kind: str | None
    called: Called
    name: str
    folded: str


def names_in(snapshot: Snapshot, text: str) -> list[NameInText]:
    """The known names of a text, in order: whole words, of those that overlap the longest, then what is near a name.

    Names are those of now. Of one name each subject is given that bears it, actors first.
    """
    words = list(words_in(text))
    found = list(_exact(snapshot, words))
    taken = {at for at, length, _, _ in found for at in range(at, at + length)}
    found += _near(snapshot, text, [(at, word) for at, word in enumerate(words) if at not in taken], words)
    named = []
    for at, length, known, likeness in sorted(found, key=lambda each: each[0]):
        start, end = words[at].start, words[at + length - 1].end
        for each in known:
            named.append(NameInText(**_named(each), start=start, end=end, likeness=round(likeness)))
    return named


_Found = tuple[int, int, list[_Known], float]
"""From which word on, how many words, whose name, and how near to it."""


def _exact(snapshot: Snapshot, words: Sequence[Word]) -> Iterator[_Found]:
    beginning: dict[str, list[_Known]] = defaultdict(list)
    for row in snapshot.probe(_EXACT, sorted({word.folded for word in words})):
        known = _Known(*row)
        beginning[known.folded.partition(" ")[0]].append(known)
    folded = [word.folded for word in words]
    at = 0
    while at < len(words):
        fitting = [each for each in beginning[folded[at]] if _stands(each, folded, at)]
        length = max((_length(each) for each in fitting), default=0)
        if length:
            yield at, length, _ordered(each for each in fitting if _length(each) == length), 100
        at += length or 1


def _near(snapshot: Snapshot, text: str, left: Sequence[tuple[int, Word]], words: Sequence[Word]) -> Iterator[_Found]:
    """What is spelt otherwise, or has an ending of its grammar: only words with a capital, or without case."""
    likely = [(at, word) for at, word in left if len(word.folded) >= _LEAST_LETTERS and not text[word.start].islower()]
    skeletons = {each for _, word in likely for each in _skeletons(word.folded)}
    beginning: dict[str, list[_Known]] = defaultdict(list)
    for row in snapshot.probe(_NEAR, sorted(skeletons)):
        known = _Known(*row)
        beginning[skeleton_of(known.folded.partition(" ")[0])].append(known)
    until = 0
    for at, word in likely:
        candidates = {each for skeleton in _skeletons(word.folded) for each in beginning.get(skeleton, ())}
        alike = [(_likeness(each, words, at), each) for each in candidates] if at >= until else []
        best = max((likeness for likeness, _ in alike), default=0.0)
        if best:
            names = [each for likeness, each in alike if likeness == best]
            length = max(map(_length, names))
            until = at + length
            yield at, length, _ordered(each for each in names if _length(each) == length), best


def _skeletons(word: str) -> set[str]:
    """The skeleton of a word, and those without what may be an ending."""
    whole = skeleton_of(word)
    return {each for each in (whole, whole[:-1], whole[:-2]) if len(each) >= _LEAST_SKELETON}


def _likeness(known: _Known, words: Sequence[Word], at: int) -> float:
    """How near the words from there on are to a name, up to 99; 0 where they are not."""
    there = " ".join(word.folded for word in words[at : at + _length(known)])
    one, other = known.folded.split(), there.split()
    if len(one) != len(other):
        return 0
    likeness = min(map(_likeness_of_words, one, other))
    return min(likeness, 99)


def _likeness_of_words(name: str, word: str) -> float:
    if (
        word.startswith(name.rstrip("aeiou"))
        and len(word) - len(name) <= _LONGEST_ENDING
        and len(name) >= _LEAST_LETTERS
    ):
        return max(ratio(name, word), _LEAST_LIKENESS)
    likeness = ratio(name, word)
    least = _LEAST_LIKENESS if name[0] == word[0] else _LEAST_LIKENESS_OF_OTHER_LETTER
    return likeness if likeness >= least else 0


def _stands(known: _Known, folded: Sequence[str], at: int) -> bool:
    words = known.folded.split()
    return list(folded[at : at + len(words)]) == words


def _length(known: _Known) -> int:
    return known.folded.count(" ") + 1


def _ordered(known: Iterable[_Known]) -> list[_Known]:
    """One name of each subject, actors first, offices last."""
    ordered = sorted(known, key=lambda each: (each.kind != "actor", each.called == "office", each.means, each.called))
    return list({each.means: each for each in reversed(ordered)}.values())[::-1][:_MOST_ALIKE]


def names_beginning(snapshot: Snapshot, typed: str, kind: str | None, most: int) -> list[Named]:
    """The names with words that begin as those typed, for a choice: those that begin so themselves first.

    Names are those of now; `kind` is a kind of subject, None for any.
    """
    words = sorted(folded_words(typed), key=len, reverse=True)
    if not words:
        return []
    question = _BEGINNING.replace("{begins}", _BEGINS + (" AND kind = ?" if kind else ""))
    kinds = [kind] if kind else []
    rows = snapshot.probe(question, None, words[0], words[0] + "\x7f", *kinds, _MOST_LOOKED_AT)
    found: dict[str, tuple[int, _Known]] = {}
    for _, place, *row in rows:
        known = _Known(*row)
        if all(any(word.startswith(each) for word in known.folded.split()) for each in words):
            rank = (2 if known.called == "office" else 1 if place else 0) + (known.kind != "actor")
            if known.means not in found or rank < found[known.means][0]:
                found[known.means] = rank, known
    ranked = sorted(found.values(), key=lambda each: (each[0], each[1].folded, each[1].means))
    return [_named(known) for _, known in ranked[:most]]


def _named(known: _Known) -> Named:
    return Named(subject=known.means, kind=known.kind, called=known.called, name=known.name)
