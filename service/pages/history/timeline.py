"""The chronology: every fact in the order in which it happened, as a list and as data for the timeline."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from flask import request

from events.dates.bounds import bounds_of
from events.dates.calendar import DAY, instant_text
from events.errors import Invalid
from events.facts import KINDS, rung_of
from events.history.fact_as_of import FactAsOf
from events.subject_kinds import SUBJECT_KINDS
from projections.queries.history.moments_of_change import day_of
from projections.queries.history.timeline import FactFilter, Happening, facts_counted, happenings
from projections.queries.subjects.states import states
from projections.read_models.fact_places import ends_of
from service.pages.history.axis import axis_of
from service.pages.history.belief_chart import milliseconds, shape_of
from service.pages.lists.filter_bar import PER_PAGE, Choice, Field, bar, counted, day_given, given, one_of
from service.pages.lists.matter_list import matter_list
from service.pages.request import REACHED, PageRequest
from service.pages.wording.fact_wording import fact_in_words, label_of_fact
from service.pages.wording.status_ladders import awaited_date
from service.wording.clock_wording import reading_in_words
from service.wording.date_wording import in_words, occurred_in_words

MOST_DRAWN = 2_000
"""More facts than that are not drawn at once; those drawn are the next ones in the order of the list."""

HELD = {
    "actual": "reported as fact",
    "planned": "planned",
    "denied": "denied",
    "alleged": "alleged",
    "retracted": "retracted",
}
"""What facts are held to be, in words."""

_FILTERS = ("subject", "day", "kind", "held", "party", "only", "order", "after", REACHED)
_MOST_HEADINGS = 12
_MOST_STATES = 200
_ORDERS = {"newest": "the newest", "oldest": "the oldest"}


def facts_wanted() -> FactFilter:
    """What the address filters facts by."""
    subject, kind = given("subject"), one_of("kind", KINDS)
    return FactFilter(
        subjects=[subject] if subject else None,
        kinds=[kind] if kind else None,
        held=one_of("held", HELD),
        actor=given("party") or None,
        disputed=one_of("only", ["disputed"]) is not None,
        come=True,
    )


def timeline_page(page: PageRequest, most: int = PER_PAGE) -> dict[str, Any]:
    """A page of the list by year and month, the newest first unless the address says otherwise, and its filters."""
    wanted, newest_first, after = facts_wanted(), _is_newest_first(), _beginning(page)
    found, last = happenings(page.snapshot, page.clocks, wanted, after, most, newest_first=newest_first)
    subject = given("subject") or None
    views = page.views(each.fact for each in found)
    page.know(views, [subject] if subject else [])
    rows = [
        {**fact_in_words(page, view), "shape": shape_of(each.fact), "time": _month(each.fact)}
        for each, view in zip(found, views, strict=True)
    ]
    return {
        "rows": rows,
        "times": _under_times(rows),
        "timeline_src": page.address_of("timeline", _FILTERS),
        "rows_drawn": len({each.subject for each in found}),
        "is_first": not given("after"),
        "following": None if last is None else place_text(last),
        "newest_first": newest_first,
        "subject": subject,
        "subject_title": page.named(subject) if subject else None,
        "bar": _bar(page, wanted),
        "taken_out": None if wanted.disputed else _filters_of_facts(wanted),
    }


def _filters_of_facts(wanted: FactFilter) -> dict[str, str | None]:
    """The same filters as the list of facts of the API has them, which knows none for disputes."""
    held = wanted.held
    return {
        "subject": next(iter(wanted.subjects or ()), None),
        "kind": next(iter(wanted.kinds or ()), None),
        "actor": wanted.actor,
        "modality": None if held == "retracted" else held,
        "retracted": {None: None, "retracted": "yes"}.get(held, "no"),
        "sort": "occurred",
    }


def _is_newest_first() -> bool:
    return one_of("order", _ORDERS) != "oldest"


def _beginning(page: PageRequest) -> bytes:
    """Beyond which place the list begins: where the page before ended, else before the day that is jumped to."""
    if given("after"):
        return place_in(given("after"))
    day = day_given(page, "day")
    if day is None:
        return b""
    return ends_of("occurred", day[1] if _is_newest_first() else day[0])[1]


def _bar(page: PageRequest, wanted: FactFilter) -> dict[str, Any]:
    counts = facts_counted(page.snapshot, page.clocks, wanted) if page.is_of_today else None
    kind = next(iter(wanted.kinds or ()), None)
    page.know([], {*(counts["actor"] if counts else ()), *([wanted.actor] if wanted.actor else ())})
    names = {name: page.named(name) for name in (counts["actor"] if counts else {})}
    names |= {wanted.actor: page.named(wanted.actor)} if wanted.actor else {}
    fields = [
        Field("day", "Go to the day", given("day"), hint="a day, as 20 May 2025"),
        Field("kind", "Kind", kind or "", _choices(counts, "kind", {n: each.words for n, each in KINDS.items()}, kind)),
        Field("held", "Held to be", wanted.held or "", _choices(counts, "held", HELD, wanted.held)),
        Field("party", "Who takes part", wanted.actor or "", _choices(counts, "actor", names, wanted.actor)),
        Field("only", "Only those", given("only"), [Choice("disputed", "disputed by a source")]),
        Field("order", "First", given("order"), [Choice(name, words) for name, words in _ORDERS.items()]),
    ]
    return bar(page, [field for field in fields if field.choices or field.name != "party"], ["subject"])


def _choices(
    counts: Mapping[str, Mapping[str, int]] | None, name: str, words: Mapping[str, str], chosen: str | None
) -> list[Choice]:
    """The values that can be chosen, with the facts that each would leave where these are counted."""
    if counts is None:
        return [Choice(value, said) for value, said in sorted(words.items(), key=lambda each: each[1])]
    return counted(counts[name], words, chosen, most=80)


def _under_times(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows under headings: months, or years or decades where there would be too many."""
    found: list[dict[str, Any]] = []
    for length, rest in ((7, ""), (4, ""), (3, "X")):
        groups = groupby(rows, key=lambda row: row["time"] and _shortened(row["time"], length, rest))
        found = [{"name": name, "rows": [*some]} for name, some in groups]
        if len(found) <= _MOST_HEADINGS:
            break
    return found


def _shortened(month: str, length: int, rest: str) -> str:
    """The first digits of a month; a year of more digits than four, or before the year 0, stays as it is."""
    year, dash, number = month.rpartition("-")
    return month if len(year) != 4 else f"{year}{dash}{number}"[:length] + rest


def _month(fact: FactAsOf) -> str:
    """The month of the earliest day on which the fact can have happened, in its own zone; empty where that is open."""
    lo = fact.bounds.lo
    return "" if lo is None else instant_text(day_of(lo, fact.zone) * DAY).partition("T")[0].rpartition("-")[0]


def place_in(text: str | None) -> bytes:
    """The place in order that the address names as `after`; the beginning where it names none."""
    try:
        return urlsafe_b64decode((text or "").strip().encode("ascii") + b"==")
    except ValueError:
        raise Invalid.at("/after", f"{text!r:.80} is not a place in the chronology") from None


def place_text(place: bytes) -> str:
    """A place in order as an address names it."""
    return urlsafe_b64encode(place).rstrip(b"=").decode()


def timeline_data(page: PageRequest) -> dict[str, Any]:
    """What the timeline draws: groups (one for each subject, in the order of the list), and items in order of time.

    The first 200 groups have a `state` in words, if one is known; the bounds of what it waits for as `promised`, and
    whether time has `passed` that without a report; and the words of the `steps` that a subject of its kind takes.
    `axis` is what is shown at first, `whole` what all items span: from, until, and the stretch that is left out;
    null without items.
    An item is [group, lo, hi, shape, modality, retracted, label, fact id, date in words, how far it brought its
    subject (-1: nowhere, -2: it does not count)]; instants are milliseconds, null is open. Bounds place a mark, and are
    never read out: the days of a fact are days of its own zone. Drawn are the facts that the list of facts shows and
    those that follow, no more than `MOST_DRAWN`; with `of=matters` those of the matters that the list of matters shows.
    """
    found = _drawn(page)
    page.know([{"subject": each.subject, "fields": each.fact.values} for each in found])
    groups = {name: place for place, name in enumerate(dict.fromkeys(each.subject for each in found))}
    stand = _states(page, [*groups][:_MOST_STATES])
    items, ends = [], [end for each in stand.values() for end in each["promised"] or () if end is not None]
    for each in sorted(found, key=lambda each: each.place):
        fact, group = each.fact, groups[each.subject]
        bounds = [milliseconds(fact.bounds.lo), milliseconds(fact.bounds.hi)]
        ends += [end for end in bounds if end is not None]
        words = [
            label_of_fact(page, fact),
            fact.id,
            occurred_in_words(fact.values.get("occurred"), begins=fact.kind.begins),
        ]
        counts = fact.modality == "actual" and not fact.retracted
        rank = rung_of(fact.kind).order if counts else -2
        items.append([group, *bounds, shape_of(fact), fact.modality, fact.retracted, *words, rank])
    first, whole = (axis_of(ends, share) for share in (0.01, 0))
    return {
        "at": milliseconds(page.clocks.at),
        "at_says": page.at and reading_in_words(page.at),
        "axis": first and [*first],
        "whole": whole and [*whole],
        "groups": [
            {"title": page.named(name), "href": page.subject_link(name), **stand.get(name, {})} for name in groups
        ],
        "items": items,
        "fact": page.link("fact", name="FACT"),
    }


def _states(page: PageRequest, subjects: list[str]) -> dict[str, dict[str, Any]]:
    """The status of each, with its date in words; the bounds of what it waits for; the steps of its kind."""
    found: dict[str, dict[str, Any]] = {}
    for state in states(page.snapshot, subjects, page.clocks):
        status, since, awaited = state["status"]["value"], state["status"]["since"], awaited_date(state)
        if status is None:
            continue
        passed = awaited is not None and awaited.is_past
        bounds = awaited and bounds_of(awaited.text, page.clocks.asked.zone)
        found[state["id"]] = {
            "state": status if passed or not since else f"{status}, {in_words(since)}",
            "promised": bounds and [milliseconds(bounds.lo), milliseconds(bounds.hi)],
            "passed": passed,
            "steps": SUBJECT_KINDS[state["kind"] or ""].ladder,
        }
    return found


def _drawn(page: PageRequest) -> list[Happening]:
    """The facts to draw, in the order of the list; of matters the newest ones, in the order of time."""
    if request.args.get("of") == "matters":
        wanted = FactFilter(subjects=matter_list(page)["shown"], come=True)
        newest, _ = happenings(page.snapshot, page.clocks, wanted, b"", MOST_DRAWN, newest_first=True)
        return newest[::-1]
    newest_first, after = _is_newest_first(), _beginning(page)
    return happenings(page.snapshot, page.clocks, facts_wanted(), after, MOST_DRAWN, newest_first=newest_first)[0]
