"""The index of names: what every subject is called now, so that names are found in texts and completed from letters.

A row is a word of a name, folded as words are that are looked for. The first has the words that the name begins with,
two if it has two, and their skeletons: the consonants as all alphabets share them, by which names are found that are
spelt otherwise, Oumerow for Umerov.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text

from events.field_types import JsonObject
from projections.read_models.finished_states import Finished
from projections.read_models.texts.folding import words_in
from projections.store.erasures import HAS_WORDS

Called = Literal["name", "title", "alias", "office", "surname", "id"]
"""How a name is one: an office is one held, a surname the last word of a person's name, an id where nothing else is."""

Row = tuple[str, str, str | None, Called, str, str, str, int, str, str]
"""A subject, the one that it is merged into or itself, its kind, how it is called so, the name, the name folded, a word
of it, the place of the word, and what the name begins with, as words and as skeletons (of the first alone)."""

BEGINNING = 2
"""Words by which a name is found in a text: the first alone are often common ones."""

_HELD = "holds["
MOST_WORDS = 12
_MOST_NAMES, _LONGEST = 200, 200
_VOWELS, _TWICE = re.compile("[aeiou]+"), re.compile(r"(.)\1+")
_ALIKE = str.maketrans("wqczx", "vksss")


def define_names(metadata: MetaData, prefix: str) -> None:
    """Define the table."""
    Table(
        f"{prefix}names",
        metadata,
        Column("subject", Text, nullable=False),
        Column("means", Text, nullable=False),
        Column("kind", Text),
        Column("called", Text, nullable=False),
        Column("name", Text, nullable=False, info=HAS_WORDS),
        Column("folded", Text, nullable=False, info=HAS_WORDS),
        Column("word", Text, nullable=False, info=HAS_WORDS),
        Column("place", Integer, nullable=False),
        Column("beginning", Text, nullable=False, info=HAS_WORDS),
        Column("skeleton", Text, nullable=False, info=HAS_WORDS),
        Index(f"{prefix}names_word", "word", "place"),
        Index(f"{prefix}names_beginning", "beginning"),
        Index(f"{prefix}names_skeleton", "skeleton"),
        Index(f"{prefix}names_subject", "subject"),
    )


def skeleton_of(word: str) -> str:
    """The consonants of a folded word, those alike in one spelling, none twice in a row."""
    return _TWICE.sub(r"\1", _VOWELS.sub("", word.translate(_ALIKE)))


def names_of(now: Finished) -> Iterator[Row]:
    """The rows of a subject as it stands now."""
    state = now.read()
    values = {name: finding["value"] for name, finding in state["fields"].items()}
    called = dict.fromkeys(_called(state["title"], values, now.kind)) or {("id", now.id.replace("-", " ")): None}
    for what, name in [*called][:_MOST_NAMES]:
        words = [word.folded for word in words_in(name)][:MOST_WORDS]
        begins = words[:BEGINNING]
        beginning, skeleton = " ".join(begins), " ".join(map(skeleton_of, begins))
        called_so = now.id, now.merged_into or now.id, now.kind, what, name[:_LONGEST], " ".join(words)
        for place, word in enumerate(words):
            yield *called_so, word, place, *(("", "") if place else (beginning, skeleton))


def _called(title: str | None, values: JsonObject, kind: str | None) -> Iterable[tuple[Called, str]]:
    name = values.get("name")
    if name:
        yield "name", name
        if kind == "actor" and values.get("type") == "person" and len(name.split()) > 1:
            yield "surname", name.split()[-1]
    if title and title != name:
        yield "title", title
    for alias in values.get("aliases") or ():
        yield "alias", alias
    for field, held in values.items():
        if field.startswith(_HELD) and held is True:
            yield "office", field[len(_HELD) : -1]
