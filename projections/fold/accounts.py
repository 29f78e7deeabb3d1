"""Accounts: what counts of a matter as one party tells it, and what is only alleged there. Pure."""

from collections.abc import Mapping, Set
from dataclasses import replace

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


def as_told(fact: FactAsOf, voices: Set[str]) -> FactAsOf:
    """The fact as these voices have it: what others say, and what nobody says and somebody contradicts, is alleged."""
    said_by = fact.values.get("attributed_to")
    counts = not is_contradicted(fact) if said_by is None else said_by in voices
    if fact.modality != "actual" or counts:
        return fact
    return replace(fact, modality="alleged", values={**fact.values, "modality": "alleged"})


def part_as_told(part: Part, voices: Set[str]) -> Part:
    """The same of the part that a fact takes."""
    fact = as_told(part.fact, voices)
    return part if fact is part.fact else replace(part, fact=fact)


def is_contradicted(fact: FactAsOf) -> bool:
    """Whether a dispute in force says another value of a field that the fact sets, or another status than its own."""
    status = fact.kind.halts or fact.kind.reaches
    said = {name: fact.values[name] for name in own_fields(fact.kind) if name in fact.values}
    if status is not None:
        said["status"] = status
    disputed = (entry.data["changes"] for entry in fact.disputes)
    return any(name in said and differ(said[name], value) for changes in disputed for name, value in changes.items())
