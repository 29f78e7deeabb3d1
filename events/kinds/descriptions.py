"""The vocabulary described: each kind in words, its fields with labels and JSON schemas, ladders and halts."""

from typing import Literal, TypedDict

from events.errors import NotFound
from events.facts import ENVELOPE, KINDS, Fact, needed_by, own_fields, statuses_of
from events.field_types import FieldType, JsonObject
from events.labels import labels_of
from events.subject_kinds import SUBJECT_KINDS, Subject

Role = Literal["act", "subject", "members", "key", "common"]


class FieldDescription(TypedDict):
    """A field: its label, the name of its type, its JSON schema, and what it does.

    `role` says what it describes: "act" what was done, "subject" the subject, "members" a union of what any fact
    names, "key" that the other fields fold separately for each of its values; "common" where every fact may carry it.
    """

    name: str
    label: str
    type: str
    schema: JsonObject
    required: bool
    role: Role


class KindDescription(TypedDict):
    """A kind of fact: its name and meaning in words, its sentence, what it does to a subject's status, its fields.

    In the sentence `{field}` stands for a value, and a part in brackets goes where its field is not given.
    """

    name: str
    words: str
    meaning: str
    sentence: str
    about: str | None
    reaches: str | None
    halts: str | None
    resumes: bool
    once: bool
    begins: bool
    timeless: bool
    per: str | None
    sets: JsonObject
    closes: list[str]
    cameo: str | None
    fields: list[FieldDescription]


class PassingDescription(TypedDict):
    """What time alone does to a status: when the date in `field` is over, the status is `then`."""

    status: str
    field: str
    then: str


class SubjectKindDescription(TypedDict):
    """A kind of subject: its name and meaning in words, its ladder from low to high, halts, what time does to it."""

    name: str
    words: str
    meaning: str
    ladder: list[str]
    halts: list[str]
    passing: list[PassingDescription]
    kinds: list[str]


class Vocabulary(TypedDict):
    """Every kind of fact, every kind of subject, and the fields that every fact may carry."""

    kinds: list[KindDescription]
    subject_kinds: list[SubjectKindDescription]
    common: list[FieldDescription]


def vocabulary() -> Vocabulary:
    """The whole vocabulary, that of packages included, in the order of names."""
    return {
        "kinds": [description(name) for name in sorted(KINDS)],
        "subject_kinds": [_subject_kind(kind) for _, kind in sorted(SUBJECT_KINDS.items())],
        "common": [_field(Fact, name, of, name in ("subject", "occurred"), "common") for name, of in ENVELOPE.items()],
    }


def description(name: str) -> KindDescription:
    """The kind of fact of that name.

    Raises:
        NotFound: there is none.
    """
    if name not in KINDS:
        raise NotFound(f"{name!r:.80} is not a kind of fact")
    kind = KINDS[name]
    return {
        "name": name,
        "words": kind.words,
        "meaning": str(kind.__doc__),
        "sentence": kind.sentence,
        "about": kind.about.title if kind.about else None,
        "reaches": kind.reaches,
        "halts": kind.halts,
        "resumes": kind.resumes,
        "once": kind.once,
        "begins": kind.begins,
        "timeless": kind.timeless,
        "per": kind.per,
        "sets": dict(kind.sets),
        "closes": [*kind.closes],
        "cameo": kind.cameo,
        "fields": [
            _field(kind, field, of, field in needed_by(kind), _role(kind, field))
            for field, of in own_fields(kind).items()
        ],
    }


def _role(kind: type[Fact], field: str) -> Role:
    if field == kind.per:
        return "key"
    return "members" if field in kind.unions else "act" if field in kind.acts else "subject"


def _field(kind: type[Fact], name: str, of: FieldType, required: bool, role: Role) -> FieldDescription:
    label, schema = labels_of(kind)[name], dict(of.schema)
    return {"name": name, "label": label, "type": of.title, "schema": schema, "required": required, "role": role}


def _subject_kind(kind: type[Subject]) -> SubjectKindDescription:
    return {
        "name": kind.title,
        "words": kind.words,
        "meaning": str(kind.__doc__),
        "ladder": [*kind.ladder],
        "halts": [*statuses_of(kind.title)[len(kind.ladder) :]],
        "passing": [{"status": name, "field": field, "then": then} for name, (field, then) in kind.passing.items()],
        "kinds": sorted(name for name, each in KINDS.items() if each.about is kind),
    }


def kind_in_words(name: str) -> str:
    """A kind of fact in words; "A swap was agreed"."""
    return KINDS[name].words


def subject_kind_in_words(name: str | None) -> str | None:
    """A kind of subject in words; None where it is none."""
    return SUBJECT_KINDS[name].words if name in SUBJECT_KINDS else None


def field_in_words(field: str, kind: str | None = None) -> str | None:
    """What people call a field, or a finding of that name; None where no kind has it, or where kinds differ.

    The kind is that of the fact, or that of the subject, to which act fields do not belong; None is any.
    """
    if kind in KINDS:
        return _label(KINDS[kind], field)
    about = (each for each in KINDS.values() if kind is None or each.about is None or each.about.title == kind)
    labels = {_label(each, field) for each in about if field not in each.acts and field != each.per} - {None}
    return labels.pop() if len(labels) == 1 else None


def _label(kind: type[Fact], field: str) -> str | None:
    return labels_of(kind).get(field) or kind.labels.get(field)
