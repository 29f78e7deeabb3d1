"""A status as steps of its ladder: how far a subject got, and whether it was stopped there."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from flask import render_template
from markupsafe import Markup

from events.dates.bounds import Certainty, certainty
from events.facts import rung_of
from events.history.fact_as_of import FactAsOf
from events.subject_kinds import SUBJECT_KINDS
from projections.fold.answer_types import State
from projections.fold.part import by_lo
from service.wording.date_wording import in_words, reached_in_words, since_in_words

_PROMISED = {
    "lapsed": ("was proposed for", "no report says that it took place"),
    "overdue": ("was scheduled for", "no report says that it began"),
    "expired": ("was to last until", "no report says that it was prolonged"),
}


class Passed(NamedTuple):
    """What time alone ended: what had been promised, of what there is no report, and the date promised, as EDTF."""

    promise: str
    silence: str
    date: str


class AwaitedDate(NamedTuple):
    """The date that a status waits for, as EDTF, and whether time has gone by it."""

    text: str
    is_past: bool


class Steps(NamedTuple):
    """`filled` of `all` steps; `struck` where a halt or the passing of time stands against them."""

    filled: int
    all: int
    struck: bool


def steps(state: State) -> Steps | None:
    """The small staircase beside a status word; None for kinds without ladder."""
    kind = SUBJECT_KINDS.get(state["kind"] or "")
    if kind is None or not kind.ladder:
        return None
    status = state["status"]["value"]
    if status in kind.ladder:
        return Steps(kind.ladder.index(status) + 1, len(kind.ladder), False)
    before = next((name for name, (_, then) in kind.passing.items() if then == status), None)
    filled = kind.ladder.index(before) + 1 if before else 0
    return Steps(filled, len(kind.ladder), status is not None)


def status_when(status: str | None, since: str | None, kind: str | None) -> str | None:
    """Since when a status lasts, or when another one was reached; None where that is not known."""
    if since is None:
        return None
    lasts = kind in SUBJECT_KINDS and status in SUBJECT_KINDS[kind].lasting
    return since_in_words(since) if lasts else reached_in_words(since)


@lru_cache(maxsize=256)
def drawn(steps: Steps | None) -> str:
    """The small staircase as markup; empty for kinds without ladder."""
    return Markup(render_template("_staircase.html", steps=steps)) if steps else ""  # noqa: S704 - it holds numbers only


def staircase(state: State, facts: Iterable[FactAsOf], at: int | None) -> list[dict[str, Any]]:
    """Every rung with the facts that certainly reach it, the earliest first, and whether a higher one is reached."""
    kind = SUBJECT_KINDS.get(state["kind"] or "")
    if kind is None or not kind.ladder:
        return []
    reached: dict[int, list[FactAsOf]] = {}
    for fact in sorted(facts, key=by_lo):
        counts = not fact.retracted and fact.modality == "actual" and certainty(fact.bounds, at) is Certainty.CERTAIN
        if counts and (step := rung_of(fact.kind).step) >= 0:
            reached.setdefault(step, []).append(fact)
    top = max(reached, default=-1)
    status = state["status"]["value"]
    return [
        {"name": name, "facts": reached.get(step, []), "passed": step < top, "now": name == status}
        for step, name in enumerate(kind.ladder)
    ]


def awaited_date(state: State) -> AwaitedDate | None:
    """What the status waits for, or waited for until time alone ended it; None for one that waits for no date."""
    kind = SUBJECT_KINDS.get(state["kind"] or "")
    status = state["status"]["value"]
    for before, (field, then) in kind.passing.items() if kind else ():
        if status in {before, then} and field in state["fields"]:
            return AwaitedDate(str(state["fields"][field]["value"]), status == then)
    return None


def passed_by(state: State) -> Passed | None:
    """What was promised where the status is one that time alone brought: lapsed, overdue, expired."""
    awaited = awaited_date(state)
    if awaited is None or not awaited.is_past:
        return None
    said, silence = _PROMISED.get(state["status"]["value"] or "", ("was to be over by", "no report says more"))
    return Passed(f"{said} {in_words(awaited.text)}", silence, awaited.text)
