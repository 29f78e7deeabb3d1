"""Answers as tables for people at a terminal."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

import orjson
from rich.console import Console
from rich.table import Table

from events.kinds.descriptions import kind_in_words, subject_kind_in_words
from projections.clocks import CLOCKS, DATES, AskedClocks
from projections.fold.answer_types import Beside, Finding
from projections.fold.claims import ANSWERS
from projections.queries.evidence.audit import Audit
from projections.queries.evidence.fact_views import FactWithStream, MarkedCitation
from projections.queries.evidence.facts import HiddenFact, VisibleFact
from projections.queries.evidence.passages import Passage
from projections.queries.evidence.search import Found
from projections.queries.history.checks import Check
from projections.queries.history.diff import Difference
from projections.queries.history.evolution import Step
from projections.queries.subjects.agenda import Agenda, Listed
from projections.queries.subjects.states import StateAtClocks
from projections.queries.subjects.values import Values
from projections.read_models.citation_warnings import IN_WORDS, TEXT_IN_WORDS
from service.auth.token_events import IssuedToken
from service.cli.terminal import add_row, plain, table_of
from service.wording.phrases import finding_name, reports_in_words

_BESIDE: tuple[Beside, ...] = get_args(Beside)


def shown(value: Any) -> str:
    """A value in words."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else "nothing" if value is None else orjson.dumps(value).decode()


def _marks(rests: Any) -> str:
    """Why what it rests on does not stand, in brackets; empty where it does."""
    marks = dict.fromkeys(IN_WORDS[mark["mark"]] for mark in rests.get("marks", ()))
    return f" [{'; '.join(marks)}]" if marks else ""


def _value(finding: Finding | None) -> str:
    """A finding's value; of a claim its kind and what answers it, of what else may be every other value."""
    value: Any = None if finding is None else finding["value"]
    if isinstance(value, dict) and "answered_by" in value:
        return f"{kind_in_words(value['kind'])}{_answers(value)}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return " or ".join(shown(other["value"]) for other in value)
    return shown(value)


def _answers(claim: Mapping[str, Any]) -> str:
    """What became of a claim, to follow it in a sentence: ", overtaken by handed-over"; nothing where nothing did."""
    said = [f", {ANSWERS[answer['how']]} {answer['fact']}" for answer in claim.get("answered_by", ())]
    return "".join(said) + ", and by others" * ("more_answers" in claim) + ", overdue" * bool(claim.get("overdue"))


def _called(finding: str, kind: str | None = None) -> str:
    """What people call a finding, over its name, which other commands take."""
    label = finding_name(finding, str, kind)
    return finding if label.lower() == finding else f"{label}\n{finding}"


def show_state(found: StateAtClocks) -> None:
    """A state: its findings with their grounds and rivals, and what stands beside it."""
    headings = ("finding", "value", "since", "because", "rivals")
    kind = subject_kind_in_words(found["kind"])
    table = table_of(f"{found['title'] or found['id']} ({kind or 'of no kind yet'})", *headings)
    for name, finding in {"status": found["status"], **found["fields"]}.items():
        sides = [f"{shown(each['value'])} ({each['by'] or 'this desk'}){_marks(each)}" for each in finding["rivals"]]
        told = reports_in_words(finding.get("reports", 0), finding.get("origins", 0))
        rivals, because = "; ".join(sides), ", ".join(finding["because"]) + (told and f" ({told})")
        because += f" (set by {', '.join(finding['set_by'])})" if "set_by" in finding else ""
        add_row(
            table,
            _called(name, found["kind"]),
            _value(finding) + _marks(finding),
            finding["since"] or "",
            because,
            rivals,
        )
    console = Console()
    console.print(table)
    for name, finding in {"status": found["status"], **found["fields"]}.items():
        if verdict := finding.get("verdict"):
            said = f"verdict {verdict['n']} on {name}: {verdict['prefers'] or 'cannot be decided'}, {verdict['reason']}"
            anew = f", opened anew by {verdict['reopened_by']}" if "reopened_by" in verdict else ""
            console.print(plain(f"{said} ({verdict['by']}, {verdict['recorded']}){anew}"))
    for name in _BESIDE:
        for each in found[name]:
            said = f"{name}: {kind_in_words(each['kind'])} {each['occurred'] or ''} by {each['by']} ({each['fact']})"
            console.print(plain(said + _marks(each) + _answers(each)))
    for name, others in found["possibly"].items():
        label = finding_name(name, str, found["kind"])
        for other in others:
            console.print(plain(f"possibly: {label} {shown(other['value'])} ({', '.join(other['because'])})"))
    console.print(plain(_asked(found["asked"])))


def _asked(asked: AskedClocks) -> str:
    """The clocks of an answer, days as EDTF."""
    given = [f"{CLOCKS[name]} {asked[name]}" for name in DATES if asked[name] is not None]  # type: ignore[literal-required]
    return ", ".join([f"at position {asked['position']}", *given])


def show_fact(found: VisibleFact | HiddenFact | FactWithStream) -> None:
    """A fact's stream."""
    title = f"{found['id']} ({kind_in_words(found['kind']) if 'kind' in found else 'not visible at these clocks'})"
    if "reports" in found and (told := reports_in_words(found["reports"], found["origins"])):
        title += f", {told}"
    table = table_of(title, "n", "event", "recorded", "by", "words")
    for entry in found["stream"]:
        words = _quotes(entry["citations"])
        what = entry["event"] + (f" ({entry['kind']})" if entry.get("kind") else "")
        add_row(table, str(entry["n"]), what, entry["recorded"], shown(entry["recorded_by"]), words)
    Console().print(table)


def _quotes(citations: Iterable[MarkedCitation]) -> str:
    """Cited words, each with its source and our translation; words of ours stand without quotation marks."""
    return " / ".join(f"{_words_of(each)} ({each['source']}){_marks(each)}" for each in citations)


def _words_of(citation: MarkedCitation) -> str:
    text_is = citation.get("text_is")
    words = citation["exact"] if text_is == "digest" else f"“{citation['exact']}”"
    words += f" [{TEXT_IN_WORDS[text_is]}]" if text_is else ""
    translation = citation.get("translation")
    return words + (f" [{translation['language']}, our translation: {translation['text']}]" if translation else "")


def show_steps(steps: list[Step]) -> None:
    """Steps of an understanding, one line for each finding that changed."""
    table = table_of("", "when", "subject", "because of", "finding", "before", "after")
    for step in steps:
        events = ", ".join(event["id"] for event in step["events"])
        for change in step["changes"]:
            when = step.get("recorded") or step["reported_until"] or "at any time"
            before, after = _value(change["before"]), _value(change["after"])
            add_row(table, when, step["subject"], events, _called(change["finding"]), before, after)
    Console().print(table)


def show_values(found: Values | list[Values]) -> None:
    """Status and fields: a row for each subject."""
    table = table_of("subjects", "subject", "status", "fields")
    for each in found if isinstance(found, list) else [found]:
        fields = "; ".join(f"{finding_name(name, str)}: {shown(value)}" for name, value in each["fields"].items())
        add_row(table, each["id"], each["status"] or "", fields)
    Console().print(table)


def show_diff(differences: list[Difference]) -> None:
    """Differences, each with its cause and events."""
    table = table_of(f"{len(differences)} findings differ", "subject", "finding", "from", "to", "cause", "events")
    for each in differences:
        events = ", ".join(event["id"] for event in each["events"])
        causes = ", ".join(each["causes"])
        add_row(
            table, each["subject"], _called(each["finding"]), _value(each["from"]), _value(each["to"]), causes, events
        )
    Console().print(table)


def show_audit(found: Audit) -> None:
    """The chain behind a value: facts, words, amendments and recorders."""
    console = Console()
    console.print(plain(f"{found['subject']}: {found['finding']} is {shown(found['value'])}"))
    table = table_of("words that carry it", "of", "event", "reason", "words")
    for words in found["words"]:
        event = words["event"] + (f" ({words['kind']})" if "kind" in words else "")
        add_row(table, words["because"], event, words.get("reason", ""), _quotes(words["citations"]))
    console.print(table)
    for fact in found["facts"]:
        show_fact(fact)
    table = table_of("sources", "id", "title", "publisher", "published")
    for source in found["sources"]:
        add_row(table, source["id"], source["title"], source["publisher"], source["published"] or "undated")
    console.print(table)
    for origin in found["joined"]:
        if len(origin["documents"]) > 1:
            joined = ", ".join([*origin["roots"], *origin["tellers"]]) or "others among them"
            console.print(plain(f"of one origin: {', '.join(origin['documents'])}, joined by {joined}"))


def show_agenda(found: Agenda) -> None:
    """What was promised, by what became of it."""
    table = table_of(f"agenda at {found['asked']['at']}", "", "subject", "kind", "from", "until", "fact")
    lists: tuple[Listed, ...] = get_args(Listed)
    for name in lists:
        for each in found[name]:
            ends = each["from"] or "open", each["until"] or "open"
            add_row(table, name, each["subject"], kind_in_words(each["kind"]), *ends, each["fact"])
    Console().print(table)


def show_found(found: Found) -> None:
    """What was found: each with the passages in which the words stand."""
    table = table_of("", "found", "id", "where", "words")
    for subject in found["subjects"]:
        _found_row(table, subject["kind"] or "subject", subject["subject"], subject["passages"])
    for fact in found["facts"]:
        _found_row(table, "retracted fact" if fact["retracted"] else "fact", fact["fact"], fact["passages"])
    for source in found["sources"]:
        kind = "source" if source["is_latest"] else f"source, version {source['version']}"
        _found_row(table, kind, source["source"], source["passages"])
    for part in found["more"]:
        add_row(table, f"more {part}", "", "", "")
    Console().print(table)


def _found_row(table: Table, kind: str, name: str, passages: Iterable[Passage]) -> None:
    for each in passages:
        text = plain(each["text"])
        if len(text) == len(each["text"]):
            for start, end in each["marks"]:
                text.stylize("bold", start, end)
        table.add_row(plain(kind), plain(name), plain(each["where"]), text)
        kind = name = ""


def show_checks(found: Iterable[Check]) -> None:
    """What was cited: whether it stands, and what differs."""
    table = table_of("", "cited", "finding", "as cited", "now", "cause")
    for each in found:
        if each["stands"]:
            add_row(table, each["address"], "stands", "", "", "")
        for other in each["differences"]:
            about, causes = f"{other['subject']}: {other['finding']}", ", ".join(other["causes"])
            add_row(table, each["address"], about, *map(_cited_value, (other["from"], other["to"])), causes)
    Console().print(table)


def _cited_value(value: Any) -> str:
    """A value of a fact, or that of a finding."""
    return shown(value["value"] if isinstance(value, dict) and "because" in value else value)


def show_tokens(issued: Iterable[IssuedToken]) -> None:
    """Tokens that were issued, a row for each."""
    table = table_of("tokens", "id", "name", "role", "issued", "expires", "revoked")
    for each in issued:
        add_row(
            table, each["id"], each["name"], each["role"], each["issued"], each["expires"] or "", each["revoked"] or ""
        )
    Console().print(table)
