"""The subjects of a unit of work: of which kinds they are known, and what is said of them for the first time."""

from collections.abc import Iterable
from itertools import islice

from events.errors import Conflict
from events.log.recorders import Rehearsal, WriterTransaction


class NamedSubjects:
    """The kinds of subjects as they are recorded, with what the unit of work names; `named` are those that it opens."""

    def __init__(self, log: WriterTransaction | Rehearsal) -> None:
        self.named: dict[str, str | None] = {}
        self._log = log
        self._looked_up: set[str] = set()
        self._kinds: dict[str, str | None] = {}

    def look_up(self, subjects: Iterable[str]) -> None:
        """Read the kinds of the subjects not read yet, all at once."""
        wanted = set(subjects) - self._looked_up
        if wanted:
            self._looked_up |= wanted
            self._kinds.update(self._log.kinds(wanted))

    def kind_of(self, subject: str) -> str | None:
        """The kind under which the subject is known; None while it is unknown or named without kind."""
        self.look_up([subject])
        return self._kinds.get(subject)

    def name(self, subject: str, kind: str | None) -> bool:
        """Open the subject by naming it, or check that it is of that kind; whether this said something new of it.

        Raises:
            Conflict: the subject is of another kind.
        """
        known = self.kind_of(subject)
        if kind is not None and known is not None and kind != known:
            raise Conflict(f"{subject!r} is of kind {known}, not {kind}")
        if subject in self._kinds and (known is not None or kind is None):
            return False
        self._kinds[subject] = self.named[subject] = kind
        return True

    def named_after(self, count: int) -> list[str]:
        """The subjects of which this unit of work says something new, but for the first so many."""
        return list(islice(reversed(self.named), len(self.named) - count))[::-1]
