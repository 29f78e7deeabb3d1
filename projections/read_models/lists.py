"""What lists are read by: the outline of every subject as it stands in the end, and when sources were published."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

from events.dates.bounds import bounds_of
from events.facts import subjects_named
from events.history.fact_as_of import FactAsOf
from events.history.streams import NEVER, Entry
from events.subject_kinds import SUBJECT_KINDS, passing_fields
from projections.fold.answer_types import State
from projections.store.snapshots import Snapshot

EVER = 1 << 62
"""A moment of the first clock after all that facts can name (UTC microseconds)."""


class Outline(NamedTuple):
    """What a list knows of a subject.

    `since` is when its status began at the latest, `told` when the newest report of it was published, each 0 where it
    is not known (UTC microseconds). `disputed`, `denied`, `planned` and `alleged` are how many findings and claims
    there are. It is `late` where time alone brought its status or a plan is overdue, and `known` where more is known
    of it than a description. `actors` are all whom its facts name, in order; they are written in a table beside it.
    """

    id: str
    kind: str | None
    part_of: str | None
    status: str | None
    since: int
    told: int
    disputed: int
    denied: int
    planned: int
    alleged: int
    late: bool
    known: bool
    actors: tuple[str, ...] = ()


def outline_of(state: State, facts: Iterable[FactAsOf]) -> Outline:
    """The outline of a state, and of the facts that count for it."""
    facts = [*facts]
    findings = [state["status"], *state["fields"].values()]
    denied, planned, alleged = (len(state["denied"]), len(state["planned"]), len(state["alleged"]))
    is_told = any(each["since"] for each in findings) or bool(denied or planned or alleged or state["possible"])
    named = {name for fact in facts for name, kind in subjects_named(fact.kind, fact.values) if kind == "actor"}
    reports = (cited.published_by for fact in facts for cited in fact.cited)
    return Outline(
        state["id"],
        state["kind"],
        state["part_of"],
        state["status"]["value"],
        _since(state, facts),
        _storable(max((each for each in reports if -NEVER < each < NEVER), default=0)),
        sum(bool(each["rivals"]) for each in findings),
        denied,
        planned,
        alleged,
        _is_late(state),
        is_told,
        tuple(sorted(named - {state["id"]})),
    )


def _since(state: State, facts: Sequence[FactAsOf]) -> int:
    deciding = state["status"]["because"][:1]
    bounds = next((fact.bounds for fact in facts if fact.id in deciding), None)
    return 0 if bounds is None else _storable(bounds.hi or bounds.lo or 0)


def _is_late(state: State) -> bool:
    kind = SUBJECT_KINDS.get(state["kind"] or "")
    ended = {then for _, then in kind.passing.values()} if kind else set()
    return state["status"]["value"] in ended or any(plan.get("overdue") for plan in state["planned"])


def settled(facts: Sequence[FactAsOf]) -> int:
    """From which moment of the first clock on the state of a subject with these facts stays as it is."""
    edges = [edge for fact in facts if not fact.kind.timeless for edge in fact.bounds if edge is not None]
    edges += [edge for edge in _ends(facts) if edge is not None]
    return _storable(max(edges, default=-EVER))


def _storable(moment: int) -> int:
    """The moment, or the furthest one that a column holds."""
    return max(-EVER, min(moment, EVER))


def is_turned_by_time(facts: Iterable[FactAsOf]) -> bool:
    """Whether the state may read otherwise at a late moment of the first clock than without one."""
    for fact in facts:
        is_open = fact.bounds.hi is None and not fact.kind.timeless
        if is_open or fact.modality == "planned" or any(fact.values.get(field) for field in passing_fields()):
            return True
    return False


def _ends(facts: Iterable[FactAsOf]) -> Iterable[int | None]:
    """The ends of what facts promise: dates that end a status."""
    for fact in facts:
        for field in passing_fields():
            if fact.values.get(field):
                yield bounds_of(fact.values[field], fact.zone).hi


def define_outlines(metadata: MetaData, prefix: str) -> None:
    """Define the tables of outlines, and of the actors that they name.

    Outlines are those of subjects not merged, with the moment from which each holds; one is `turned` where it is
    another one than without a date. `touched` is the position of the last event that bears on the subject.
    """
    name = Text().with_variant(Text(collation="C"), "postgresql")  # sorted as Python sorts them
    Table(
        f"{prefix}outlines",
        metadata,
        Column("id", name, primary_key=True),
        *(Column(name, Text) for name in ("kind", "part_of", "status")),
        *(Column(name, BigInteger, nullable=False) for name in ("since", "told")),
        *(Column(name, Integer, nullable=False) for name in ("disputed", "denied", "planned", "alleged")),
        *(Column(name, Boolean, nullable=False) for name in ("late", "known")),
        Column("settled", BigInteger, nullable=False),
        Column("turned", Boolean, nullable=False),
        Column("touched", BigInteger, nullable=False),
        Index(f"{prefix}outlines_told", "told", "since"),
        Index(f"{prefix}outlines_part_of", "part_of", "told"),
    )
    Table(
        f"{prefix}outlined_actors",
        metadata,
        Column("actor", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Index(f"{prefix}outlined_actors_subject", "subject"),
    )


def write_outlines(snapshot: Snapshot, rows: Iterable[tuple[Outline, int, bool, int]]) -> None:
    """Write outlines, each with `settled`, `turned` and `touched`, of subjects that have none."""
    rows = [*rows]
    snapshot.pour("outlines", [(*outline[:-1], *then) for outline, *then in rows])
    snapshot.pour("outlined_actors", [(actor, outline.id) for outline, *_ in rows for actor in outline.actors])


class Publications:
    """The view of the dates of sources, by which they are listed; one whose date was corrected has several."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Define its table."""
        Table(
            f"{prefix}publications",
            metadata,
            Column("published", BigInteger, nullable=False),
            Column("source", Text, nullable=False),
            Column("position", BigInteger, nullable=False),
            Index(f"{prefix}publications_published", "published", "source", "position"),
        )

    def load(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Add the dates that a batch brings."""
        noted = [(entry, _noted(entry)) for entry in batch if entry.name in ("SourceRegistered", "SourceCorrected")]
        rows = [
            (publication(values.get("published")), entry.data["id"], entry.position)
            for entry, values in noted
            if entry.name == "SourceRegistered" or "published" in values
        ]
        snapshot.pour("publications", rows)


def _noted(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = entry.data.get("changes", entry.data)
    return found


def publication(published: str | None) -> int:
    """Where a source published then stands in lists, by its own days: microseconds; those without a date come first."""
    bounds = bounds_of(published, "UTC") if published else None
    end = None if bounds is None else bounds.hi or bounds.lo
    return -EVER if end is None else max(-EVER, min(end, EVER))
