"""Agreements between parties, from their being reached to their end."""

from events.facts import Fact
from events.field_types import ActorId, Actors, Text
from events.labels import labelled
from events.subject_kinds import Subject


class Agreement(Subject):
    """What parties agree upon, in writing or not."""

    words = "Agreement"
    ladder = ("reached", "signed", "in force", "implemented")


class AgreementReached(Fact):
    """Parties came to an agreement."""

    words = "An agreement was reached"
    about = Agreement
    reaches = "reached"
    once = True
    sentence = "[{parties} ]reached an agreement[: {scope}]"
    cameo = "030"

    parties: Actors = labelled("Between")
    scope: Text = labelled("What it covers")


class AgreementSigned(Fact):
    """The agreement was signed."""

    words = "The agreement was signed"
    about = Agreement
    reaches = "signed"
    once = True
    sentence = "the agreement was signed[ by {signatories}]"
    cameo = "057"

    signatories: Actors = labelled("Signed by")


class AgreementEnteredIntoForce(Fact):
    """The agreement entered into force."""

    words = "The agreement entered into force"
    about = Agreement
    reaches = "in force"
    once = True
    begins = True
    sentence = "the agreement entered into force"


class AgreementImplemented(Fact):
    """The agreement was carried out."""

    words = "The agreement was carried out"
    about = Agreement
    reaches = "implemented"
    once = True
    sentence = "the agreement was carried out"


class AgreementSuspended(Fact):
    """The agreement was suspended."""

    words = "The agreement was suspended"
    about = Agreement
    halts = "suspended"
    acts = ("by",)
    sentence = "[{by} ]suspended the agreement"

    by: ActorId = labelled("Suspended by")


class AgreementTerminated(Fact):
    """The agreement was ended."""

    words = "The agreement was ended"
    about = Agreement
    halts = "terminated"
    acts = ("by",)
    sentence = "[{by} ]terminated the agreement"

    by: ActorId = labelled("Ended by")
