"""Events on what was recorded before: on facts, on subjects, on proposals, and the redaction of words.

An amendment of a fact is either a source's act (citations, no kind) or ours (one of `OUR_KINDS`, with a reason).
"""

from dataclasses import KW_ONLY, field
from typing import Any, ClassVar

from eventsourcing.domain import DomainEvent
from eventsourcing.utils import register_topic

MISREADINGS = ("transcription_error", "misattribution", "misclassification")
JUDGEMENTS = ("precision_refinement", "reassessment")
OUR_KINDS = MISREADINGS + JUDGEMENTS


class Amendment(DomainEvent):
    """What all amendments share; `call` is the last part of the path that records it."""

    TOPIC: ClassVar[str]
    call: ClassVar[str] = ""
    encrypted: ClassVar[tuple[str, ...]] = ("reason",)
    """The values that are stored under seal, beside those of `changes` that hold words."""

    _: KW_ONLY
    fact: str
    recorded_by: str
    recorded_with: str | None = None
    imported: dict[str, str] | None = None
    accepted_by: str | None = None
    accepted_with: str | None = None
    id: str | None = None
    kind: str | None = None
    reason: str | None = None
    citations: list[dict[str, Any]] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    opens: dict[str, str | None] = field(default_factory=dict)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.TOPIC = f"amendment:{cls.__name__}"
        register_topic(cls.TOPIC, cls)
        AMENDMENTS[cls.__name__] = cls


AMENDMENTS: dict[str, type[Amendment]] = {}


class FactCorroborated(Amendment):
    """A further source says the same."""

    call = "corroborations"


class FactDisputed(Amendment):
    """Somebody says a rival value."""

    call = "disputes"


class FactCorrected(Amendment):
    """Values of the fact are replaced, by its source or by us."""

    call = "corrections"


class FactRetracted(Amendment):
    """A source takes its report back, or we take back our record of it."""

    call = "retractions"


class FactReinstated(Amendment):
    """A retraction is lifted: the one numbered `lifts`, the last in force when this was recorded."""

    call = "reinstatements"

    _: KW_ONLY
    lifts: int


class AmendmentWithdrawn(Amendment):
    """The amendment numbered `withdraws` is undone."""

    call = "withdrawal"

    _: KW_ONLY
    withdraws: int


CALLS: dict[str, type[Amendment]] = {each.call: each for each in AMENDMENTS.values()}


class ActOnSubject(DomainEvent):
    """What merges, splits, verdicts and their withdrawals share; they are numbered in the subject's stream."""

    TOPIC: ClassVar[str]
    encrypted: ClassVar[tuple[str, ...]] = ("reason",)

    _: KW_ONLY
    subject: str
    recorded_by: str
    recorded_with: str | None = None
    imported: dict[str, str] | None = None
    reason: str
    id: str | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.TOPIC = f"subject:{cls.__name__}"
        register_topic(cls.TOPIC, cls)


class SubjectMerged(ActOnSubject):
    """The subject turned out to be another: its facts are read as being about that one."""

    _: KW_ONLY
    kind: str
    into: str
    opens: dict[str, str | None] = field(default_factory=dict)


class SubjectSplit(ActOnSubject):
    """A part of the subject's facts turned out to be about another subject."""

    _: KW_ONLY
    kind: str
    into: str
    facts: list[str]
    opens: dict[str, str | None] = field(default_factory=dict)


class RegroupingWithdrawn(ActOnSubject):
    """A merge or split, numbered in the subject's stream, is undone."""

    _: KW_ONLY
    kind: str
    withdraws: int
    opens: dict[str, str | None] = field(default_factory=dict)


class VerdictGiven(ActOnSubject):
    """An editor judged a contested finding: for a fact, for a dispute `fact#n`, or that it cannot be decided."""

    _: KW_ONLY
    finding: str
    prefers: str | None = None


class VerdictWithdrawn(ActOnSubject):
    """The verdict of that number in the subject's stream is undone."""

    _: KW_ONLY
    kind: str
    withdraws: int


REGROUPINGS: dict[str, type[ActOnSubject]] = {
    each.__name__: each for each in (SubjectMerged, SubjectSplit, RegroupingWithdrawn)
}
VERDICTS: dict[str, type[ActOnSubject]] = {each.__name__: each for each in (VerdictGiven, VerdictWithdrawn)}
ACTS_ON_SUBJECTS = REGROUPINGS | VERDICTS


class ProposalEvent(DomainEvent):
    """What the events of a proposal's stream share; their words are for editors and for who proposed."""

    TOPIC: ClassVar[str]
    encrypted: ClassVar[tuple[str, ...]] = ()

    _: KW_ONLY
    id: str
    recorded_by: str
    recorded_with: str | None = None
    imported: dict[str, str] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.TOPIC = f"proposal:{cls.__name__}"
        register_topic(cls.TOPIC, cls)
        PROPOSAL_EVENTS[cls.__name__] = cls


PROPOSAL_EVENTS: dict[str, type[ProposalEvent]] = {}


class ChronicleProposed(ProposalEvent):
    """Sources, subjects, facts or amendments were proposed, through an assistant if one is named.

    One that `lacks_words` is a fact without citations, one that `lacks_kind` a citation without a fact.
    """

    encrypted = ("chronicle",)
    quotes_sources = True

    _: KW_ONLY
    chronicle: dict[str, Any] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    lacks_words: bool | None = None
    lacks_kind: bool | None = None
    assistant: str | None = None


class ProposalAccepted(ProposalEvent):
    """An editor accepted a proposal; what it held was recorded in the same call, under both names."""


class ProposalRejected(ProposalEvent):
    """An editor rejected a proposal; the reason has a key of its own, as that of what was proposed is destroyed."""

    encrypted = ("reason",)

    _: KW_ONLY
    reason: str


class ProposalSourced(ProposalEvent):
    """Words of a source were given to a fact, or a fact to words; it was recorded, or proposed, in the same call."""


DECISIONS = (ProposalAccepted, ProposalRejected, ProposalSourced)
"""What ends a proposal, and with it the words of what was proposed."""


class WordsRedacted(DomainEvent):
    """The words of a stream were erased; the reason is kept in the open for ever and must not repeat them."""

    TOPIC: ClassVar[str] = "redaction:WordsRedacted"

    _: KW_ONLY
    of: str
    id: str
    reason: str
    recorded_by: str
    recorded_with: str | None = None
    imported: dict[str, str] | None = None


register_topic(WordsRedacted.TOPIC, WordsRedacted)
