"""Events on a fact: corroborated, disputed, corrected, retracted, reinstated, or an amendment withdrawn.

An amendment is either a source's act (citations, no kind) or ours (one of `OUR_KINDS`, with a reason).
"""

from dataclasses import KW_ONLY, field
from typing import Any, ClassVar

from eventsourcing.domain import DomainEvent
from eventsourcing.utils import register_topic

MISREADINGS = ("transcription_error", "misattribution", "misclassification")
JUDGEMENTS = ("precision_refinement", "reassessment")
OUR_KINDS = MISREADINGS + JUDGEMENTS


class Amendment(DomainEvent):
    """What all amendments share. Its number in the fact's stream is `n`, 1 for the first after the recording."""

    TOPIC: ClassVar[str]
    call: ClassVar[str] = ""
    words: ClassVar[tuple[str, ...]] = ("reason",)
    """The values that are stored under seal, beside those of `changes` that hold words."""

    _: KW_ONLY
    fact: str
    recorded_by: str
    accepted_by: str | None = None
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

    @property
    def n(self) -> int:
        """The amendment's number in the stream of its fact."""
        return self.originator_version - 1


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
