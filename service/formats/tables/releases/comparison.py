"""Rows of a release held against what is recorded: what each says otherwise, as items of a chronicle."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from events.dates.calendar import instant_text
from events.errors import Invalid
from events.field_types import Json
from projections.store.snapshots import Snapshot
from service.chronicle.importing import Item
from service.formats.tables.releases.notes import Outcome, quote_of
from service.formats.tables.releases.recorded import RecordedRelease, RecordedRow, recorded_facts, recorded_rows
from service.formats.tables.releases.release import Release, ReleasedRow, changes_of
from service.formats.tables.rows import item_of


class Compared(NamedTuple):
    """What rows come to: the items to record, and by id what became of those that are not as they were."""

    items: list[Item]
    outcomes: dict[str, Outcome]


class Comparison:
    """Compares rows of a release.

    Args:
        release: whose rows they are.
        there: the rows of the releases before, and whether each was still there in the last of them.
        now: when this release was read, in UTC microseconds.
    """

    def __init__(self, release: Release, there: Mapping[str, bool], now: int) -> None:
        self._release = release
        self._there = there
        self._now = now

    def of(self, snapshot: Snapshot, rows: Sequence[ReleasedRow], position: int) -> Compared:
        """What the rows come to, given what is recorded up to the position."""
        documents = {each.id: self._release.id_of(each.id) for each in rows}
        recorded = recorded_rows(snapshot, documents.values(), position)
        compared = Compared([], {})
        otherwise: list[tuple[ReleasedRow, RecordedRow]] = []
        for row in rows:
            known = recorded.get(documents[row.id])
            if known is None:
                compared.items.extend(self._new(row))
            elif known.sha256 not in (None, row.sha256):
                otherwise.append((row, known))
            if outcome := self._outcome(row, known):
                compared.outcomes[row.id] = outcome
        compared.items.extend(self._revised(snapshot, otherwise, position))
        return compared

    def _outcome(self, row: ReleasedRow, known: RecordedRow | None) -> Outcome | None:
        """What became of the row; one that was revised by this release before it was cut off is changed, too."""
        if row.id not in self._there or known is None:
            return "new"
        if not self._there[row.id]:
            return "back"
        is_revised = known.version > 1 and known.published == self._release.published
        return "changed" if known.sha256 is not None and (is_revised or known.sha256 != row.sha256) else None

    def _new(self, row: ReleasedRow) -> Iterator[Item]:
        fact, described = self._release.fact(row)
        yield self._release.document(row)
        yield from described
        yield item_of("facts", fact, row.row)

    def _revised(
        self, snapshot: Snapshot, rows: Sequence[tuple[ReleasedRow, RecordedRow]], position: int
    ) -> Iterator[Item]:
        """The rows as further versions of their documents, and what they say otherwise as corrections by these."""
        release = self._release
        names = [release.id_of(row.id) for row, _ in rows]
        facts = recorded_facts(snapshot, names, str(release.source["id"]), position)
        for name, (row, known) in zip(names, rows, strict=True):
            version = {"text": row.text, "retrieved_at": instant_text(self._now), "published": release.published}
            yield item_of("amendments", {"source": name, "call": "revisions", **version}, row.row)
            if name in facts:
                yield from self._corrected(row, known.version + 1, facts[name].told)

    def _corrected(self, row: ReleasedRow, version: int, told: Mapping[str, Any]) -> Iterator[Item]:
        """The correction of its fact, after the subjects that it is the first to name."""
        fact, described = self._release.fact(row)
        try:
            changes = changes_of(told, fact)
        except Invalid:
            yield item_of("facts", fact, row.row)  # it is refused, with all that is wrong with it
            return
        if changes:
            yield from described
            yield item_of("amendments", self._correction(row, version, changes), row.row)

    def _correction(self, row: ReleasedRow, version: int, changes: Mapping[str, Json]) -> dict[str, Any]:
        """The correction by the row's own words; a change of kind is ours, for no source names our kinds."""
        name = self._release.id_of(row.id)
        cited = {"source": name, "version": version}
        return {
            "fact": name,
            "call": "corrections",
            "id": f"{name}:{version}",
            **({"kind": "misclassification"} if "kind" in changes else {}),
            "reason": self._release.reason,
            "citations": [{**cited, **quote} for quote in self._release.quotes(row, list(changes))],
            "changes": dict(changes),
        }


def follow_up(
    snapshot: Snapshot, release: Release, recorded: RecordedRelease, rows: Sequence[str], position: int
) -> Iterator[Item]:
    """Retractions of the facts of rows that are gone, reinstatements of those that are back, as far as needed."""
    table = str(release.source["id"])
    facts = recorded_facts(snapshot, map(release.id_of, rows), table, position)
    for row in rows:
        fact, outcome = facts.get(release.id_of(row)), recorded.note.outcomes[row]
        if fact is None or (fact.is_retracted if outcome == "gone" else not fact.is_retracted_by_table):
            continue
        given = {
            "fact": release.id_of(row),
            "call": "retractions" if outcome == "gone" else "reinstatements",
            "id": f"{table}:{recorded.version}",
            "reason": release.reason,
            "citations": [{"source": table, "version": recorded.version, "exact": quote_of(row, outcome)}],
        }
        yield Item("amendments", given, "", lambda _: None)
