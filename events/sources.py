"""Sources: documents, versioned and never overwritten, and our repairs of what we noted about them."""

from dataclasses import KW_ONLY, field
from typing import Any, ClassVar, Literal, get_args

from eventsourcing.domain import DomainEvent
from eventsourcing.utils import register_topic

TextIs = Literal["original", "excerpt", "digest", "translation"]
"""What the text of a source is: its own words, a part of them, our words for them, or these in another language."""
TEXT_IS: tuple[TextIs, ...] = get_args(TextIs)
ORIGINAL: TextIs = "original"
"""What a text is that says nothing of it; so it is stored."""
TEXTS = ("SourceRegistered", "SourceRevised")
"""The events that bring a version of the text."""
REPAIRABLE = ("title", "publisher", "published", "zone", "url", "agency", "derived_from", "text_is")
NOTED_WORDS = ("title", "publisher", "url", "agency")
"""What is noted about a document in words, which may name people."""

PSEUDONYMS = {"publisher": "pseudonym", "agency": "agency_pseudonym"}
"""The fields that stand for names, also once these are erased."""


class SourceEvent(DomainEvent):
    """What the events of a source's stream share."""

    TOPIC: ClassVar[str]
    encrypted: ClassVar[tuple[str, ...]] = ()
    """The values that are stored under seal, beside those words that `changes` holds."""

    _: KW_ONLY
    id: str
    recorded_by: str
    recorded_with: str | None = None
    imported: dict[str, str] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.TOPIC = f"source:{cls.__name__}"
        register_topic(cls.TOPIC, cls)
        SOURCE_EVENTS[cls.__name__] = cls


SOURCE_EVENTS: dict[str, type[SourceEvent]] = {}


class SourceRegistered(SourceEvent):
    """A document was taken in; its text is version 1. Without text, its citations stay unverified.

    `agency` is whose words the publisher passes on, `derived_from` names the sources that the document is made from.
    `pseudonym` and `agency_pseudonym` stand for publisher and agency, also once these are erased. `original` describes
    the bytes that the text was taken from, which are kept beside the log: `media_type`, `name`, `bytes` and `sha256`.
    """

    encrypted = (*NOTED_WORDS, "text", "sha256", "original")

    _: KW_ONLY
    title: str
    publisher: str
    sha256: str
    zone: str
    url: str | None = None
    published: str | None = None
    language: str | None = None
    text: str | None = None
    retrieved_at: str | None = None
    pseudonym: str | None = None
    agency: str | None = None
    agency_pseudonym: str | None = None
    derived_from: list[str] | None = None
    text_is: str | None = None
    original: dict[str, Any] | None = None


class SourceRevised(SourceEvent):
    """The document's text changed: a further version, beside those before it."""

    encrypted = ("text", "sha256", "original")

    _: KW_ONLY
    version: int
    text: str
    sha256: str
    retrieved_at: str
    published: str | None = None
    original: dict[str, Any] | None = None


class SourceCorrected(SourceEvent):
    """We repaired what we had noted about the document; its texts stay. Pseudonyms stand for names in `changes`."""

    encrypted = ("reason",)

    _: KW_ONLY
    kind: str
    reason: str
    correction: str | None = None
    pseudonym: str | None = None
    agency_pseudonym: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)


class SourceWithdrawn(SourceEvent):
    """The publisher took the document back; what rested on it is marked, and retracted only by amendments."""

    encrypted = ("reason",)

    _: KW_ONLY
    reason: str
    published: str | None = None
    withdrawal: str | None = None


class SourceWithdrawalWithdrawn(SourceEvent):
    """The withdrawal numbered `withdraws` was noted in error, or taken back: the document stands as before."""

    encrypted = ("reason",)

    _: KW_ONLY
    kind: str
    reason: str
    withdraws: int
    withdrawal: str | None = None
