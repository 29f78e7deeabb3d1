"""Known names: those found in a text, whatever its alphabet, and those that begin with the letters somebody typed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import pairwise
from typing import Annotated, NamedTuple, TypedDict

from msgspec import Meta
from rapidfuzz.fuzz import ratio

from projections.read_models.texts.folding import Word, folded_words, words_in
from projections.read_models.texts.known_names import BEGINNING, MOST_WORDS, Called, skeleton_of
from projections.store.snapshots import Snapshot

_COLUMNS = "SELECT DISTINCT means, kind, called, name, folded FROM {names} WHERE "
_EXACT = _COLUMNS + "beginning {among}"
_NEAR = (
    "SELECT DISTINCT means, kind, called, name, folded, skeleton FROM {names}"
    " WHERE skeleton {among} AND kind = 'actor' AND called <> 'office'"
)
_BEGINNING = (
    "SELECT DISTINCT word, place, means, kind, called, name, folded FROM {names} WHERE {begins}"
    " ORDER BY word, place, name LIMIT ?"
)
_BEGINS = "word >= ? AND word < ?"
_MOST_LOOKED_AT = 500
_LEAST_LETTERS, _LEAST_STEM, _LEAST_SKELETON, _LONGEST_ENDING = 4, 3, 2, 3
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
    found += _near(snapshot, text, words, taken)
    named = []
    for at, length, known, likeness in sorted(found, key=lambda each: each[0]):
        start, end = words[at].start, words[at + length - 1].end
        for each in known:
            named.append(NameInText(**_named(each), start=start, end=end, likeness=round(likeness)))
    return named


def subjects_called(snapshot: Snapshot, names: Iterable[str]) -> dict[str, set[str]]:
    """The subjects that bear each of the names, whatever the case, accents and alphabet: in one question for all."""
    folded = {name: [word.folded for word in words_in(name)][:MOST_WORDS] for name in names}
    bearers: dict[str, set[str]] = defaultdict(set)
    for row in snapshot.probe(_EXACT, sorted({" ".join(words[:BEGINNING]) for words in folded.values() if words})):
        known = _Known(*row)
        bearers[known.folded].add(known.means)
    return {name: bearers.get(" ".join(words), set()) for name, words in folded.items()}


_Found = tuple[int, int, list[_Known], float]
"""From which word on, how many words, whose name, and how near to it."""


def _exact(snapshot: Snapshot, words: Sequence[Word]) -> Iterator[_Found]:
    folded = [word.folded for word in words]
    known: dict[str, list[_Known]] = defaultdict(list)
    lengths: dict[str, set[int]] = defaultdict(set)
    for row in snapshot.probe(_EXACT, sorted({*folded, *map(" ".join, pairwise(folded))})):
        name = _Known(*row)
        known[name.folded].append(name)
        lengths[name.folded.partition(" ")[0]].add(_length(name))
    at = 0
    while at < len(words):
        for length in sorted(lengths.get(folded[at], ()), reverse=True):
            if (there := " ".join(folded[at : at + length])) in known:
                yield at, length, _ordered(known[there]), 100
                at += length
                break
        else:
            at += 1


def _near(snapshot: Snapshot, text: str, words: Sequence[Word], taken: Set[int]) -> Iterator[_Found]:
    """What is spelt otherwise, or has an ending of its grammar: only words with a capital, or without case."""
    likely = [
        at not in taken and len(word.folded) >= _LEAST_LETTERS and not text[word.start].islower()
        for at, word in enumerate(words)
    ]
    skeletons = {at: _skeletons(words, likely, at) for at in range(len(words)) if likely[at]}
    beginning: dict[str, list[_Known]] = defaultdict(list)
    for *row, skeleton in snapshot.probe(_NEAR, sorted(set().union(*skeletons.values()))):
        beginning[skeleton].append(_Known(*row))
    until = 0
    for at, some in skeletons.items():
        candidates = {each for skeleton in some for each in beginning.get(skeleton, ())}
        alike = [(_likeness(each, words, at), each) for each in candidates] if at >= until else []
        best = max((likeness for likeness, _ in alike), default=0.0)
        if best:
            names = [each for likeness, each in alike if likeness == best]
            length = max(map(_length, names))
            until = at + length
            yield at, length, _ordered(each for each in names if _length(each) == length), best


def _skeletons(words: Sequence[Word], likely: Sequence[bool], at: int) -> set[str]:
    """The skeletons of a word, and of it with the next; each also without what may be an ending."""
    one = _without_endings(words[at].folded)
    found = {each for each in one if len(each) >= _LEAST_SKELETON}
    if at + 1 < len(words) and likely[at + 1]:
        found |= {f"{first} {second}" for first in one for second in _without_endings(words[at + 1].folded)}
    return found


def _without_endings(word: str) -> list[str]:
    whole = skeleton_of(word)
    return [whole, *(each for each in (whole[:-1], whole[:-2]) if each)]


def _likeness(known: _Known, words: Sequence[Word], at: int) -> float:
    """How near the words from there on are to a name, up to 99; 0 where they are not."""
    one, other = known.folded.split(), [word.folded for word in words[at : at + _length(known)]]
    return min(99, *map(_likeness_of_words, one, other)) if len(one) == len(other) else 0


def _likeness_of_words(name: str, word: str) -> float:
    likeness = ratio(name, word)
    stem = name.rstrip("aeiou")
    if len(stem) >= _LEAST_STEM and word.startswith(stem) and len(word) - len(name) <= _LONGEST_ENDING:
        return max(likeness, _LEAST_LIKENESS)
    least = _LEAST_LIKENESS if name[0] == word[0] else _LEAST_LIKENESS_OF_OTHER_LETTER
    return likeness if likeness >= least else 0


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
