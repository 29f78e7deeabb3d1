"""Loads every kind of `events.kinds`, and those that packages bring by the entry point group `chronology.kinds`."""

import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from inspect import get_annotations
from pkgutil import iter_modules
from typing import Any, get_origin

import events.kinds
from events import field_types
from events.amendments import ACTS_ON_SUBJECTS, AMENDMENTS, PROPOSAL_EVENTS, WordsRedacted
from events.errors import Invalid
from events.facts import KINDS, Fact, own_fields
from events.field_types import FieldType
from events.labels import labels_of
from events.sources import SOURCE_EVENTS
from events.subject_kinds import SUBJECT_KINDS, Subject

__all__ = ["KINDS", "SUBJECT_KINDS"]
GROUP = "chronology.kinds"
_OTHERS = (AMENDMENTS, ACTS_ON_SUBJECTS, PROPOSAL_EVENTS, SOURCE_EVENTS, {WordsRedacted.__name__: WordsRedacted})
_OTHER_EVENTS: dict[str, Any] = {name: event for some in _OTHERS for name, event in some.items()}
_TAKEN = {each.name for each in fields(Fact)} | {"kind", "status", "progress"}
_TYPES = [
    of.__metadata__[0]
    for of in vars(field_types).values()
    if get_origin(of) is not None and hasattr(of, "__metadata__")
]
_faulty: list[str] = []


def topics() -> set[str]:
    """The topics of all events that the log may hold."""
    return {event.TOPIC for event in (*KINDS.values(), *_OTHER_EVENTS.values())}


def refuse_faulty_packages() -> None:
    """Refuse to go on where a package's kinds cannot be used.

    Raises:
        Invalid: naming the package and what is wrong with it.
    """
    if _faulty:
        more = f" (and {len(_faulty) - 1} more)" if len(_faulty) > 1 else ""
        raise Invalid(_faulty[0] + more)


def flaw_of(kind: type[Fact]) -> str | None:
    """What is wrong with how a kind declares itself; None if nothing is."""
    return next(_flaws(kind), None)


def _flaws(kind: type[Fact]) -> Iterator[str]:
    if not re.fullmatch("[A-Z][A-Za-z0-9]*", kind.__name__) or kind.__name__ in _OTHER_EVENTS:
        yield f"the name {kind.__name__} is not free, or not of letters and digits after a capital"
    if taken := _TAKEN & get_annotations(kind).keys():
        yield f"{kind.__name__} may have no field {min(taken)!r} of its own"
    if not kind.words:
        yield f"{kind.__name__} has no name in words"
    own = _readable_fields(kind)
    if own is None:
        yield f"a field of {kind.__name__} is of no type of events.field_types"
        own = {}
    for name, of in own.items():
        if name not in labels_of(kind):
            yield f"the field {name!r} of {kind.__name__} has no label"
        if of not in _TYPES:
            yield f"the field {name!r} of {kind.__name__} is of no type of events.field_types"
        elif any((_readable_fields(other) or {}).get(name, of) != of for other in KINDS.values()):
            yield f"the field {name!r} of {kind.__name__} is of another type elsewhere"
    named = {*kind.acts, *kind.required, *kind.unions, *re.findall(r"{(\w+)}", kind.sentence)}
    if missing := {*named, *filter(None, (kind.per, kind.complete, kind.totals))} - own.keys():
        yield f"{kind.__name__} has no field {min(missing)!r}"
    if kind.about is not None and not (isinstance(kind.about, type) and issubclass(kind.about, Subject)):
        yield f"{kind.__name__} is about no kind of subject"
    elif kind.reaches is not None and (kind.about is None or kind.reaches not in kind.about.ladder):
        yield f"{kind.__name__} reaches {kind.reaches!r}, which is no rung of its subject's ladder"
    if unnamed := kind.sets.keys() - kind.labels.keys():
        yield f"{kind.__name__} has no label for {min(unnamed)!r}, which it sets"


def _readable_fields(kind: type[Fact]) -> dict[str, FieldType] | None:
    """The own fields of a kind; None where one has no type of ours."""
    try:
        return own_fields(kind)
    except (AttributeError, NameError):
        return None


def _subject_flaws(kind: type[Subject]) -> Iterator[str]:
    if not kind.words:
        yield f"the kind of subject {kind.title!r} has no name in words"
    if not isinstance(kind.ladder, tuple) or not all(isinstance(rung, str) and rung for rung in kind.ladder):
        yield f"the ladder of {kind.title!r} is not a tuple of words"


def _load_packages() -> None:
    for entry in sorted(entry_points(group=GROUP), key=lambda each: (each.name, each.value)):
        kinds, subjects = set(KINDS), set(SUBJECT_KINDS)
        try:
            entry.load()
            about = [flaw for name in SUBJECT_KINDS.keys() - subjects for flaw in _subject_flaws(SUBJECT_KINDS[name])]
            flaws = sorted(about or (flaw for name in KINDS.keys() - kinds if (flaw := flaw_of(KINDS[name]))))
        except Exception as error:  # a package may fail in any way
            flaws = [str(error) or type(error).__name__]
        _faulty.extend(_in_package(entry, flaw) for flaw in flaws)


def _in_package(entry: EntryPoint, flaw: str) -> str:
    whose = entry.dist.name if entry.dist else "a package"
    return f"the kinds of {whose} ({GROUP}: {entry.name} = {entry.value}) cannot be used: {flaw}"


for _module in iter_modules(events.kinds.__path__):  # this one among them, which is being imported
    import_module(f"events.kinds.{_module.name}")
_load_packages()
