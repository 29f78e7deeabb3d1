"""The values of subjects, that is the status and the values of the fields, at any clocks: for most, by one probe.

Asked with both a reported bound and an older position, as a party would have it, or of subjects once merged or split,
values are taken from folded states.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypedDict

import orjson
from sqlalchemy import ColumnElement, CompoundSelect, Select, select

from events.errors import NotFound
from events.field_types import JsonObject
from projections.bitemporal.finding_timeline import FIRST, UNDATED, json_of
from projections.bitemporal.index import RECORDING, REPORTING
from projections.bitemporal.pages import FIELDS, values_at
from projections.clocks import Asked, AtClocks, Clocks
from projections.queries.subjects.states import Label, kinds_of, label, states
from projections.read_models.histories import grouping_at, regroupings
from projections.store.snapshots import Snapshot

_HOLDING = "plane = ? AND lo <= ? AND hi > ? AND since <= ? AND until > ?"
_ALL = (
    f"SELECT subject, CASE plane WHEN {REPORTING} THEN (SELECT touched FROM {{current}} WHERE id = subject) ELSE 0 END,"
    f" body FROM {{planes}} WHERE {_HOLDING}"
)
"""Of each subject the page that holds a point, and up to where the log must count so that it does."""
_SOME = _ALL.replace(" WHERE plane", " WHERE subject {among} AND plane")
_ONE = f"{_ALL} AND subject = ? ORDER BY lo DESC LIMIT 1"
_SUBJECTS = "SELECT id FROM {current}"
_AT_ONCE = 200


class Values(TypedDict):
    """What a subject's status is and its fields are, without what they rest on."""

    id: str
    status: str | None
    fields: JsonObject


class ValuesAtClocks(Values, AtClocks):
    """The same at the clocks asked."""


class ValuesJson(NamedTuple):
    """The values of a subject as JSON: `content` is `STATUS,"fields":{NAME:VALUE,...}`."""

    subject: str
    content: bytes

    @property
    def status(self) -> bytes:
        """The status alone."""
        return self.content.partition(FIELDS)[0]

    @property
    def fields(self) -> bytes:
        """The fields as a JSON object."""
        return self.content[self.content.index(FIELDS) + len(FIELDS) - 1 :]

    @property
    def json(self) -> bytes:
        """All of it as a JSON object: `id`, `status`, `fields`."""
        return b'{"id":%b,"status":%b}' % (json_of(self.subject), self.content)

    def passes(self, filters: dict[str, str | None]) -> bool:
        """Whether the status and the whole that it is part of are those of the filters; None does not filter."""
        status, part_of = filters.get("status"), filters.get("part_of")
        return (status is None or orjson.loads(self.status) == status) and (
            part_of is None or orjson.loads(self.fields).get("part_of") == part_of
        )


def values(snapshot: Snapshot, subject: str, clocks: Clocks) -> ValuesJson:
    """The values of one subject.

    Raises:
        NotFound: no event up to the position names it.
    """
    moment, turn, asked = _point(clocks)
    rows = snapshot.probe(_ONE, None, *asked, subject)
    found: ValuesJson | None = None
    if not rows or not rows[0][2] or rows[0][1] > clocks.position:
        found = next(_folded(snapshot, [subject], clocks), None)
    elif (content := values_at(rows[0][2], moment, turn)) is not None:
        found = ValuesJson(subject, content)
    if found is None:
        raise NotFound(f"no subject {subject!r} is named up to position {clocks.position}")
    return found


def values_of(snapshot: Snapshot, clocks: Clocks, subjects: Sequence[str] | None = None) -> Iterator[ValuesJson]:
    """The values of all subjects that are named by the position, or of those of some, in no order.

    Of all, those merged into another are left out, as theirs are that one's.
    """
    moment, turn, asked = _point(clocks)
    folded: list[str] = []
    if clocks.asked.reading is not None:
        folded = [subject for (subject,) in snapshot.probe(_SUBJECTS)] if subjects is None else [*subjects]
    else:
        rows = snapshot.flow(_ALL, None, *asked) if subjects is None else snapshot.flow(_SOME, subjects, *asked)
        for subject, least, page in rows:
            if not page or least > clocks.position:
                folded.append(subject)
            elif (content := values_at(page, moment, turn)) is not None:
                yield ValuesJson(subject, content)
    yield from _folded(snapshot, folded, clocks, merged=subjects is not None)


def _folded(
    snapshot: Snapshot, subjects: Sequence[str], clocks: Clocks, *, merged: bool = True
) -> Iterator[ValuesJson]:
    """The values in the states of subjects; without those merged into another where they are not asked for."""
    for state in states(snapshot, subjects, clocks):
        if "merged_into" in state and not merged:
            continue
        fields = state["fields"]
        members = b",".join(b"%b:%b" % (json_of(name), json_of(fields[name]["value"])) for name in sorted(fields))
        yield ValuesJson(state["id"], b"%b%b%b}" % (json_of(state["status"]["value"]), FIELDS, members))


def _point(clocks: Clocks) -> tuple[int, int, tuple[int, int, int, int, int]]:
    """Where the clocks lie, as a moment of the first clock and a turn of the other; and what finds the page there.

    A reading of a party lies on no plane.
    """
    moment = UNDATED if clocks.at is None else min(max(clocks.at, FIRST), UNDATED - 1)
    plane, turn = RECORDING, clocks.position
    if clocks.reported is not None:
        plane, turn = REPORTING, min(max(clocks.reported, FIRST), UNDATED - 1)
    if clocks.asked.reading is not None:
        plane = -1
    return moment, turn, (plane, moment, moment, turn, turn)


def labels(snapshot: Snapshot, subjects: Iterable[str], clocks: Clocks) -> dict[str, Label]:
    """What those of the subjects are called that are named by the position, with the names reported by then."""
    wanted = sorted(set(subjects))
    kinds = kinds_of(snapshot, wanted, clocks.position)
    found = values_of(snapshot, Clocks(Asked(), None, clocks.reported, clocks.position), wanted)
    return {each.subject: label(each.subject, kinds[each.subject], orjson.loads(each.fields)) for each in found}


def page_of_values(
    snapshot: Snapshot, clocks: Clocks, filters: dict[str, str | None], after: str, limit: int
) -> tuple[list[ValuesJson], str | None]:
    """Values in the order of the subjects' ids, from after `after`; and the last id read, if more may follow.

    Filters are `kind`, `status` and `part_of`; None does not filter. Subjects merged into another are not among them.
    """
    found: list[ValuesJson] = []
    for ids in named_subjects(snapshot, clocks.position, filters.get("kind"), after, filters.get("part_of")):
        by_id = {each.subject: each for each in values_of(snapshot, clocks, ids)}
        found += [by_id[subject] for subject in ids if subject in by_id and by_id[subject].passes(filters)]
        if len(found) > limit:
            return found[:limit], found[limit - 1].subject
    return found, None


def named_subjects(
    snapshot: Snapshot,
    position: int,
    kind: str | None = None,
    after: str = "",
    part_of: str | None = None,
    among: CompoundSelect[tuple[str]] | Select[tuple[str]] | None = None,
) -> Iterator[list[str]]:
    """The ids of the subjects named by the position and not merged, in order from after `after`, some at a time.

    With `part_of`, only those that may be a part of that one: a fact of theirs says so, or they were merged or split.
    With `among`, only those whose own facts have them there, and those that were merged or split.
    """
    table = snapshot.table("subjects")
    grouping = grouping_at(snapshot, position)
    may_be: list[ColumnElement[bool]] = []
    if part_of is not None:
        about, parts = snapshot.table("about"), snapshot.table("parts")
        among = select(about.c.subject).join(parts, parts.c.fact == about.c.fact).where(parts.c.whole == part_of)
    if among is not None:
        moved = {entry.data.get(name) for entry in regroupings(snapshot, position) for name in ("subject", "into")}
        may_be = [table.c.id.in_(among) | table.c.id.in_(moved - {None})]
    while True:
        wanted = select(table.c.id).where(table.c.id > after, table.c.opened <= position, *may_be)
        if kind is not None:
            wanted = wanted.where(table.c.kind == kind, table.c.kind_known <= position)
        ids = [row.id for row in snapshot.rows(wanted.order_by(table.c.id).limit(_AT_ONCE))]
        if ids:
            yield [subject for subject in ids if grouping.merged_into(subject) is None]
        if len(ids) < _AT_ONCE:
            return
        after = ids[-1]
