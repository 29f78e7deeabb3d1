"""Documents that pass between parties: memoranda, drafts, lists."""

from events.facts import Fact
from events.field_types import ActorId, Text
from events.labels import labelled
from events.subject_kinds import Subject


class Document(Subject):
    """A paper that one party announces, hands over or answers."""

    words = "Document"
    ladder = ("announced", "handed over", "answered")


class DocumentAnnounced(Fact):
    """Somebody announced a document."""

    words = "A document was announced"
    about = Document
    reaches = "announced"
    acts = ("by",)
    sentence = "[{by} ]announced the document[ {title}]"

    by: ActorId = labelled("Announced by")
    title: Text = labelled("Title")


class DocumentHandedOver(Fact):
    """A document was handed over."""

    words = "A document was handed over"
    about = Document
    reaches = "handed over"
    sentence = "[{giver} ]handed over the document[ {title}][ to {receiver}][ through {via}]"

    giver: ActorId = labelled("Handed over by")
    receiver: ActorId = labelled("Handed over to")
    via: ActorId = labelled("Passed on by")
    title: Text = labelled("Title")


class DocumentAnswered(Fact):
    """Somebody answered the document."""

    words = "The document was answered"
    about = Document
    reaches = "answered"
    acts = ("by",)
    sentence = "[{by} ]answered the document"

    by: ActorId = labelled("Answered by")


class DocumentWithdrawn(Fact):
    """The document was taken back."""

    words = "The document was taken back"
    about = Document
    halts = "withdrawn"
    acts = ("by",)
    sentence = "[{by} ]withdrew the document"

    by: ActorId = labelled("Taken back by")
