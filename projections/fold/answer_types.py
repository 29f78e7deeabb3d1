"""The types of what the fold returns: a state with its findings and claims."""

from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from events.field_types import Json, JsonObject

RULES = 1
"""The number of the rules by which states, facts and differences are folded.

It rises by one with every change that makes an answer to a stored history another: `tests/truth/test_rules.py` fails
until then.
"""
Rules = Annotated[int, Meta(description="The rules it was folded by: a number that rises where stored answers change")]
Beside = Literal["possible", "denied", "planned", "alleged"]
"""The lists of a state that hold claims."""
FactIds = list[str]
Reports = Annotated[int, Meta(description="How many source documents carry it; each counts once")]
OriginsOfReports = Annotated[int, Meta(description="How many origins these are: reports of one telling are one origin")]
How = Literal["contradicts", "overtakes", "carries out", "confirms"]
"""How an actual fact answers a denial, a plan or an allegation."""


class CitationMark(TypedDict):
    """Why a citation does not stand; `version` is the one that lacks the quote."""

    mark: Literal["unverified", "source_withdrawn", "quote_gone"]
    version: NotRequired[int]


class Mark(CitationMark):
    """Why words that something rests on do not stand: of which fact, or dispute as `fact#n`, and of which source."""

    fact: str
    source: str


SetBy = Annotated[FactIds, Meta(description="Corrections, as `fact#n`, that set the value in facts of `because`")]


class Rival(TypedDict):
    """A value that contradicts that of a finding, what gives it, and by whom the first of that is said."""

    value: Json
    because: FactIds
    by: str | None
    set_by: NotRequired[SetBy]
    marks: NotRequired[list[Mark]]


class VerdictInForce(TypedDict):
    """What an editor judged of a contested finding, and by what that was opened anew."""

    n: int
    prefers: Annotated[str | None, Meta(description="A fact, or a dispute as `fact#n`; null: it cannot be decided")]
    reason: str
    by: str
    recorded: str
    reopened_by: NotRequired[Annotated[str, Meta(description="A fact, or a dispute as `fact#n`, recorded later")]]


class Finding(TypedDict):
    """One field of a state, or its status: the value, because of which facts, against which rivals."""

    value: Json
    because: FactIds
    since: Annotated[str | None, Meta(description="When the deciding fact occurred, in EDTF")]
    rivals: list[Rival]
    each: NotRequired[Annotated[dict[str, FactIds], Meta(description="By member of a union, the facts that name it")]]
    verdict: NotRequired[VerdictInForce]
    set_by: NotRequired[SetBy]
    marks: NotRequired[list[Mark]]
    reports: NotRequired[Reports]
    origins: NotRequired[OriginsOfReports]


class OtherValue(TypedDict):
    """A value that another order of uncertain dates would give, and the facts that would give it."""

    value: Json
    because: FactIds


class ListedFact(TypedDict):
    """A fact that stands beside the state and does not move it; `values` are its own fields."""

    fact: str
    kind: str
    occurred: str | None
    by: str | None
    values: JsonObject
    marks: NotRequired[list[Mark]]


class Answer(TypedDict):
    """A certain fact that answers a claim."""

    fact: str
    how: How


class Claim(ListedFact):
    """A fact that is denied, planned or alleged, and what answers it."""

    answered_by: list[Answer]
    more_answers: NotRequired[Annotated[bool, Meta(description="More facts answer it than the first that are listed")]]
    overdue: NotRequired[Annotated[bool, Meta(description="The time of a plan is over, and nothing came")]]


class State(TypedDict):
    """What is known of a subject."""

    id: str
    kind: str | None
    title: str | None
    part_of: str | None
    status: Finding
    fields: dict[str, Finding]
    possibly: dict[str, list[OtherValue]]
    possible: list[ListedFact]
    denied: list[Claim]
    planned: list[Claim]
    alleged: list[Claim]
    merged_into: NotRequired[Annotated[str, Meta(description="The subject whose state this is")]]
