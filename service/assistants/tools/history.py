"""Tools that ask how things came and changed: facts in order, differences, and whether what was cited still holds."""

from typing import Annotated, Any

from msgspec import Meta

from events.field_types import JsonObject
from events.kinds.descriptions import description
from projections.clocks import span_of
from projections.queries.evidence.fact_pages import page_of_facts
from projections.queries.evidence.fact_views import FactView
from projections.queries.evidence.sources import source as noted_source
from projections.queries.history.checks import check
from projections.queries.history.diff import diff as difference
from projections.queries.subjects.states import state as state_of
from service.assistants.answers import AT_ONCE, Question, listed, parts
from service.assistants.calls import NONE, TWO, tool
from service.assistants.tools.subjects import After, Id
from service.web.addresses.permalinks import cited_by, permalink_of_difference

_OF_FACTS = ("kind", "subject", "occurred", "modality", "by", "certainty", "fields")
_OF_EVENTS = ("event", "fact", "source", "cause", "recorded", "recorded_by")
_OF_CHECKS = ("subject", "finding", "from", "to", "causes")


@tool(is_dear=True)
def timeline(
    question: Question,
    subject: Id | None = None,
    actor: Annotated[str, Meta(description="The id of somebody whom facts name")] | None = None,
    kind: Annotated[str, Meta(description="A kind of fact, as `kinds` has them")] | None = None,
    source: Annotated[str, Meta(description="The id of a document that facts rest on")] | None = None,
    q: Annotated[str, Meta(description="Words in quotes or values", max_length=200)] | None = None,
    since: Annotated[str, Meta(description="The first day")] | None = None,
    until: Annotated[str, Meta(description="The last day")] | None = None,
    after: After = 0,
) -> JsonObject:
    """Tell facts in the order in which they happened, each with its words: of a subject, an actor, a kind, of days."""
    for named in filter(None, (subject, actor)):
        state_of(question.snapshot, named, question.clocks)  # what is not there is not found
    if kind is not None:
        description(kind)
    if source is not None:
        noted_source(question.snapshot, source, question.clocks)
    filters = {"subject": subject, "actor": actor, "kind": kind, "source": source, "q": q, "sort": "occurred"}
    span = span_of(question.clocks.asked, since, until)
    views, beyond = page_of_facts(question.snapshot, question.clocks, filters, span, b"", after + AT_ONCE + 1)
    head: JsonObject = {"asked": question.clocks.repeated()}
    if beyond is not None and len(views) <= after + AT_ONCE:
        head["incomplete"] = "not all facts were looked at; ask for fewer days"
    return listed(head, "facts", _in_order(question, views), after, "; `since` and `until` ask for some days")


def _in_order(question: Question, views: list[FactView]) -> list[JsonObject]:
    words = question.words([each["id"] for each in views])
    return [
        {
            "fact": each["id"],
            **parts(each, _OF_FACTS),
            "words": words[each["id"]],
            "permalink": question.link("facts", each["id"]),
            **parts(each, ("disputed_by",)),
            **({"retracted": True} if each["retracted"] else {}),
        }
        for each in views
    ]


@tool(sides=TWO, is_dear=True)
def diff(question: Question, subject: Id | None = None, after: After = 0) -> JsonObject:
    """Tell what differs between two sets of clocks, `from_` and `to_`, and what made the difference."""
    one, other = question.clocks, question.other
    if subject is not None:
        state_of(question.snapshot, subject, max(one, other, key=lambda clocks: clocks.position))
    found = difference(question.snapshot, one, other, None if subject is None else [subject])
    sides = [("from", question.at(one)), ("to", question.at(other))]
    words = {
        side: at.words([ground for each in found for ground in _grounds(each[side])[:1]])  # type: ignore[literal-required]
        for side, at in sides
    }
    items: list[JsonObject] = []
    for each in found:
        item: Any = parts(each, ("subject", "finding", "causes"))
        for side, _ in sides:
            value: Any = each[side]  # type: ignore[literal-required]
            said = [quote for ground in _grounds(value)[:1] for quote in words[side][ground]]
            item[side] = value and {"value": value["value"], "words": said}
        item["events"] = [parts(event, _OF_EVENTS) for event in each["events"]]
        item["permalink"] = question.address + permalink_of_difference(each["subject"], one, other)
        items.append(item)
    head: JsonObject = {"from": one.repeated(), "to": other.repeated()}
    return listed(head, "differences", items, after, "; `subject` asks for one")


def _grounds(finding: Any) -> list[str]:
    return finding["because"] if isinstance(finding, dict) and "because" in finding else []


@tool(sides=NONE, is_dear=True)
def check_links(
    question: Question,
    addresses: Annotated[list[str], Meta(description="Permalinks that were cited", min_length=1, max_length=20)],
    after: After = 0,
) -> JsonObject:
    """Tell of permalinks whether what they showed still reads so, and if not, what differs and why."""
    items: list[JsonObject] = []
    for address in addresses:
        found: Any = check(question.snapshot, address, cited_by(address))
        words = question.words([ground for each in found["differences"] for ground in _grounds(each["to"])[:1]])
        differing = [
            parts(each, _OF_CHECKS) | {"words": words.get(next(iter(_grounds(each["to"])), ""), [])}
            for each in found["differences"]
        ]
        items.append(
            {"address": address, "stands": found["stands"], "cited_at": found["position"], "differences": differing}
        )
    head: JsonObject = {"read_again_at": question.snapshot.position}
    return listed(head, "checks", items, after)
