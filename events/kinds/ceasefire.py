"""Ceasefires and truces."""

from typing import ClassVar

from events.facts import Fact
from events.field_types import ActorId, Actors, Date, Text
from events.labels import labelled
from events.subject_kinds import Subject, stems


class Ceasefire(Subject):
    """A pause in the fighting, with or without an end."""

    words = "Ceasefire"
    nouns = stems(
        "en: ceasefire, truce, cease-fire, fighting; uk: перемир'я, припинення вогню;"
        " ru: перемири, прекращени, огонь; tr: ateşkes; fr: trêve, cessez-le-feu; ar: هدنة, وقف إطلاق النار"
    )
    ladder = ("proposed", "agreed", "in force", "ended")
    lasting = ("in force", "suspended")
    passing: ClassVar = {"agreed": ("ends", "expired"), "in force": ("ends", "expired")}


class CeasefireProposed(Fact):
    """Somebody proposed a ceasefire."""

    words = "A ceasefire was proposed"
    verbs = stems(
        "en: propos, call for, offer; uk: пропону, запропону; ru: предлож, предлага; tr: öner, teklif;"
        " fr: propos, appel; ar: اقترح, عرض"
    )
    about = Ceasefire
    reaches = "proposed"
    acts = ("by",)
    sentence = "[{by} ]proposed a ceasefire[: {scope}]"
    cameo = "0356"

    by: ActorId = labelled("Proposed by")
    scope: Text = labelled("What it covers")


class CeasefireAgreed(Fact):
    """Parties agreed upon a ceasefire."""

    words = "A ceasefire was agreed"
    verbs = stems(
        "en: agree, extend; uk: домовил, погоди; ru: договори, продлил; tr: anlaş, uzat; fr: conven, conclu, prolong;"
        " ar: اتفق, تمديد"
    )
    about = Ceasefire
    reaches = "agreed"
    once = True
    sentence = "[{parties} ]agreed upon a ceasefire[: {scope}][ from {starts}][ until {ends}]"
    cameo = "0871"

    parties: Actors = labelled("Between")
    scope: Text = labelled("What it covers")
    starts: Date = labelled("From")
    ends: Date = labelled("Until")


class CeasefireBegan(Fact):
    """The ceasefire began."""

    words = "The ceasefire began"
    verbs = stems(
        "en: began, in force, took effect, start, has mostly held; uk: діє, почал, набул;"
        " ru: начал, вступил, действует, прекращал, начат; tr: yürürlüğe, başla;"
        " fr: en vigueur, proclam, commenc, entré; ar: دخلت, بدأ, حيز التنفيذ, استئناف"
    )
    about = Ceasefire
    reaches = "in force"
    once = True
    begins = True
    sentence = "the ceasefire began"
    cameo = "0871"


class CeasefireViolationAlleged(Fact):
    """Somebody said that the ceasefire was broken."""

    words = "A breach of the ceasefire was alleged"
    verbs = stems(
        "en: violat, breach, broke, broken; uk: поруш; ru: наруш; tr: ihlal; fr: rompu, violé, violation;"
        " ar: خرق, انتهك"
    )
    about = Ceasefire
    acts = ("by", "against")
    sentence = "[{by} ]alleged a breach of the ceasefire[ by {against}]"
    cameo = "112"

    by: ActorId = labelled("Alleged by")
    against: ActorId = labelled("Alleged against")


class CeasefireSuspended(Fact):
    """The ceasefire was suspended."""

    words = "The ceasefire was suspended"
    verbs = stems("en: suspend; uk: призупин; ru: приостанов; tr: askıya; fr: suspend; ar: علق, تعليق")
    about = Ceasefire
    halts = "suspended"
    acts = ("by",)
    sentence = "[{by} ]suspended the ceasefire"

    by: ActorId = labelled("Suspended by")


class CeasefireEnded(Fact):
    """The ceasefire came to its end."""

    words = "The ceasefire ended"
    verbs = stems(
        "en: ended, expire, over; uk: закінчи, заверши; ru: закончил, истек, продлит; tr: sona erdi, bitti;"
        " fr: expir, pris fin, terminé; ar: انتهى, انتهت"
    )
    about = Ceasefire
    reaches = "ended"
    once = True
    acts = ("reason",)
    sentence = "the ceasefire ended[: {reason}]"

    reason: Text = labelled("Reason for its end")
