"""What subjects are called on pages: kind and title as known at a position, whatever was reported by when."""

from collections.abc import Iterable
from typing import NamedTuple

import orjson
from sqlalchemy import select

from projections.clocks import Asked, Clocks
from projections.ledger import chunks
from projections.states import states
from projections.store import Snapshot
from projections.understanding import State


class Label(NamedTuple):
    """A subject's kind and title; the title is made of the id where nobody gave one."""

    kind: str | None
    title: str


def labels(snapshot: Snapshot, subjects: Iterable[str], position: int) -> dict[str, Label]:
    """The labels of those of the subjects that are named by the position."""
    wanted = sorted(set(subjects))
    if position == snapshot.position:
        found = _current(snapshot, wanted)
    else:
        found = states(snapshot, wanted, Clocks(Asked(), None, None, position))
    return {each["id"]: label_of(each) for each in found}


def label_of(state: State) -> Label:
    """The label that a state gives its subject."""
    named = state["fields"].get("name", {}).get("value")
    return Label(state["kind"], state["title"] or named or spelled(state["id"]))


def spelled(subject: str) -> str:
    """An id as words."""
    words = subject.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _current(snapshot: Snapshot, subjects: list[str]) -> list[State]:
    table = snapshot.table("current")
    return [
        orjson.loads(row.state)
        for chunk in chunks(subjects)
        for row in snapshot.rows(select(table.c.state).where(table.c.id.in_(chunk)))
    ]
