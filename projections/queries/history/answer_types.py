"""The types of what questions about changes return."""

from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from events.field_types import Json
from projections.fold.answer_types import Finding

_Sides = TypedDict("_Sides", {"from": Finding | None, "to": Finding | None})
_Values = TypedDict("_Values", {"from": Json, "to": Json})


class Moment(TypedDict):
    """A notch of a slider: the value to ask with, how much changed then, and of the log the position."""

    value: str
    changes: int
    position: NotRequired[int]


class EventView(TypedDict):
    """An event in short: what it is, of what, when it was recorded and by whom."""

    id: Annotated[str, Meta(description="`fact`, `fact#n`, `subject#n` or `source@position`")]
    event: str
    kind: str | None
    fact: NotRequired[str]
    source: NotRequired[str]
    subject: NotRequired[str]
    n: NotRequired[int]
    position: int
    recorded: str
    recorded_by: str | None


class CausingEvent(EventView):
    """An event that made a difference, and how."""

    cause: str


class FindingChange(TypedDict):
    """A finding as it was and as it is; null where there was none."""

    finding: str
    before: Finding | None
    after: Finding | None


class Step(TypedDict):
    """One change of a subject's state: `position` and `recorded`, or `reported_until`, say when."""

    subject: str
    position: NotRequired[int]
    recorded: NotRequired[str]
    reported_until: NotRequired[Annotated[str | None, Meta(description="Null for what we said; `..` if open")]]
    events: list[EventView]
    changes: list[FindingChange]


class Difference(_Sides):
    """A finding that is not the same on both sides, and why."""

    subject: str
    finding: str
    cause: Annotated[str, Meta(description="The last of the causes")]
    causes: list[str]
    events: list[CausingEvent]
