"""Actors: persons, organisations and states."""

from events.facts import Fact
from events.field_types import ActorId, ActorType, Text, Texts
from events.subject_kinds import Subject


class Actor(Subject):
    """A person, an organisation or a state that acts or is spoken of."""


class ActorNamed(Fact):
    """An actor was given a name."""

    about = Actor
    timeless = True
    required = ("name",)
    unions = ("aliases",)
    sentence = "named {name}[, {type}][, also known as {aliases}][, speaks for {party}]"

    name: Text = None
    type: ActorType = None
    aliases: Texts = None
    party: ActorId = None


class OfficeAssumed(Fact):
    """An actor took up an office."""

    about = Actor
    per = "office"
    begins = True
    sets = {"holds": True}  # noqa: RUF012
    sentence = "took office as {office}[ of {body}]"

    office: Text = None
    body: Text = None


class OfficeLeft(Fact):
    """An actor left an office."""

    about = Actor
    per = "office"
    sets = {"holds": False}  # noqa: RUF012
    closes = ("body",)
    sentence = "left office as {office}"

    office: Text = None
