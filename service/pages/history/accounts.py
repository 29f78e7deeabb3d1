"""Two parties' accounts side by side: what they agree on, and what they do not, with the words of either."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from flask import request

from events.history.fact_as_of import FactAsOf
from projections.fold.answer_types import Finding, State
from projections.fold.state import field_value
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.subjects.accounts import with_voices
from projections.queries.subjects.states import states
from projections.read_models.voices import spoken_of
from service.pages.history.evolution import HIDDEN, named_by_findings
from service.pages.matters import every_state
from service.pages.request import PageRequest, asked_in_address
from service.pages.subject import once, quotes_of
from service.pages.wording.fact_wording import claim_in_words, fact_in_words, facts_of_claim
from service.pages.wording.status_ladders import status_when
from service.web.access import chronology
from service.wording.phrases import anchor, finding_name, finding_value

MOST_MATTERS = 300
PER_PAGE = 5
_MOST_QUOTES = 3
_SORTS = ("apart", "lone", "alike")
_CLAIMS = {"denied": "Denies", "planned": "Plans"}


class Account(NamedTuple):
    """One side: the request as that party has it, and who is heard for it."""

    page: PageRequest
    party: str
    voices: frozenset[str]


@contextmanager
def accounts_request() -> Iterator[PageRequest]:
    """What the address asks for, without an account of its own."""
    asked, kept = asked_in_address()
    kept.pop("reading", None)
    with chronology().ask(replace(asked, reading=None)) as (snapshot, clocks):
        yield PageRequest(snapshot, clocks, kept, asked.at)


def accounts_page(page: PageRequest, subject: str | None, number: int) -> dict[str, Any]:
    """What the page of two accounts shows: of one matter, or of all of which either party speaks, by pages from 1."""
    parties = _parties(page)
    names = [request.args.get(name, "").strip() for name in ("one", "other")]
    chosen = [*filter(None, names)]
    offered = [each for each in parties if each not in chosen]
    names = [name or (offered.pop(0) if offered else "") for name in names]
    about = subject and page.named(subject)
    empty = {"sides": [], "parties": [*map(page.named, parties)], "about": about, "asked": names, "subject": subject}
    if not all(names):
        return empty
    sides = [_account(page, name) for name in names]
    found = _matters(page, sides, subject)
    apart = [each for each in found if each["apart"]]
    last = max(1, -(-len(apart) // PER_PAGE))
    number = min(max(number, 1), last)
    return {
        **empty,
        "sides": [_side(page, each) for each in sides],
        "matters": [_shown(page, sides, each) for each in apart[PER_PAGE * (number - 1) : PER_PAGE * number]],
        "count": len(apart),
        "lone": [_linked(page, each) for each in found if not each["apart"] and any(each["lone"])],
        "agreed": [_linked(page, each) for each in found if not each["apart"] and not any(each["lone"])],
        "number": number,
        "last": last,
        "whole": _shown(page, sides, found[0]) if subject and found and not apart else None,
    }


def _linked(page: PageRequest, matter: dict[str, Any]) -> dict[str, Any]:
    """A matter by name, with how many of its findings each side alone has."""
    return {
        "title": page.named(matter["id"]),
        "href": page.here(subject=matter["id"], page=None),
        "lone": matter["lone"],
    }


def _parties(page: PageRequest) -> list[str]:
    """For whom actors speak, those with the most speakers first."""
    found, _ = every_state(page, kind="actor")
    spoken = Counter(str(party) for party in (field_value(state, "party") for state in found) if party)
    return [party for party, _ in sorted(spoken.items(), key=lambda each: (-each[1], each[0]))]


def _account(page: PageRequest, name: str) -> Account:
    clocks = with_voices(page.snapshot, page.clocks, name)
    party = str(clocks.asked.reading)
    assert clocks.voices is not None
    kept = {**page.kept, "reading": party}
    heard = clocks.voices.at(clocks.reported, clocks.position)
    return Account(PageRequest(page.snapshot, clocks, kept, page.at), party, heard)


def _side(page: PageRequest, account: Account) -> dict[str, Any]:
    page.know([], account.voices)
    speakers = sorted((each for each in account.voices if each != account.party), key=page.named)
    return {
        "name": page.named(account.party),
        "party": account.party,
        "href": page.subject_link(account.party),
        "speakers": [{"name": page.named(each), "href": page.subject_link(each)} for each in speakers],
        "alone": account.page.link("overview"),
    }


def _matters(page: PageRequest, sides: list[Account], subject: str | None) -> list[dict[str, Any]]:
    """Each matter with its states on both sides, the findings that these have apart, and those of one side alone."""
    voices = sides[0].voices | sides[1].voices
    names = [subject] if subject else sorted(spoken_of(page.snapshot, voices, page.clocks.position))[:MOST_MATTERS]
    told = [{state["id"]: state for state in states(page.snapshot, names, each.page.clocks)} for each in sides]
    found = [
        {
            "id": name,
            "states": (told[0][name], told[1][name]),
            "apart": _apart(sides, told[0][name], told[1][name]),
            "lone": _lone(told[0][name], told[1][name]),
        }
        for name in names
        if name in told[0] and name in told[1] and (subject or told[0][name]["kind"] != "actor")
    ]
    page.know([], [str(each["id"]) for each in found])
    return sorted(found, key=lambda each: (-int(each["apart"] or 0), page.named(str(each["id"]))))


def _findings(state: State) -> dict[str, Finding]:
    status = {"status": state["status"]} if state["status"]["value"] is not None else {}
    return status | {name: each for name, each in state["fields"].items() if name not in HIDDEN}


def _values(finding: Finding | None) -> list[Any] | None:
    return finding and [finding["value"], *(rival["value"] for rival in finding["rivals"])]


def _apart(sides: list[Account], one: State, other: State) -> int:
    """How many findings the two sides have differently, and how many facts either denies."""
    ours, theirs = _findings(one), _findings(other)
    differing = [name for name in ours.keys() & theirs.keys() if _values(ours[name]) != _values(theirs[name])]
    claims = [claim for each, state in zip(sides, (one, other), strict=True) for claim in _claims(each, state)]
    return len(differing) + sum(word == _CLAIMS["denied"] for word, _ in claims)


def _lone(one: State, other: State) -> tuple[int, int]:
    """How many findings each of two sides has of which the other says nothing."""
    ours, theirs = _findings(one).keys(), _findings(other).keys()
    return len(ours - theirs), len(theirs - ours)


def _claims(account: Account, state: State) -> list[tuple[str, Mapping[str, Any]]]:
    """What the party denies or plans, by the word for it."""
    return [
        (word, claim)
        for sort, word in _CLAIMS.items()
        for claim in state[sort]  # type: ignore[literal-required]
        if claim["by"] in account.voices
    ]


def _shown(page: PageRequest, sides: list[Account], matter: dict[str, Any]) -> dict[str, Any]:
    """A matter in rows: what both sides have differently, what only one of them has, and what both have alike."""
    found = [_findings(state) for state in matter["states"]]
    names = [*dict.fromkeys([*found[0], *found[1]])]
    page.know([], named_by_findings((name, each.get(name)) for name in names for each in found))
    kind = matter["states"][0]["kind"]
    cells = [_cells(page, account, findings, kind) for account, findings in zip(sides, found, strict=True)]
    rows = [
        {
            "name": finding_name(name, page.named, kind),
            "anchor": anchor(name),
            "cells": [each.get(name) for each in cells],
        }
        for name in names
    ]
    sorts = [_sort(*(_values(each.get(name)) for each in found)) for name in names]
    return {
        "title": page.named(matter["id"]),
        "href": page.link("subject", name=matter["id"]),
        **{sort: [row for row, own in zip(rows, sorts, strict=True) if own == sort] for sort in _SORTS},
        "claims": [_claims_shown(page, *each) for each in zip(sides, matter["states"], strict=True)],
    }


def _sort(ours: list[Any] | None, theirs: list[Any] | None) -> str:
    apart, lone, alike = _SORTS
    return alike if ours == theirs else lone if ours is None or theirs is None else apart


def _cells(page: PageRequest, account: Account, findings: Mapping[str, Finding], kind: str | None) -> dict[str, Any]:
    """Each finding of one side with the words that it rests on."""
    grounds = {
        ground.partition("#")[0]
        for finding in findings.values()
        for side in (finding, *finding["rivals"])
        for ground in side["because"]
    }
    facts, shown = _in_words(page, account, grounds)
    return {
        name: {
            "values": [finding_value(name, value, page.named) for value in _values(finding) or ()],
            "since": status_when(finding["value"], finding["since"], kind) if name == "status" else None,
            "quotes": once(quotes_of(page, name, finding["because"], facts, shown))[:_MOST_QUOTES],
        }
        for name, finding in findings.items()
    }


def _in_words(
    page: PageRequest, account: Account, names: Iterable[str]
) -> tuple[dict[str, FactAsOf], dict[str, dict[str, Any]]]:
    facts = facts_named(page.snapshot, names, account.page.clocks)
    views = page.views(facts.values())
    page.know(views)
    return facts, {view["id"]: fact_in_words(page, view) for view in views}


def _claims_shown(page: PageRequest, account: Account, state: State) -> list[dict[str, Any]]:
    claims = _claims(account, state)
    _, shown = _in_words(page, account, [name for _, claim in claims for name in facts_of_claim(claim)])
    return [{"word": word, **claim_in_words(claim, shown)} for word, claim in claims]
