"""What subjects are called on pages: kind and title as known at a position, whatever was reported by when."""

from collections.abc import Iterable
from typing import NamedTuple

from projections.clocks import Asked, Clocks
from projections.fold.state import State
from projections.queries.subjects.states import states
from projections.store.snapshots import Snapshot


class Label(NamedTuple):
    """A subject's kind and title; the title is made of the id where nobody gave one."""

    kind: str | None
    title: str


def labels(snapshot: Snapshot, subjects: Iterable[str], position: int) -> dict[str, Label]:
    """The labels of those of the subjects that are named by the position."""
    found = states(snapshot, sorted(set(subjects)), Clocks(Asked(), None, None, position))
    return {each["id"]: label_of(each) for each in found}


def label_of(state: State) -> Label:
    """The label that a state gives its subject."""
    named = state["fields"].get("name", {}).get("value")
    return Label(state["kind"], state["title"] or named or spelled(state["id"]))


def spelled(subject: str) -> str:
    """An id as words."""
    words = subject.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
