"""Tools that ask of subjects: found by words, their states and values, why, and what was promised."""

from collections.abc import Iterator
from typing import Annotated, Any, get_args

from msgspec import Meta

from events.errors import NotFound
from events.facts import statuses_of
from events.field_types import JsonObject
from events.subject_kinds import SUBJECT_KINDS
from projections.fold.answer_types import State
from projections.queries.evidence.audit import audit
from projections.queries.evidence.search import search as search_for
from projections.queries.subjects.agenda import Listed
from projections.queries.subjects.agenda import agenda as agenda_of
from projections.queries.subjects.findings_by_name import findings, findings_of
from projections.queries.subjects.state_pages import page_of_states
from projections.queries.subjects.states import state as state_of
from service.assistants.answers import AT_ONCE, Question, listed, parts
from service.assistants.calls import tool

Id = Annotated[str, Meta(description="The id of the subject, as `search` and `values` have it", max_length=200)]
After = Annotated[int, Meta(description="How many to pass over: `cut` of the answer before says it", ge=0, le=900)]
_OF_FINDINGS = ("value", "since", "reports", "origins", "marks", "verdict")
_OF_SUBJECTS = ("subject", "kind", "title", "status")
_OF_FACTS = ("fact", "kind", "subject", "occurred", "retracted")
_OF_SOURCES = ("source", "title", "publisher", "version", "is_latest", "withdrawn")
_OF_STREAMS = ("event", "kind", "recorded", "recorded_by", "accepted_by", "reason", "changes", "withdrawn", "exact")
_FOUND = 6


@tool(is_dear=True)
def search(question: Question, q: Annotated[str, Meta(description="A few words", max_length=200)]) -> JsonObject:
    """Find matters and people by their names, facts and documents by their words; all words must stand in one."""
    found = search_for(question.snapshot, q, question.clocks, _FOUND)
    words = question.words([each["fact"] for each in found["facts"]])
    items: list[Any] = []
    for subject in found["subjects"]:
        items.append(parts(subject, _OF_SUBJECTS) | {"permalink": question.link("subjects", subject["subject"])})
    for fact in found["facts"]:
        if said := words[fact["fact"]]:  # a description of a subject rests on none
            link = question.link("facts", fact["fact"])
            items.append(parts(fact, _OF_FACTS) | {"words": said, "permalink": link})
    for source in found["sources"]:
        texts = [passage["text"] for passage in source["passages"]][:2]
        link = question.link("sources", source["source"])
        items.append(parts(source, _OF_SOURCES) | {"text": texts, "permalink": link})
    more = f"; more {', '.join(found['more'])} are found with more words" if found["more"] else ""
    return listed({"asked": found["asked"]}, "found", items, 0, more)


@tool()
def state(question: Question, subject: Id, after: After = 0) -> JsonObject:
    """Tell all that is known of one subject: status, fields, what contradicts them, what is denied, planned, alleged.

    Each value comes with the words that it rests on. `why` has the whole chain behind one of them.
    """
    found = state_of(question.snapshot, subject, question.clocks)
    head = parts(found, ("id", "kind", "title", "part_of", "merged_into"))
    head |= {"asked": question.clocks.repeated(), "permalink": question.link("subjects", subject)}
    return listed(head, "findings", _told(question, subject, findings(found)), after)


def _told(question: Question, subject: str, found: Any) -> list[JsonObject]:
    """Findings with the words of what decides each, and of its rivals."""
    deciding = [ground for each in found.values() for one in (each, *each["rivals"]) for ground in one["because"][:1]]
    words = question.words(deciding)
    permalink = question.link("subjects", subject)
    told = []
    for name, each in found.items():
        rivals = [{"value": one["value"], "by": one["by"], "words": words[one["because"][0]]} for one in each["rivals"]]
        said = words[each["because"][0]] if each["because"] else []
        told.append(
            {
                "finding": name,
                **parts(each, _OF_FINDINGS),
                "because": each["because"],
                "words": said,
                "permalink": permalink,
            }
        )
        if rivals:
            told[-1]["contradicted_by"] = rivals
    return told


@tool(is_dear=True)
def values(
    question: Question,
    subject: Id | None = None,
    kind: Annotated[str, Meta(description="Of subjects: talks, swap, ceasefire, demand, actor ...")] | None = None,
    status: Annotated[str, Meta(description="A status of that kind, as `kinds` has them")] | None = None,
    part_of: Annotated[str, Meta(description="The id of the whole that they are part of")] | None = None,
    after: After = 0,
) -> JsonObject:
    """Tell status and fields of one subject, or list subjects with their statuses, of a kind, a status or a whole."""
    head: JsonObject = {"asked": question.clocks.repeated()}
    if subject is not None:
        one = state_of(question.snapshot, subject, question.clocks)
        head |= {"id": subject, "kind": one["kind"], "title": one["title"]}
        return listed(head, "values", _told(question, subject, findings_of(one)), after)
    if part_of is not None:
        state_of(question.snapshot, part_of, question.clocks)
    if kind is not None and kind not in SUBJECT_KINDS:
        raise NotFound(f"{kind!r} is no kind of subject; known are {', '.join(sorted(SUBJECT_KINDS))}")
    if status is not None and status not in (known := _statuses(kind)):
        raise NotFound(f"{status!r} is no status; known are {', '.join(known)}")
    filters = {"kind": kind, "status": status, "part_of": part_of}
    page, _ = page_of_states(question.snapshot, question.clocks, filters, "", after + AT_ONCE + 1)
    items = _in_short(question, [each.read() for each in page])
    return listed(head, "subjects", items, after, "; `state` has all of one, `kind` and `status` list fewer")


def _in_short(question: Question, states: list[State]) -> list[JsonObject]:
    """Subjects with their statuses, and the first words that each rests on."""
    words = question.words([ground for each in states for ground in each["status"]["because"][:1]])
    return [
        {
            **parts(each, ("id", "kind", "title", "part_of")),
            "status": each["status"]["value"],
            **parts(each["status"], ("since",)),
            "words": [said for ground in each["status"]["because"][:1] for said in words[ground][:1]],
            "permalink": question.link("subjects", each["id"]),
        }
        for each in states
    ]


def _statuses(kind: str | None) -> list[str]:
    return sorted({status for name in ([kind] if kind else SUBJECT_KINDS) for status in statuses_of(name)})


@tool()
def why(
    question: Question,
    subject: Id,
    finding: Annotated[str, Meta(description="As `state` has them: status, a field", max_length=400)] = "status",
    after: After = 0,
) -> JsonObject:
    """Tell the whole chain behind one value: facts for and against it, their words, who recorded and amended them."""
    found = audit(question.snapshot, subject, finding, question.clocks)
    words = question.words(each["id"] for each in found["facts"])
    head = parts(found, (*_OF_FINDINGS, "rivals", "joined"))
    head |= {"subject": subject, "finding": finding, "asked": found["asked"]}
    head["permalink"] = question.link("subjects", subject)
    items = [
        {
            "fact": each["id"],
            "decides": each["id"] in {ground.partition("#")[0] for ground in found["because"]},
            **parts(each, ("kind", "occurred", "modality", "by", "fields")),
            "words": words[each["id"]],
            "recorded": [*_recorded(each["stream"])],
            "permalink": question.link("facts", each["id"]),
        }
        for each in found["facts"]
    ]
    return listed(head, "facts", items, after)


def _recorded(stream: Any) -> Iterator[JsonObject]:
    for each in stream:
        cited = {"exact": [citation["exact"] for citation in each["citations"]]} if each["n"] else {}
        yield parts({**each, **cited}, _OF_STREAMS)


@tool(is_dear=True, at="now")
def agenda(
    question: Question,
    only: Annotated[Listed | None, Meta(description="One of the lists")] = None,
    after: After = 0,
) -> JsonObject:
    """Tell what was promised: coming, due, overdue, lapsed, expired, and demands and documents without an answer."""
    found: Any = agenda_of(question.snapshot, question.clocks)
    rows = [(name, each) for name in get_args(Listed) if only in (None, name) for each in found[name]]
    words = question.words([each["fact"] for _, each in rows])
    titles = question.titles({each["subject"] for _, each in rows})
    items = [
        {
            "list": name,
            **each,
            "title": titles.get(each["subject"]),
            "words": words[each["fact"]],
            "permalink": question.link("subjects", each["subject"]),
        }
        for name, each in rows
    ]
    return listed({"asked": found["asked"]}, "promises", items, after, "; `only` asks for one list")
