"""The types of what questions about facts and sources return."""

from typing import Annotated, NotRequired, TypedDict, final

from msgspec import Meta

from events.field_types import JsonObject, Modality
from events.history.streams import StoredCitation
from projections.clocks import AskedClocks
from projections.fold.answer_types import CitationMark, Finding
from projections.read_models.erasure import Redaction

AmendmentIds = Annotated[list[str], Meta(description="Amendments, each as `fact#n`")]
Edtf = Annotated[str | None, Meta(description="EDTF text; null where it is not known")]


class MarkedCitation(StoredCitation):
    """A citation, and why it does not stand where it does not; `verified` says that its words do."""

    marks: NotRequired[list[CitationMark]]


class PublishedCitation(MarkedCitation):
    """A citation, and who published the source."""

    publisher: str


class FactView(TypedDict):
    """A fact as it stands at the clocks."""

    id: str
    kind: str
    subject: str
    occurred: Edtf
    zone: Annotated[str, Meta(description="The IANA time zone in which the date is read")]
    modality: Modality
    attributed_to: str | None
    credibility: Annotated[str, Meta(description="Admiralty code: source A to F, information 1 to 6")]
    note: str | None
    fields: Annotated[JsonObject, Meta(description="The kind's own fields that have a value")]
    by: Annotated[str | None, Meta(description="Whose words these are: the actor they are attributed to, or publisher")]
    citations: list[PublishedCitation]
    retracted: bool
    reported_before_occurred: bool
    position: int
    recorded: str
    corrected_by: NotRequired[dict[str, AmendmentIds]]
    disputed_by: NotRequired[AmendmentIds]
    redaction: NotRequired[Annotated[Redaction, Meta(description="Where its words were erased; not said in lists")]]


class StreamEntry(TypedDict):
    """One event of a fact's stream: its recording, or an amendment."""

    event: str
    n: int
    position: int
    recorded: str
    recorded_by: str | None
    accepted_by: NotRequired[str]
    citations: list[MarkedCitation]
    redacted: NotRequired[bool]
    kind: NotRequired[str | None]
    said: NotRequired[Annotated[JsonObject, Meta(description="The fact's values as they were recorded")]]
    id: NotRequired[str | None]
    reason: NotRequired[str | None]
    changes: NotRequired[JsonObject | None]
    lifts: NotRequired[Annotated[int, Meta(description="The retraction that a reinstatement lifts")]]
    withdraws: NotRequired[Annotated[int, Meta(description="The amendment that a withdrawal undoes")]]
    withdrawn: NotRequired[bool]
    rests_on_withdrawn: NotRequired[Annotated[bool, Meta(description="The retraction that it lifts is withdrawn")]]


class FactWithStream(FactView):
    """A fact as it stands at the clocks, and who recorded what of it when."""

    stream: list[StreamEntry]


class VisibleFact(FactWithStream):
    """A fact that is visible at the clocks asked."""

    visible: bool
    asked: AskedClocks


@final
class HiddenFact(TypedDict):
    """A fact that was not yet reported at the clocks asked."""

    id: str
    visible: bool
    stream: list[StreamEntry]
    redaction: NotRequired[Redaction]
    asked: AskedClocks


class Version(TypedDict):
    """A version of a source's text."""

    version: int
    sha256: str
    has_text: bool
    published: Edtf
    retrieved_at: str | None
    position: int
    recorded: str
    recorded_by: str


class SourceRepair(TypedDict):
    """Our repair of what was noted about a source."""

    kind: str
    reason: str
    changes: JsonObject
    position: int
    recorded: str
    recorded_by: str


class SourceView(TypedDict):
    """A source as noted at a position."""

    id: str
    title: str
    publisher: str
    url: str | None
    published: Edtf
    zone: str
    language: str | None
    withdrawn: bool
    version: Annotated[int, Meta(description="The latest version")]
    sha256: str
    versions: list[Version]
    corrections: list[SourceRepair]
    redaction: NotRequired[Redaction]


class SourceText(TypedDict):
    """The text of a source's version."""

    id: str
    version: int
    sha256: str
    text: str


class Audit(Finding):
    """All that one finding rests on."""

    subject: str
    finding: str
    asked: AskedClocks
    facts: list[FactWithStream]
    sources: list[SourceView]
