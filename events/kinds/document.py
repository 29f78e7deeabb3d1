"""Documents that pass between parties: memoranda, drafts, lists."""

from events.facts import Fact
from events.field_types import ActorId, Text
from events.subject_kinds import Subject


class Document(Subject):
    """A paper that one party announces, hands over or answers."""

    ladder = ("announced", "handed over", "answered")


class DocumentAnnounced(Fact):
    """Somebody announced a document."""

    about = Document
    reaches = "announced"
    acts = ("by",)
    sentence = "[{by} ]announced the document[ {title}]"

    by: ActorId = None
    title: Text = None


class DocumentHandedOver(Fact):
    """A document was handed over."""

    about = Document
    reaches = "handed over"
    sentence = "[{giver} ]handed over the document[ {title}][ to {receiver}][ through {via}]"

    giver: ActorId = None
    receiver: ActorId = None
    via: ActorId = None
    title: Text = None


class DocumentAnswered(Fact):
    """Somebody answered the document."""

    about = Document
    reaches = "answered"
    acts = ("by",)
    sentence = "[{by} ]answered the document"

    by: ActorId = None


class DocumentWithdrawn(Fact):
    """The document was taken back."""

    about = Document
    halts = "withdrawn"
    acts = ("by",)
    sentence = "[{by} ]withdrew the document"

    by: ActorId = None
