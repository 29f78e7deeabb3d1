"""The controls of facts: those of a kind, filled in or not, and the passages that a fact is cited with."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from events.commands.citations import CITATION
from events.facts import ENVELOPE, KINDS, Fact, fields_of, needed_by, own_fields, statuses_of
from events.field_types import TEXT, FieldType, Json
from events.kinds.descriptions import field_in_words
from events.labels import labels_of
from events.subject_kinds import SUBJECT_KINDS
from projections.queries.evidence.fact_views import FactView
from service.chronicle.body_fields import SUBJECT_KIND
from service.pages.desk.forms.controls import Control, control, text_of

_FINER = ("zone", "credibility", "note")
_CHANGES = "changes."
_CITED = {
    "source": "From which source",
    "exact": "The exact words",
    "version": "Version",
    "prefix": "The words just before, where they stand there more than once",
    "suffix": "The words just after",
}
_TRANSLATED = {"language": "Language of our translation", "text": "Our translation"}


class Group(NamedTuple):
    """Controls that belong together; those that are `finer` are folded away until they say something."""

    title: str
    controls: list[Control]
    finer: bool = False


def fields_of_new(kind: type[Fact], subject: str) -> list[Group]:
    """The controls of a new fact of the kind."""
    needed, names = needed_by(kind), labels_of(kind)
    types = {name: of for name, of in ENVELOPE.items() if name not in _FINER}
    order = ["subject", *own_fields(kind), "occurred", "attributed_to", "modality"]
    types |= own_fields(kind)
    made = [control(name, names[name], types[name], required=name in needed) for name in order]
    made[0] = replace(made[0], text=subject)
    if kind.about is None:
        choices = [("", "as it is known already"), *((name, each.words) for name, each in SUBJECT_KINDS.items())]
        made.insert(1, replace(control("subject_kind", "Which is", SUBJECT_KIND), choices=choices))
    finer = [control(name, names[name], ENVELOPE[name]) for name in _FINER]
    return [Group("What it says", made), Group("Time zone, credibility, note", finer, finer=True)]


def fields_corrected(fact: FactView, kind: type[Fact]) -> list[Group]:
    """The controls of a correction, filled in as the fact stands; `kind` is that which it is to have."""
    current = {**fact["fields"], **{name: fact.get(name) for name in ENVELOPE}}
    types: dict[str, FieldType] = {**fields_of(KINDS[fact["kind"]]), **fields_of(kind)}
    kept = [name for name in types if name in fields_of(kind) or name in fact["fields"]]
    order = [name for name in kept if name not in ENVELOPE] + [*ENVELOPE]
    made = []
    for name in order:
        text = text_of(types[name], current.get(name))
        lacks = "The kind chosen has no such field: empty it" if name not in fields_of(kind) else ""
        filled = control(_CHANGES + name, _label(name, kind, KINDS[fact["kind"]]), types[name], text=text)
        made.append(replace(filled, was=text, hint=lacks or filled.hint))
    kinds = [("", f"as it is: {KINDS[fact['kind']].words}"), *((name, each.words) for name, each in KINDS.items())]
    changed = replace(control(f"{_CHANGES}kind", "Kind of fact, where we misclassified it", TEXT), choices=kinds)
    return [Group("What it says", [*made, changed])]


def fields_disputed(fact: FactView, subject_kind: str | None) -> list[Group]:
    """The controls of a rival value, all empty."""
    kind = KINDS[fact["kind"]]
    types = own_fields(kind) | {name: ENVELOPE[name] for name in ("occurred", "attributed_to", "modality")}
    made = []
    for name, of in types.items():
        each = control(_CHANGES + name, labels_of(kind)[name], of)
        made.append(replace(each, choices=[("", "not disputed"), *each.choices]) if name == "modality" else each)
    if subject_kind is not None:
        choices = [("", "not disputed"), *((each, each) for each in statuses_of(subject_kind))]
        made.append(replace(control(f"{_CHANGES}status", "Status of the matter", TEXT), choices=choices))
    return [Group("The value that is said instead", made)]


def _label(name: str, *kinds: type[Fact]) -> str:
    return next((labels_of(kind)[name] for kind in kinds if name in labels_of(kind)), field_in_words(name) or name)


def passages(rows: int, source: str = "", *, needed: bool = False) -> list[Group]:
    """The controls of so many passages that are cited; of these the first may be needed."""
    groups = []
    for row in range(rows):
        place = f"citations.{row}."
        made = [control(place + name, label, CITATION[name]) for name, label in _CITED.items()]
        made[0] = replace(made[0], options="known-sources", text=source if row == 0 else "")
        made[:2] = [replace(each, required=needed and row == 0) for each in made[:2]]
        finer = made[2:] + [control(f"{place}translation.{name}", label, TEXT) for name, label in _TRANSLATED.items()]
        title = "The words that say so" if row == 0 else f"Passage {row + 1}"
        groups += [Group(title, made[:2]), Group("Version, place, translation", finer, finer=True)]
    return groups


def kinds_by_subject_kind(first: str | None) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """All kinds in words with their meaning, by kind of subject: that of the subject first, then those of any."""
    own = [first] if first in SUBJECT_KINDS else []
    others = [name for name in sorted(SUBJECT_KINDS) if name not in own]
    of_any = [(name, kind.words, str(kind.__doc__)) for name, kind in KINDS.items() if kind.about is None]
    groups = [(SUBJECT_KINDS[each].words, _told(each)) for each in [*own, *([] if own else others)]]
    return [group for group in [*groups[:1], ("Of anything", of_any), *groups[1:]] if group[1]]


def _told(subject_kind: str) -> list[tuple[str, str, str]]:
    about = SUBJECT_KINDS[subject_kind]
    return [(name, kind.words, str(kind.__doc__)) for name, kind in KINDS.items() if kind.about is about]


def as_values(item: Mapping[str, Json]) -> dict[str, Json]:
    """The own values of a fact that is typed."""
    kind = KINDS[str(item["kind"])]
    return {name: item[name] for name in own_fields(kind) if name in item}
