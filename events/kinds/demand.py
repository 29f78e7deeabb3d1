"""Demands: what one party asks of another."""

from events.facts import Fact
from events.field_types import ActorId, Count, Text
from events.subject_kinds import Subject


class Demand(Subject):
    """Something that one party asks another to do or to return."""

    ladder = ("made", "acknowledged", "partly met", "met")


class ReturnDemanded(Fact):
    """Somebody demanded that persons be returned."""

    about = Demand
    reaches = "made"
    once = True
    sentence = "[{by} ]demanded[ of {of}] that people be returned[: {persons}][ ({count})][, {grounds}]"
    cameo = "1053"

    by: ActorId = None
    of: ActorId = None
    persons: Text = None
    count: Count = None
    grounds: Text = None


class DemandMade(Fact):
    """Somebody demanded something."""

    about = Demand
    reaches = "made"
    once = True
    required = ("what",)
    sentence = "[{by} ]demanded[ of {of}]: {what}"
    cameo = "100"

    by: ActorId = None
    of: ActorId = None
    what: Text = None


class DemandReiterated(Fact):
    """Somebody repeated the demand."""

    about = Demand
    reaches = "made"
    acts = ("by",)
    sentence = "[{by} ]repeated the demand"
    cameo = "100"

    by: ActorId = None


class DemandAcknowledged(Fact):
    """The demand was taken note of by the one it was made of."""

    about = Demand
    reaches = "acknowledged"
    acts = ("by",)
    sentence = "[{by} ]acknowledged the demand"

    by: ActorId = None


class DemandPartlyMet(Fact):
    """A part of what was demanded was done."""

    about = Demand
    reaches = "partly met"
    acts = ("count",)
    sentence = "the demand was partly met[: {count}]"
    cameo = "080"

    count: Count = None


class DemandMet(Fact):
    """What was demanded was done."""

    about = Demand
    reaches = "met"
    once = True
    sentence = "the demand was met"
    cameo = "080"


class DemandRefused(Fact):
    """The demand was refused."""

    about = Demand
    halts = "refused"
    acts = ("by", "reason")
    sentence = "[{by} ]refused the demand[: {reason}]"
    cameo = "120"

    by: ActorId = None
    reason: Text = None


class DemandWithdrawn(Fact):
    """The demand was taken back."""

    about = Demand
    halts = "withdrawn"
    acts = ("by",)
    sentence = "[{by} ]withdrew the demand"

    by: ActorId = None
