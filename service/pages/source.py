"""Pages of sources: the list, and one document with each cited passage marked and linked to its facts."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from events.errors import NotFound
from projections.queries.evidence import sources
from projections.queries.evidence.facts import facts_citing
from projections.queries.evidence.facts_as_of import facts_named
from projections.read_models.citation_warnings import TEXT_IN_WORDS
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import facts_in_words, has_come, passage_id
from service.wording.date_wording import short

_PARAGRAPH = re.compile(r"[^\n]+")
_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_WORDS = 20_000


class Passage(NamedTuple):
    """A cited stretch of a text: `[start, end)`, its number on the page, and its place there."""

    start: int
    end: int
    number: int
    place: str


def source_page(page: PageRequest, name: str, version: int | None, against: int | None) -> dict[str, Any]:
    """What the page of a source shows, of the version asked for or the latest; NotFound if there is none."""
    noted = sources.source(page.snapshot, name, page.clocks)
    shown = sources.version_of(noted, version)
    before = None if against is None else sources.version_of(noted, against)["version"]
    text = _text(page, name, shown["version"])
    cited = _cited(page, name, shown["version"])
    placed = [each for each in cited if "start" in each["citation"] and not each["citation"].get("redacted")]
    passages = _passages(placed)
    return {
        "source": noted,
        "host": urlsplit(noted["url"] or "").hostname,
        "text_is": TEXT_IN_WORDS.get(noted["text_is"]),
        "version": shown,
        "paragraphs": list(_paragraphs(text, passages)) if text is not None else None,
        "notes": _notes(page, passages, placed),
        "unverified": [each for each in cited if "start" not in each["citation"]],
        "changes": None if before is None else changes(_text(page, name, before) or "", text or ""),
        "against": against,
        "recorded": {each["version"]: short(each["recorded"]) for each in noted["versions"]},
    }


def _text(page: PageRequest, name: str, version: int) -> str | None:
    try:
        found = sources.text(page.snapshot, name, version, page.clocks)
    except NotFound:
        return None
    return str(found["text"])


def _cited(page: PageRequest, name: str, version: int) -> list[dict[str, Any]]:
    """Each citation of the version with its fact in words, of the facts that are known at the clocks."""
    found = facts_citing(page.snapshot, name, page.clocks.position)
    of_version = [(fact, citation) for fact, citation in found if citation["version"] == version]
    facts = facts_named(page.snapshot, {fact for fact, _ in of_version}, page.clocks)
    shown = facts_in_words(page, facts.values())
    come = {name for name, each in shown.items() if has_come(each["modality"], each["certainty"])}
    return [{"id": fact, "citation": citation, "fact": shown[fact]} for fact, citation in of_version if fact in come]


def _passages(placed: Iterable[dict[str, Any]]) -> list[Passage]:
    spans = {(each["citation"]["start"], each["citation"]["end"], passage_id(each["citation"])) for each in placed}
    return [Passage(start, end, number, str(place)) for number, (start, end, place) in enumerate(sorted(spans), 1)]


def _paragraphs(text: str, passages: list[Passage]) -> Iterator[dict[str, Any]]:
    """Each paragraph as stretches of text, and the passages that begin in it."""
    for found in _PARAGRAPH.finditer(text):
        begin, end = found.span()
        within = [each for each in passages if each.start < end and each.end > begin]
        first = [each for each in within if begin <= each.start]
        yield {"stretches": list(_stretches(text, begin, end, within)), "begins": [each.number for each in first]}


def _stretches(text: str, begin: int, end: int, within: list[Passage]) -> Iterator[dict[str, Any]]:
    cuts = {begin, end} | {cut for each in within for cut in (each.start, each.end) if begin < cut < end}
    for start, stop in pairwise(sorted(cuts)):
        covering = [each for each in within if each.start <= start and each.end >= stop]
        yield {
            "text": text[start:stop],
            "marked": bool(covering),
            "places": [each.place for each in covering if each.start == start],
            "ends": [each.number for each in covering if each.end == stop],
        }


def _notes(page: PageRequest, passages: list[Passage], placed: Iterable[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """For each passage's number the facts that rest on it, each once."""
    notes: dict[str, dict[str, Any]] = {
        each.place: {**each._asdict(), "facts": [], "translations": []} for each in passages
    }
    for each in placed:
        note = notes[str(passage_id(each["citation"]))]
        entry = {"fact": each["fact"], "href": page.link("fact", name=each["id"])}
        for name, new in (("facts", entry), ("translations", each["citation"].get("translation"))):
            if new and new not in note[name]:
                note[name].append(new)
    return {note["number"]: note for note in notes.values()}


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """What became of a text: stretches that are `same`, `gone` or `new`, word by word (line by line for long texts)."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) + len(new) > _MOST_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found: list[tuple[str, str]] = []
    for change, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = "".join(old[a:b]), "".join(new[c:d])
        found += [("same", before)] if change == "equal" else [("gone", before), ("new", after)]
    return [(change, text) for change, text in found if text]
