"""Whose account is asked for: the actor that a reading means, and who speaks for it."""

from dataclasses import replace

import orjson

from projections.clocks import Asked, Clocks
from projections.queries.subjects.states import kinds_of
from projections.queries.subjects.values import named_subjects, values_of
from projections.read_models.histories import grouping_at
from projections.read_models.voices import voices_of
from projections.store.snapshots import Snapshot

_NAMES = ("name", "title", "aliases")


def with_voices(snapshot: Snapshot, clocks: Clocks, reading: str) -> Clocks:
    """The clocks with the id of the actor whose account is asked for, and with its voices.

    Raises:
        Invalid: the reading is neither an actor named by the position nor the name of one actor alone.
    """
    actors = _actors_meant(snapshot, clocks, reading)
    if not actors:
        raise clocks.asked.refusal("reading", f"no actor {reading!r:.80} is named up to position {clocks.position}")
    if len(actors) > 1:
        several = ", ".join(sorted(actors)[:5])
        raise clocks.asked.refusal("reading", f"{reading!r:.80} is the name of {len(actors)} actors: {several}")
    (party,) = actors
    asked = replace(clocks.asked, reading=party)
    return replace(clocks, asked=asked, voices=voices_of(snapshot, party, clocks.position))


def _actors_meant(snapshot: Snapshot, clocks: Clocks, reading: str) -> set[str]:
    """The actor of that id; failing that, those so named, without case, at the reported and recorded clocks."""
    position, grouping = clocks.position, grouping_at(snapshot, clocks.position)
    meant = [reading] if kinds_of(snapshot, [reading], position).get(reading) == "actor" else []
    if not meant:
        everything = Clocks(Asked(), None, clocks.reported, position)
        for actors in snapshot.patience.each(named_subjects(snapshot, position, "actor")):
            found = values_of(snapshot, everything, actors)
            meant += [each.subject for each in found if reading.casefold() in _names(each.fields)]
    return {grouping.merged_into(actor) or actor for actor in meant}


def _names(fields: bytes) -> set[str]:
    """All names among the fields of an actor, without case."""
    values = orjson.loads(fields)
    given = (values.get(name) or [] for name in _NAMES)
    return {each.casefold() for names in given for each in (names if isinstance(names, list) else [names])}
