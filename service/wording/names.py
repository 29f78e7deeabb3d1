"""What subjects are called and what is noted of sources, looked up at once for all that is shown together."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.facts import subjects_named
from events.history.streams import SourceState
from projections.clocks import Clocks
from projections.queries.evidence.facts_as_of import sources_cited
from projections.queries.evidence.sources import noted_sources
from projections.queries.subjects.states import Label, spelled
from projections.queries.subjects.values import labels
from projections.store.snapshots import Snapshot
from service.wording.phrases import Piece


class Names:
    """Looks up names at the clocks; `know` looks up those that are needed together beforehand."""

    def __init__(self, snapshot: Snapshot, clocks: Clocks) -> None:
        self.snapshot = snapshot
        self.clocks = clocks
        self._labels: dict[str, Label] = {}
        self._no_subjects: set[str] = set()
        self._sources: dict[str, SourceState] = {}

    def know(self, views: Iterable[Mapping[str, Any]], subjects: Iterable[str] = ()) -> None:
        """Look up at once what fact views name: subjects, actors and sources."""
        wanted = set(subjects)
        for view in views:
            wanted |= {name for name, _ in subjects_named(None, view.get("fields", {}))}
            wanted |= {each for each in (view.get("subject"), view.get("attributed_to")) if each}
        if wanted := wanted - self._labels.keys() - self._no_subjects:
            self._labels |= labels(self.snapshot, wanted, self.clocks)
            self._no_subjects |= wanted - self._labels.keys()
        self.know_sources(sources_cited(views))

    def know_sources(self, names: Iterable[str]) -> None:
        """Look up sources."""
        wanted = set(names) - self._sources.keys()
        if wanted:
            self._sources |= noted_sources(self.snapshot, wanted, self.clocks.position)

    def label(self, subject: str) -> Label:
        """The subject's kind and title."""
        if subject not in self._labels:
            self.know([], [subject])
        return self._labels.setdefault(subject, Label(None, spelled(subject)))

    def named(self, subject: str) -> str:
        """What the subject is called."""
        return self.label(subject).title

    def who(self, by: str | None) -> Piece:
        """By whom something is said: an actor by name, a publisher as it is."""
        if by is None:
            return Piece("this desk")
        self.know([], [by])
        return Piece(self._labels[by].title, by) if by in self._labels else Piece(by)

    def source(self, name: str) -> SourceState:
        """What is noted about the source."""
        if name not in self._sources:
            self.know_sources([name])
        return self._sources[name]
