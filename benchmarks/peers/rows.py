"""Facts as a peer's users would keep them: one row a fact, changed by corrections and deleted by retractions.

A row holds what an answer needs, worked out beforehand and not counted as time of the peer: the bounds of its date, the
place in the order, what it does to the status, and the fields that it sets as JSON. Quotes and sources are left out.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from benchmarks.scale import ZONE, Workload
from events.dates.bounds import bounds_of, clock_bound
from events.facts import Fact, own_fields, rung_of
from events.kinds import vocabulary

EVER = 1 << 62
"""Later than every instant and position; the beginning of time is its negative."""


class Row(NamedTuple):
    """One fact. `does` is h for a halt, r for a resumption, u for a rung reached, else empty; `says` is the status."""

    number: int
    subject: str
    lo: int
    hi: int
    rung: int
    step: int
    does: str
    says: str
    published: int
    actual: bool
    settings: str


class Version(NamedTuple):
    """A row as it stood from the position `since` until `until` (exclusive; EVER while it stands)."""

    row: Row
    since: int
    until: int
    nth: int


class Change(NamedTuple):
    """What one call did to a row: `insert`, `update` or `delete`, at a position in the log."""

    what: str
    position: int
    row: Row


def bound(text: str | None) -> int:
    """The exclusive bound of a clock reading."""
    return EVER if text is None else clock_bound(text, "UTC")


def changes(workload: Workload) -> Iterator[Change]:
    """What each call does, in the order of recording."""
    repaired: dict[int, dict[str, Any]] = {}
    for position, told in enumerate(workload.calls(), start=workload.source_count + 1):
        body = told.body if told.call == "facts" else {**workload.fact(told.number), **repaired.get(told.number, {})}
        if told.call == "corrections":
            repaired[told.number] = told.body["changes"]
            body = {**body, **told.body["changes"]}
        what = {"facts": "insert", "corrections": "update", "retractions": "delete"}[told.call]
        yield Change(what, position, _row(workload, told.number, body))


def versions(workload: Workload) -> list[Version]:
    """Every version that a row ever had, each with how long it stood."""
    standing: dict[int, Version] = {}
    found = []
    for what, position, row in changes(workload):
        before = standing.pop(row.number, None)
        if before is not None:
            found.append(before._replace(until=position))
        if what != "delete":
            standing[row.number] = Version(row, position, EVER, before.nth + 1 if before else 1)
    return [*found, *standing.values()]


def _row(workload: Workload, number: int, body: dict[str, Any]) -> Row:
    kind = vocabulary.KINDS[body["kind"]]
    lo, hi = bounds_of(body["occurred"], ZONE, begins=kind.begins)
    published = _published(workload, int(body["citations"][0]["source"].removeprefix("source-")))
    actual = "modality" not in body
    if actual and (hi is None or published < hi) and (lo is None or lo < published):
        hi = published
    step, does, says = _effect(kind)
    return Row(
        number,
        body["subject"],
        -EVER if lo is None else lo,
        EVER if hi is None else hi,
        rung_of(kind).order,
        step,
        does,
        says,
        published,
        actual,
        json.dumps(_settings(kind, body)),
    )


def _published(workload: Workload, source: int) -> int:
    hi = bounds_of(workload.published(source).isoformat(), ZONE).hi
    assert hi is not None
    return hi


@cache
def _effect(kind: type[Fact]) -> tuple[int, str, str]:
    """The rung, or for a halt the top one; what is done; and the status."""
    ladder = kind.about.ladder if kind.about else ()
    if kind.halts:
        return len(ladder) - 1, "h", kind.halts
    if kind.reaches:
        return ladder.index(kind.reaches), "r" if kind.resumes else "u", kind.reaches
    return -1, "", ""


def _settings(kind: type[Fact], body: dict[str, Any]) -> dict[str, Any]:
    """The fields that a fact sets, by the names of their findings."""
    per = f"[{body[kind.per]}]" if kind.per else ""
    fields = own_fields(kind)
    named = {name: f"{kind.__name__}.{name}" if name in kind.acts else name for name in fields}
    found: dict[str, Any] = {}
    for name in fields.keys() & body.keys() - {kind.per}:
        if fields[name].keyed:
            found |= {f"{named[name]}{per}[{key}]": value for key, value in body[name].items()}
        else:
            found[named[name] + per] = body[name]
    return found
