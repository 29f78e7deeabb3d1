"""Which controls an act has on what it is done to, filled in as that stands now."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from events.amendments import OUR_KINDS, VERDICTS
from events.dates.bounds import UNBOUNDED
from events.dates.calendar import instant_text
from events.errors import NotFound
from events.facts import KINDS, kind_named
from events.field_types import TEXT, VERSION
from events.history.streams import HEAD, Entry
from events.labels import labels_of
from projections.queries.evidence import facts, sources
from projections.queries.evidence.fact_pages import page_of_facts
from projections.queries.evidence.fact_views import FactView
from projections.queries.subjects.findings_by_name import findings_of
from projections.queries.subjects.states import state
from projections.read_models.histories import histories
from service.pages.desk.forms.acts import Act
from service.pages.desk.forms.controls import Control, control, text_of
from service.pages.desk.forms.fact_fields import Group, fields_corrected, fields_disputed, fields_of_new, passages
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import fact_in_words
from service.wording.causes import EVENTS
from service.wording.date_wording import short
from service.wording.phrases import finding_name, finding_value, plain

Typed = Mapping[str, str]
_MOST_FACTS = 200
_UNCHOSEN = ("", "choose")
_OURS = {
    "transcription_error": "we copied it wrongly",
    "misattribution": "we took it for somebody else's",
    "misclassification": "we took it for another kind of thing",
    "precision_refinement": "we can say it more precisely",
    "reassessment": "we judge it anew",
}
LABELS = {
    "reason": "Why",
    "into": "Into which matter",
    "text": "The whole text as it reads now",
    "retrieved_at": "When it was read",
    "published": "Published",
    "title": "Title",
    "publisher": "Publisher",
    "zone": "Time zone",
    "url": "Address",
    "agency": "Agency whose words it passes on",
    "derived_from": "Made from these sources",
    "text_is": "What the text is",
    "part_of": "Part of",
    "aliases": "Also known as",
}
"""What fields of bodies are called that are of no fact."""


def groups_of(page: PageRequest, act: Act, of: str, name: str, typed: Typed) -> list[Group]:
    """The controls of the act, in groups; NotFound where what it is done to is not recorded."""
    if act.item == "facts":
        kind = kind_named(typed.get("kind"))
        new = fields_of_new(kind, name if of == "subject" else "")
        return [*new, *passages(_rows(typed), name if of == "source" else "", needed=True)]
    if of == "fact" and act.item is not None:
        return _of_fact(page, act, name, typed)
    if act.operation == "subjects.judge_finding":
        return [Group("Which side", [_contested(page, name)]), Group("The reason", [_reason()])]
    if act.operation == "subjects.split_subject":
        return [Group("Which facts", [_facts_about(page, name)]), *_of_schema(page, act, of, name)]
    if act.undoes:
        return [Group("What is undone", [_undone(page, act, of, name)]), *_of_schema(page, act, of, name)]
    return _of_schema(page, act, of, name)


def _rows(typed: Typed) -> int:
    """How many passages the form has: those that were sent, and one more where it was asked for."""
    sent = {each.split(".")[1] for each in typed if each.startswith("citations.")}
    return max(1, len(sent)) + (typed.get("step") == "more")


def _of_fact(page: PageRequest, act: Act, name: str, typed: Typed) -> list[Group]:
    found: Any = facts.fact(page.snapshot, name, page.clocks)
    if "kind" not in found:
        raise NotFound(f"fact {name!r} is not visible today")
    fact: FactView = found
    groups: list[Group] = []
    if act.call == "corrections":
        groups = fields_corrected(fact, kind_named(typed.get("changes.kind") or fact["kind"], "/changes/kind"))
    elif act.call == "disputes":
        groups = fields_disputed(fact, page.label(fact["subject"]).kind)
    elif act.undoes:
        groups = [Group("What is undone", [_undone(page, act, "fact", name)])]
    sourced = replace(
        _ours(), choices=[("", "the act of a source, in the words below"), *_OURS.items()], required=False
    )
    reason = replace(_reason(), required=False, hint="Needed where it is our act")
    why = [] if act.call == "corroborations" else [Group("The ground", [sourced, reason])]
    return [*groups, *why, *passages(_rows(typed), needed=act.call == "corroborations")]


def _reason() -> Control:
    return control("reason", LABELS["reason"], TEXT, required=True)


def _ours() -> Control:
    made = control("kind", "What sort of act", TEXT, required=True)
    return replace(made, choices=[_UNCHOSEN, *((each, _OURS[each]) for each in OUR_KINDS)])


def _of_schema(page: PageRequest, act: Act, of: str, name: str) -> list[Group]:
    """The controls of a body as its schema has it, but for ids and what has a control of its own."""
    noted: Mapping[str, Any] = {}
    if of == "source":
        noted = sources.source(page.snapshot, name, page.clocks)
    made, why = [], []
    for field, schema in act.schema.fields.items():
        if field == "changes":
            made += [
                replace(_of_field(f"changes.{each}", inner, text := text_of(inner.of, noted.get(each))), was=text)
                for each, inner in schema.schema.fields.items()
            ]
        elif field == "kind" and "reason" in act.schema.fields:
            why.append(_ours())
        elif field == "reason":
            why.append(_reason())
        elif field not in ("id", "facts", "original"):
            made.append(_of_field(field, schema, _noted_already(page, act, name, field)))
    return [group for group in (Group("What it says", made), Group("The reason", why)) if group.controls]


def _of_field(name: str, schema: Any, text: str) -> Control:
    field = name.rpartition(".")[2]
    label = LABELS.get(field) or labels_of(KINDS["SubjectDescribed"]).get(field) or field.replace("_", " ").capitalize()
    made = control(name, label, schema.of, required=schema.required, text=text)
    return replace(made, options="known-subjects") if field in ("into", "part_of") else made


def _noted_already(page: PageRequest, act: Act, name: str, field: str) -> str:
    """What a form begins with: the text that is held, or the kind of the subject."""
    if act.call == "revisions" and field == "text":
        try:
            return str(sources.text(page.snapshot, name, None, page.clocks)["text"])
        except NotFound:
            return ""
    return page.label(name).kind or "" if act.item == "subjects" and field == "kind" else ""


def _undone(page: PageRequest, act: Act, of: str, name: str) -> Control:
    entries = histories(page.snapshot, of, [name], HEAD).get(name, [])
    undone = {entry.data["withdraws"] for entry in entries if "withdraws" in entry.data}
    found = [each for each in _undoable(act, of, entries) if each[0] not in undone]
    choices = [(str(number), _told(entry)) for number, entry in reversed(found)]
    return replace(
        control("withdraw", "Which act", VERSION, required=True), choices=choices or [("", "nothing stands")]
    )


def _undoable(act: Act, of: str, entries: list[Entry]) -> Iterator[tuple[int, Entry]]:
    for entry in entries[1 if of == "fact" else 0 :]:
        is_verdict = entry.name in VERDICTS and "finding" in entry.data
        wanted = {
            "fact": True,
            "source": entry.name == "SourceWithdrawn",
            "subject": is_verdict if act.operation == "subjects.undo_verdict" else "into" in entry.data,
        }
        if wanted[of]:
            yield entry.version if of == "subject" else entry.n, entry


_EVENTS_IN_WORDS = {name: words for name, (_, words) in EVENTS.items()} | {
    "SourceRevised": "changed text",
    "SourceCorrected": "correction",
    "SourceWithdrawn": "withdrawal",
    "SourceWithdrawalWithdrawn": "withdrawal undone",
    "SubjectMerged": "merge",
    "SubjectSplit": "split",
    "RegroupingWithdrawn": "merge or split undone",
    "VerdictGiven": "verdict",
    "VerdictWithdrawn": "verdict withdrawn",
}


def _told(entry: Entry) -> str:
    """An event in a line: what it did, when, by whom, why."""
    reason = entry.data.get("reason")
    said = f"{_EVENTS_IN_WORDS.get(entry.name, 'recorded')}, {short(instant_text(entry.recorded))}"
    return f"{said}, by {entry.data.get('recorded_by')}" + (f": {reason}" if isinstance(reason, str) else "")


def happened_since(page: PageRequest, of: str, name: str, version: int) -> list[str]:
    """What was recorded of it since it had so many events, in words."""
    return [_told(entry) for entry in histories(page.snapshot, of, [name], HEAD).get(name, [])[version:]]


def is_recorded(page: PageRequest, of: str, name: str, own: str) -> bool:
    """Whether an act of that id is recorded of it: the form was sent twice."""
    entries = histories(page.snapshot, of, [name], HEAD).get(name, [])
    return any(own == entry.data.get(each) for entry in entries for each in ("id", "correction", "withdrawal") if own)


def version_of(page: PageRequest, of: str, name: str) -> int:
    """How many events are recorded of it."""
    return len(histories(page.snapshot, of, [name], HEAD).get(name, []))


def _facts_about(page: PageRequest, name: str) -> Control:
    found, _ = page_of_facts(page.snapshot, page.clocks, {"subject": name}, UNBOUNDED, 0, _MOST_FACTS)
    page.know(found)
    told = [(view["id"], fact_in_words(page, view)) for view in found]
    choices = [(fact, f"{plain(each['said'])}, {each['when']} ({fact})") for fact, each in told]
    made = control("facts", "Facts that are about the other matter", TEXT, required=True)
    return replace(made, choices=choices, several=True)


def _contested(page: PageRequest, name: str) -> Control:
    """The sides of each contested finding; the choice holds the finding and what gives the side, as JSON."""
    choices: list[tuple[str, str]] = []
    for finding, found in findings_of(state(page.snapshot, name, page.clocks)).items():
        if not found["rivals"]:
            continue
        called = finding_name(finding, page.named, page.label(name).kind)
        for side in (found, *found["rivals"]):
            words = plain(finding_value(finding, side["value"], page.named))
            choices += [(_choice(finding, each), f"{called}: {words} ({each})") for each in side["because"]]
        choices.append((_choice(finding, None), f"{called}: it cannot be decided"))
    made = control("judged", "What this desk prefers", TEXT, required=True)
    return replace(made, choices=[_UNCHOSEN if choices else ("", "nothing is contested"), *choices])


def _choice(finding: str, prefers: str | None) -> str:
    return orjson.dumps([finding, prefers]).decode()
