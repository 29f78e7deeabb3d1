"""Strands of a subject's facts: no finding rests on facts of two strands, nor is moved by them. Pure.

Kinds are of one strand that set a finding of the same name, or that all bear on the status. Where all kinds of a strand
fold separately for each value of one field, facts of each value are a strand by themselves.
"""

from collections.abc import Mapping, Set
from functools import cache

from events.facts import KINDS, Fact, own_fields, rung_of
from events.history.streams import FactHistory
from events.subject_kinds import SUBJECT_KINDS, passing_fields

_STATUS = "status"
Strands = Set[str] | None
"""Names of strands; None: it may be any."""


def strands_of(history: FactHistory, alike: Mapping[str, str]) -> Strands:
    """The strand that the fact is of at any clocks; any, where a correction may have moved it.

    `alike` names of each actor that was ever merged with others one that stands for all of them.
    """
    recording = history.recording
    name, per = _strands(len(KINDS))[recording.name]
    if any({"kind", per} & (each.data.get("changes") or {}).keys() for each in history.amendments):
        return None
    if per is None:
        return {name}
    key = recording.data.get(per)
    return None if key is None else {f"{name}[{alike.get(key, key)}]"}


@cache
def _strands(kinds_known: int) -> Mapping[str, tuple[str, str | None]]:  # noqa: ARG001  (more may be declared later)
    """By kind its strand, and the field by whose values the strand is parted."""
    leaders: dict[str, str] = {}

    def leader(name: str) -> str:
        while leaders.setdefault(name, name) != name:
            name = leaders[name]
        return name

    touched = {name: _touched_by(kind) for name, kind in KINDS.items()}
    for names in touched.values():
        for name in names:
            leaders[leader(name)] = leader(names[0])
    kinds: dict[str, list[str]] = {}
    for kind, names in touched.items():
        kinds.setdefault(leader(names[0]), []).append(kind)
    found: dict[str, tuple[str, str | None]] = {}
    for strand, members in kinds.items():
        per = {KINDS[kind].per for kind in members}
        is_parted = len(per) == 1 and leader(_STATUS) != strand
        found |= dict.fromkeys(members, (strand, per.pop() if is_parted else None))
    return found


def _touched_by(kind: type[Fact]) -> list[str]:
    """What facts of the kind bear on: claims of it, findings by name without keys, the status."""
    acts = {name: f"{kind.__name__}.{name}" for name in kind.acts}
    names = [acts.get(name, name) for name in own_fields(kind) if name != kind.per]
    names += [*kind.sets, *kind.closes]
    rung, apart = rung_of(kind), {*passing_fields(), *_adding_up()}
    bears_on_status = rung.moves or kind.once or not apart.isdisjoint(names)
    return [f"kind {kind.__name__}", *names, *([_STATUS] if bears_on_status else [])]


def _adding_up() -> set[str]:
    return {name for each in SUBJECT_KINDS.values() for name in each.progress or ()}
