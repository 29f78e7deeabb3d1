"""Facts without an id of their own that were edited in a chronicle: taken in again, each would be a second fact."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from events.commands.record_facts import FactBody, read_as_far_as_whole
from events.kinds.descriptions import field_in_words
from projections.clocks import Asked
from projections.queries.evidence.facts import edited_facts
from projections.store.snapshots import Snapshot
from service.chronicle.file import unstamped
from service.databases.chronology import Chronology


class Edited(NamedTuple):
    """A fact that seems to be a recorded one in other words: its id, the recorded one's id, and a sentence."""

    id: str
    recorded: str
    sentence: str


def edited_in(snapshot: Snapshot, facts: Sequence[FactBody], beside: AbstractSet[str]) -> list[Edited]:
    """Those of the facts, of a chronicle that holds the ids `beside` them, that seem to be edited."""
    unnamed = {each.id: each for each in facts if each.own_id is None}
    found = edited_facts(snapshot, {name: (each.kind, each.values) for name, each in unnamed.items()}, beside)
    return [
        Edited(name, recorded, _sentence(unnamed[name], recorded, changed))
        for name, (recorded, changed) in found.items()
    ]


def doubts_of(chronology: Chronology, given: Sequence[Any]) -> list[str]:
    """The same of the facts of a whole file before it is recorded, each with the fact's id; of those that are whole."""
    told = [each for each in given if isinstance(each, dict)]
    named = {each["id"] for each in told if isinstance(each.get("id"), str)}
    unnamed = [unstamped(each) for each in told if each.get("id") is None]
    facts, _ = read_as_far_as_whole(unnamed, [""] * len(unnamed))
    with chronology.ask(Asked()) as (snapshot, _):
        beside = named | {each.id for each in facts}
        return [f"fact {each.id!r}: {each.sentence}" for each in edited_in(snapshot, facts, beside)]


def _sentence(fact: FactBody, recorded: str, changed: Sequence[str]) -> str:
    named = {"citations": "its quote", "occurred": "when it happened"}
    fields = " and ".join(named.get(each) or field_in_words(each, fact.kind.__name__) or each for each in changed)
    return f"a second fact beside {recorded!r}, as it differs only in {fields}; was that one to be corrected?"
