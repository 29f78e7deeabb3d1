"""Accounts: what counts of a matter as one party tells it, and what is only alleged there. Pure."""

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

from events.facts import own_fields
from events.history.fact_as_of import FactAsOf
from projections.fold.fold import differ
from projections.fold.part import Part


def voices_among(party: str, parties: Mapping[str, str]) -> frozenset[str]:
    """The party and all who speak for it, or for one that does.

    Args:
        party: who is heard.
        parties: by actor, for whom that one speaks; a ring does no harm.
    """
    found, voices = frozenset[str](), frozenset({party})
    while voices != found:
        found, voices = voices, voices | {actor for actor, spoken_for in parties.items() if spoken_for in voices}
    return found


def is_said_by(fact: FactAsOf, voices: Set[str]) -> bool:
    """Whether the voices have the fact as it is: not what others say, nor what nobody says and somebody contradicts."""
    said_by = fact.values.get("attributed_to")
    return fact.modality != "actual" or (not is_contradicted(fact) if said_by is None else said_by in voices)


def as_alleged(fact: FactAsOf) -> FactAsOf:
    """The fact as one that is only alleged."""
    return replace(fact, modality="alleged", values={**fact.values, "modality": "alleged"})


def part_as_said_by(part: Part, voices: Set[str]) -> Part:
    """The part that a fact takes as these voices have it."""
    return part if is_said_by(part.fact, voices) else replace(part, fact=as_alleged(part.fact))


def is_contradicted(fact: FactAsOf) -> bool:
    """Whether a dispute in force says another value of a field that the fact sets, or another status than its own.

    Of a map, another value of a key that the fact names.
    """
    status = fact.kind.halts or fact.kind.reaches
    types = own_fields(fact.kind)
    said = {name: fact.values[name] for name in types if name in fact.values}
    if status is not None:
        said["status"] = status

    def contradicts(name: str, value: Any) -> bool:
        if name in types and types[name].keyed:
            return any(differ(said[name][key], value[key]) for key in said[name].keys() & value.keys())
        return differ(said[name], value)

    changes = (entry.data["changes"] for entry in fact.disputes)
    return any(contradicts(name, value) for each in changes for name, value in each.items() if name in said)
