"""Processes: the whole that rounds of talks, swaps and agreements are part of."""

from events.facts import Fact
from events.field_types import ActorId, Actors, Text
from events.labels import labelled
from events.subject_kinds import Subject


class Process(Subject):
    """A course of dealings between parties; it holds talks, swaps and the rest through `part_of`."""

    words = "Process"


class ProcessOpened(Fact):
    """Parties opened a process between them."""

    words = "A process was opened"
    about = Process
    once = True
    sentence = "the process opened[ between {parties}]"

    parties: Actors = labelled("Between")


class MediationOffered(Fact):
    """Somebody offered to mediate."""

    words = "Mediation was offered"
    about = Process
    acts = ("by", "place")
    sentence = "[{by} ]offered mediation[ at {place}]"
    cameo = "039"

    by: ActorId = labelled("Mediation offered by")
    place: Text = labelled("Mediation offered at")
