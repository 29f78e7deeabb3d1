"""What every fact shares: its subject, dates and citations; and how a kind declares itself.

A kind is a class derived from `Fact`; a subject kind one derived from `Subject`. Deriving registers it by its name,
which is permanent: it is the topic under which the fact is stored (`fact:SwapAgreed`).
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, MISSING, field, fields
from functools import cache
from typing import Any, ClassVar, NamedTuple, get_type_hints

from eventsourcing.domain import DomainEvent
from eventsourcing.utils import register_topic

from events.errors import Fault, Invalid
from events.field_types import (
    ACTOR,
    CREDIBILITY,
    DATE,
    MODALITY,
    SUBJECT,
    TEXT,
    ZONE,
    FieldType,
    Json,
    escaped,
    named_by,
)
from events.labels import labelled
from events.subject_kinds import SUBJECT_KINDS, Stems, Subject

ENVELOPE: dict[str, FieldType] = {
    "subject": SUBJECT,
    "occurred": DATE,
    "zone": ZONE,
    "attributed_to": ACTOR,
    "modality": MODALITY,
    "credibility": CREDIBILITY,
    "note": TEXT,
}
"""What every fact may carry beside its own fields, its id and its citations."""

RECORDERS = ("recorded_by", "recorded_with", "accepted_by", "accepted_with", "imported")
"""Who recorded an event and who accepted it, each by name and by the id of their token; and of one that was recorded
elsewhere, when and by whom it was taken in."""

UNJUDGED = "F6"


class Fact(DomainEvent):
    """What one source says happened. Immutable; later events amend it without touching it.

    Class attributes declare the kind, whose own fields are `labelled`:
        words: its name in words, as a headline would say it.
        verbs: by what words texts tell of it, as beginnings of words in several languages.
        about: the subject kind; None for any subject.
        reaches: the rung of the subject's ladder that the fact raises the status to.
        halts: the status that the fact sets until a resumption.
        resumes: the fact lifts a halt.
        per: the own field for each value of which the kind's fields fold separately.
        once: such a thing happens to a subject only once, so that two accounts of it are rivals whatever their dates.
        begins: the fact marks a beginning; dated by an interval, it counts as dated by the interval's start.
        timeless: the fact holds at every moment and needs no `occurred`.
        acts: own fields that describe the act (who, why, what was said), not the subject.
        required: own fields that must be given.
        unions: own fields that gather the members that any fact names.
        complete: the own flag that says that the unions name every member.
        totals: the own flag that says that counts are totals, in place of the sum so far.
        sets: findings that the fact sets by itself, to these values, beside those of its fields.
        labels: what people call these findings.
        closes: fields that the fact brings to an end; it is placed among the halts.
        sentence: the fact in words; `{field}` stands for a value, parts in brackets go with their fields.
        cameo: the code of the CAMEO codebook (Schrodt 2012) that fits, for export.

    `opens` holds the subjects that the fact was the first to name, or to give a kind; `accepted_by` says who accepted
    what somebody else had proposed. `recorded_with` and `accepted_with` are the ids of their tokens; the command line
    has none. `imported` says when (`at`) and `by` whom an event was taken in that was recorded elsewhere.
    """

    TOPIC: ClassVar[str]
    words: ClassVar[str] = ""
    verbs: ClassVar[Stems] = {}
    about: ClassVar[type[Subject] | None] = None
    reaches: ClassVar[str | None] = None
    halts: ClassVar[str | None] = None
    resumes: ClassVar[bool] = False
    per: ClassVar[str | None] = None
    once: ClassVar[bool] = False
    begins: ClassVar[bool] = False
    timeless: ClassVar[bool] = False
    acts: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[tuple[str, ...]] = ()
    unions: ClassVar[tuple[str, ...]] = ()
    complete: ClassVar[str | None] = None
    totals: ClassVar[str | None] = None
    sets: ClassVar[Mapping[str, Json]] = {}
    labels: ClassVar[Mapping[str, str]] = {}
    closes: ClassVar[tuple[str, ...]] = ()
    sentence: ClassVar[str] = ""
    cameo: ClassVar[str | None] = None

    _: KW_ONLY
    id: str
    subject: str = labelled("About", MISSING)
    recorded_by: str
    recorded_with: str | None = None
    accepted_by: str | None = None
    accepted_with: str | None = None
    subject_kind: str | None = None
    occurred: str | None = labelled("Happened")
    zone: str | None = labelled("Time zone")
    citations: list[dict[str, Any]] = field(default_factory=list)
    attributed_to: str | None = labelled("According to")
    modality: str = labelled("Reported as", "actual")
    credibility: str = labelled("Credibility", UNJUDGED)
    note: str | None = labelled("Note")
    opens: dict[str, str | None] = field(default_factory=dict)
    imported: dict[str, str] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.TOPIC = f"fact:{cls.__name__}"
        if not cls.__doc__ or "(originator_id" in cls.__doc__:
            raise TypeError(f"kind {cls.__name__} needs a docstring: one line that says what happened")
        if cls.__name__ in KINDS:
            raise TypeError(f"there is a kind {cls.__name__} already, in {KINDS[cls.__name__].__module__}")
        register_topic(cls.TOPIC, cls)
        KINDS[cls.__name__] = cls
        fields_of_all_kinds.cache_clear()
        _naming_fields.cache_clear()


KINDS: dict[str, type[Fact]] = {}


class Rung(NamedTuple):
    """What a kind does to a status: `step` on the ladder (-1: nothing), or a halt, or a resumption.

    `order` is its place among facts of one moment: below every rung, the rungs, halts, resumptions.
    """

    step: int
    halts: bool
    resumes: bool
    order: int

    @property
    def moves(self) -> bool:
        """Whether it bears on the status at all."""
        return self.step >= 0 or self.halts or self.resumes


@cache
def own_fields(kind: type[Fact]) -> dict[str, FieldType]:
    """The kind's own fields and their types, in the order declared."""
    shared = {each.name for each in fields(Fact)}
    hints = get_type_hints(kind, include_extras=True)
    return {each.name: hints[each.name].__metadata__[0] for each in fields(kind) if each.name not in shared}


@cache
def rung_of(kind: type[Fact]) -> Rung:
    """What the kind does to its subject's status."""
    ladder = kind.about.ladder if kind.about else ()
    step = ladder.index(kind.reaches) if kind.reaches else -1
    halts = kind.halts is not None
    return Rung(step, halts, kind.resumes, 1001 if kind.resumes else 1000 if halts or kind.closes else step)


@cache
def statuses_of(subject_kind: str) -> tuple[str, ...]:
    """Every status that a subject of the kind can have: its ladder, then the halts of its kinds."""
    halts = (kind.halts for kind in KINDS.values() if kind.about and kind.about.title == subject_kind and kind.halts)
    return (*SUBJECT_KINDS[subject_kind].ladder, *dict.fromkeys(halts))


def kind_named(name: Any, pointer: str = "/kind") -> type[Fact]:
    """The kind of that name; the refusal of an unknown one points to `pointer`."""
    if not isinstance(name, str) or name not in KINDS:
        raise Invalid.at(pointer, f"{name!r:.80} is not a kind of fact")
    return KINDS[name]


@cache
def fields_of(kind: type[Fact]) -> dict[str, FieldType]:
    """The kind's own fields and those of the envelope."""
    return own_fields(kind) | ENVELOPE


@cache
def fields_of_all_kinds() -> Mapping[str, FieldType]:
    """The fields of every kind and of the envelope: one name is of one type wherever it stands."""
    return ENVELOPE | {name: of for kind in KINDS.values() for name, of in own_fields(kind).items()}


def subjects_named(kind: type[Fact] | None, values: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """The subjects that a fact's values name, its own first, each with the kind that the naming implies (None: any).

    The values are own fields, envelope and `subject_kind`; those of a correction, which may be of any kind, have none.
    """
    named: list[tuple[str, str | None]] = []
    if values.get("subject") is not None:
        about = kind.about.title if kind and kind.about else values.get("subject_kind")
        named.append((values["subject"], about))
    for name, of, implied in _naming_fields(kind):
        if name in values:
            named += [(subject, implied) for subject in named_by(of, values[name])]
    return named


@cache
def _naming_fields(kind: type[Fact] | None) -> tuple[tuple[str, FieldType, str | None], ...]:
    """The fields beside the subject that name subjects, and the kind that each implies."""
    types = fields_of(kind) if kind else fields_of_all_kinds()
    naming = [(name, of) for name, of in types.items() if of.names and name != "subject"]
    return tuple((name, of, "actor" if of.names == "actor" else None) for name, of in naming)


@cache
def needed_by(kind: type[Fact]) -> tuple[str, ...]:
    """The fields without which there is no fact of the kind."""
    return ("subject", *kind.required, *([kind.per] if kind.per else ()), *(() if kind.timeless else ("occurred",)))


def whole_values(
    kind: type[Fact], values: Mapping[str, Any], apart: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], list[Fault]]:
    """The values (own fields and envelope) as they are stored, and what is wrong or missing; ignores names `apart`."""
    types = fields_of(kind)
    read: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in values.items():
        of = types.get(name)
        if of is None:
            if name not in apart:
                faults.append(Fault(f"/{escaped(name)}", f"{kind.__name__} has no field {name!r:.80}"))
        elif value is not None:
            try:
                read[name] = of.read(value)
            except Invalid as error:
                faults += error.under(f"/{name}").faults
    for name in needed_by(kind):
        if name not in read and values.get(name) is None:
            faults.append(Fault(f"/{name}", f"{kind.__name__} needs {name}"))
    return read, faults
