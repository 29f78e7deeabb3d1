"""One fact's page: what it says, the words in their context, and its whole stream."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from events.errors import Invalid, NotFound
from events.facts import KINDS, Fact, subjects_named
from events.labels import labels_of
from projections.clocks import clocks_for
from projections.queries.evidence import facts, sources
from projections.queries.evidence.fact_views import MarkedCitation, StreamEntry
from projections.queries.evidence.facts import HiddenFact, VisibleFact
from projections.queries.subjects.values import values_of
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import credibility_in_words, fact_in_words, has_come, quotes_in_words
from service.wording.causes import EVENTS, NEW_FACT
from service.wording.date_wording import short
from service.wording.phrases import Piece, finding_name, finding_value, reports_in_words

_AROUND = 400


def fact_page(page: PageRequest, name: str) -> dict[str, Any]:
    """What the page of a fact shows, also where the fact is not visible at the clocks; NotFound if none is recorded."""
    view = facts.fact(page.snapshot, name, page.clocks)
    page.know([view], _named(view))
    visible = view if "kind" in view and has_come(view["modality"], view["certainty"]) else None
    stream = [event for event in view["stream"] if visible and _counts(page, event)]
    cited: Sequence[MarkedCitation] = visible["citations"] if visible else ()
    return {
        "name": name,
        "fact": fact_in_words(page, visible) if visible else None,
        "kind": KINDS[visible["kind"]].__doc__ if visible else None,
        "labels": labels_of(Fact),
        "redaction": view.get("redaction"),
        "fields": _in_words(page, visible["kind"], visible["fields"]) if visible else [],
        "offices": offices_then(page, visible) if visible else [],
        "told": visible and reports_in_words(visible["reports"], visible["origins"]),
        "credibility": credibility_in_words(visible and visible["credibility"]),
        "contexts": [_context(page, citation) for citation in cited],
        "stream": [_event(page, visible and visible["kind"], event) for event in stream],
        "later": len(view["stream"]) - len(stream),
        "is_reported": "kind" in view,
    }


def _counts(page: PageRequest, event: StreamEntry) -> bool:
    """Whether an event of a visible fact counts by the reported clock: ours do, others from their publication on."""
    return (event.get("kind") is not None and event["event"] != "FactRecorded") or bool(
        not event["citations"] or _published(page, event["citations"])
    )


def _published(page: PageRequest, citations: Sequence[MarkedCitation]) -> list[MarkedCitation]:
    """Those of the citations whose words were published by the reported clock."""
    reported = page.clocks.reported
    return [
        each
        for each in citations
        if reported is None or page.source(each["source"]).editions[each["version"] - 1].published_by <= reported
    ]


def _named(view: VisibleFact | HiddenFact) -> set[str]:
    """The subjects that the stream's events name."""
    said = [event.get("said") or event.get("changes") or {} for event in view["stream"]]
    return {name for values in said for name, _ in subjects_named(None, values)}


def _in_words(
    page: PageRequest, kind: str | None, values: Mapping[str, Any], hidden: Container[str] = ()
) -> list[tuple[str, Any]]:
    """The names and values of fields."""
    return [
        (finding_name(name, page.named, kind), finding_value(name, value, page.named))
        for name, value in values.items()
        if name not in hidden
    ]


def _context(page: PageRequest, citation: MarkedCitation) -> dict[str, Any]:
    """A quote with the words before and after it in its source."""
    quote = {**quotes_in_words(page, [citation])[0], "before": "", "after": ""}
    if not quote["is_placed"] or citation.get("redacted"):
        return quote
    try:
        text = sources.text(page.snapshot, citation["source"], citation["version"], page.clocks)["text"]
    except NotFound:
        return quote
    start, end = citation["start"], citation["end"]
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    return {
        **quote,
        "exact": text[start:end],
        "before": ("… " if start > _AROUND else "") + _whole_words(before, start > _AROUND, 0),
        "after": _whole_words(after, end + _AROUND < len(text), -1) + (" …" if end + _AROUND < len(text) else ""),
    }


def _whole_words(text: str, cut: bool, side: int) -> str:
    """The text without the word that was cut at its beginning (side 0) or its end (side -1)."""
    if not cut or " " not in text:
        return text
    return text.partition(" ")[2] if side == 0 else text.rpartition(" ")[0]


def _event(page: PageRequest, kind: str | None, event: StreamEntry) -> dict[str, Any]:
    hidden = ("kind", "subject_kind", "zone") if event["event"] == "FactRecorded" else ("kind",)
    return {
        **event,
        "mark": EVENTS.get(event["event"], NEW_FACT),
        "recorded_words": short(event["recorded"]),
        "ours": event.get("kind") if event["event"] != "FactRecorded" else None,
        "said": _in_words(page, kind, event.get("said") or event.get("changes") or {}, hidden),
        "quotes": quotes_in_words(page, _published(page, event["citations"])),
    }


_HELD, _BODY = "holds[", "body["


def offices_then(page: PageRequest, fact: VisibleFact) -> list[tuple[Piece, str]]:
    """The people whom the fact names, each with their offices when it came about, as known at the page's clocks.

    None where the fact has no date.
    """
    if fact["occurred"] is None:
        return []
    values = {**fact["fields"], "attributed_to": fact["attributed_to"]}
    people = sorted({name for name, _ in subjects_named(KINDS[fact["kind"]], values)} - {fact["subject"]})
    try:
        asked = replace(page.clocks.asked, at=fact["occurred"], zone=fact["zone"])
        clocks = clocks_for(page.snapshot, replace(asked, position=page.clocks.position, recorded_until=None))
    except Invalid:
        return []
    found = {each.subject: orjson.loads(each.fields) for each in values_of(page.snapshot, clocks, people)}
    return [(Piece(page.named(name), name), held) for name in people if (held := _held(found.get(name, {})))]


def _held(fields: dict[str, object]) -> str:
    """The offices that these values of a person say they hold, each with its body: "minister of defence (Ukraine)"."""
    offices = [name[len(_HELD) : -1] for name, held in fields.items() if name.startswith(_HELD) and held is True]
    bodies = {office: fields.get(f"{_BODY}{office}]") for office in offices}
    return ", ".join(f"{office} ({body})" if body else office for office, body in bodies.items())
