"""Processes: the whole that rounds of talks, swaps and agreements are part of."""

from events.facts import Fact
from events.field_types import ActorId, Actors, Text
from events.subject_kinds import Subject


class Process(Subject):
    """A course of dealings between parties; it holds talks, swaps and the rest through `part_of`."""


class ProcessOpened(Fact):
    """Parties opened a process between them."""

    about = Process
    once = True
    sentence = "the process opened[ between {parties}]"

    parties: Actors = None


class MediationOffered(Fact):
    """Somebody offered to mediate."""

    about = Process
    acts = ("by", "place")
    sentence = "[{by} ]offered mediation[ at {place}]"
    cameo = "039"

    by: ActorId = None
    place: Text = None
