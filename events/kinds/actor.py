"""Actors: persons, organisations and states."""

from events.facts import Fact
from events.field_types import ActorId, ActorType, Text, Texts
from events.labels import labelled
from events.subject_kinds import Subject


class Actor(Subject):
    """A person, an organisation or a state that acts or is spoken of."""

    words = "Person or party"


class ActorNamed(Fact):
    """An actor was given a name."""

    words = "An actor was named"
    about = Actor
    timeless = True
    required = ("name",)
    unions = ("aliases",)
    sentence = "named {name}[, {type}][, also known as {aliases}][, speaks for {party}]"

    name: Text = labelled("Name")
    type: ActorType = labelled("Person, organisation or state")
    aliases: Texts = labelled("Also known as")
    party: ActorId = labelled("Speaks for")


class OfficeAssumed(Fact):
    """An actor took up an office."""

    words = "An office was taken up"
    about = Actor
    per = "office"
    begins = True
    sets = {"holds": True}  # noqa: RUF012
    labels = {"holds": "Office"}  # noqa: RUF012
    sentence = "took office as {office}[, {body}]"

    office: Text = labelled("Office")
    body: Text = labelled("Institution")


class OfficeLeft(Fact):
    """An actor left an office."""

    words = "An office was left"
    about = Actor
    per = "office"
    sets = {"holds": False}  # noqa: RUF012
    labels = {"holds": "Office"}  # noqa: RUF012
    closes = ("body",)
    sentence = "left office as {office}"

    office: Text = labelled("Office")
