"""Agreements between parties, from their being reached to their end."""

from events.facts import Fact
from events.field_types import ActorId, Actors, Text
from events.subject_kinds import Subject


class Agreement(Subject):
    """What parties agree upon, in writing or not."""

    ladder = ("reached", "signed", "in force", "implemented")


class AgreementReached(Fact):
    """Parties came to an agreement."""

    about = Agreement
    reaches = "reached"
    once = True
    sentence = "[{parties} ]reached an agreement[: {scope}]"
    cameo = "030"

    parties: Actors = None
    scope: Text = None


class AgreementSigned(Fact):
    """The agreement was signed."""

    about = Agreement
    reaches = "signed"
    once = True
    sentence = "the agreement was signed[ by {signatories}]"
    cameo = "057"

    signatories: Actors = None


class AgreementEnteredIntoForce(Fact):
    """The agreement entered into force."""

    about = Agreement
    reaches = "in force"
    once = True
    begins = True
    sentence = "the agreement entered into force"


class AgreementImplemented(Fact):
    """The agreement was carried out."""

    about = Agreement
    reaches = "implemented"
    once = True
    sentence = "the agreement was carried out"


class AgreementSuspended(Fact):
    """The agreement was suspended."""

    about = Agreement
    halts = "suspended"
    acts = ("by",)
    sentence = "[{by} ]suspended the agreement"

    by: ActorId = None


class AgreementTerminated(Fact):
    """The agreement was ended."""

    about = Agreement
    halts = "terminated"
    acts = ("by",)
    sentence = "[{by} ]terminated the agreement"

    by: ActorId = None
