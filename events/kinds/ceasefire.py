"""Ceasefires and truces."""

from typing import ClassVar

from events.facts import Fact
from events.field_types import ActorId, Actors, Date, Text
from events.subject_kinds import Subject


class Ceasefire(Subject):
    """A pause in the fighting, with or without an end."""

    ladder = ("proposed", "agreed", "in force", "ended")
    passing: ClassVar = {"agreed": ("ends", "expired"), "in force": ("ends", "expired")}


class CeasefireProposed(Fact):
    """Somebody proposed a ceasefire."""

    about = Ceasefire
    reaches = "proposed"
    acts = ("by",)
    sentence = "[{by} ]proposed a ceasefire[: {scope}]"
    cameo = "0356"

    by: ActorId = None
    scope: Text = None


class CeasefireAgreed(Fact):
    """Parties agreed upon a ceasefire."""

    about = Ceasefire
    reaches = "agreed"
    once = True
    sentence = "[{parties} ]agreed upon a ceasefire[: {scope}][ from {starts}][ until {ends}]"
    cameo = "0871"

    parties: Actors = None
    scope: Text = None
    starts: Date = None
    ends: Date = None


class CeasefireBegan(Fact):
    """The ceasefire began."""

    about = Ceasefire
    reaches = "in force"
    once = True
    begins = True
    sentence = "the ceasefire began"
    cameo = "0871"


class CeasefireViolationAlleged(Fact):
    """Somebody said that the ceasefire was broken."""

    about = Ceasefire
    acts = ("by", "against")
    sentence = "[{by} ]alleged a breach of the ceasefire[ by {against}]"
    cameo = "112"

    by: ActorId = None
    against: ActorId = None


class CeasefireSuspended(Fact):
    """The ceasefire was suspended."""

    about = Ceasefire
    halts = "suspended"
    acts = ("by",)
    sentence = "[{by} ]suspended the ceasefire"

    by: ActorId = None


class CeasefireEnded(Fact):
    """The ceasefire came to its end."""

    about = Ceasefire
    reaches = "ended"
    once = True
    acts = ("reason",)
    sentence = "the ceasefire ended[: {reason}]"

    reason: Text = None
