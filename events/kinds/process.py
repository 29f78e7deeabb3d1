"""Processes: the whole that rounds of talks, swaps and agreements are part of."""

from events.facts import Fact
from events.field_types import ActorId, Actors, Text
from events.labels import labelled
from events.subject_kinds import Subject, stems


class Process(Subject):
    """A course of dealings between parties; it holds talks, swaps and the rest through `part_of`."""

    words = "Process"
    nouns = stems(
        "en: process, negotiation, mediation; uk: процес, перемовин; ru: процесс, переговор; tr: süreç;"
        " fr: processus, pourparler; ar: عملية, مفاوضات"
    )


class ProcessOpened(Fact):
    """Parties opened a process between them."""

    words = "A process was opened"
    verbs = stems(
        "en: launched, opened, set up; uk: започаткув, відкри; ru: начат, открыт; tr: başlatıl; fr: lancé, ouvert;"
        " ar: أطلق, افتتح"
    )
    about = Process
    once = True
    sentence = "the process opened[ between {parties}]"

    parties: Actors = labelled("Between")


class MediationOffered(Fact):
    """Somebody offered to mediate."""

    words = "Mediation was offered"
    verbs = stems(
        "en: mediat, good offices, offer to mediate; uk: посередни; ru: посредни; tr: arabulucu;"
        " fr: bons offices, médiat; ar: وساطة, وسيط"
    )
    about = Process
    acts = ("by", "place")
    sentence = "[{by} ]offered mediation[ at {place}]"
    cameo = "039"

    by: ActorId = labelled("Mediation offered by")
    place: Text = labelled("Mediation offered at")
