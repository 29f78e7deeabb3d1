"""What somebody follows: a subject, a finding of it, the facts that pass filters, or what was cited at addresses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from events.dates.bounds import UNBOUNDED
from events.history.fact_as_of import FactAsOf
from projections.queries.evidence.fact_pages import tests_of
from projections.queries.history.checks import CitedQuestion
from projections.read_models.histories import grouping_at
from projections.read_models.texts.folding import sought_in
from projections.store.snapshots import Snapshot


class CitedAddress(NamedTuple):
    """An address at which something was cited, and what that is."""

    address: str
    cited: CitedQuestion


@dataclass(frozen=True, slots=True)
class Followed:
    """What is followed. Nothing given: everything.

    Args:
        filters: those of the list of facts, by name: `subject`, `kind`, `source`, `actor`, `credibility`, `modality`
            and `q`. What changes by an event on a fact that passes them, before it or after it, is followed.
        finding: the one finding of the subject.
        cited: what was cited, instead of filters.
    """

    filters: Mapping[str, str] = field(default_factory=dict)
    finding: str | None = None
    cited: tuple[CitedAddress, ...] = ()

    def subject_at(self, snapshot: Snapshot, position: int) -> str | None:
        """The one subject that is followed, as it was merged by the position; None where there are more."""
        subject = self.filters.get("subject")
        return subject and (grouping_at(snapshot, position).merged_into(subject) or subject)

    def tests(self, snapshot: Snapshot, position: int) -> list[Callable[[FactAsOf], bool]]:
        """What a fact must pass, beside that it is about the subject.

        Raises:
            Invalid: the words looked for are none, or too many.
        """
        filters = {name: each for name, each in self.filters.items() if name != "subject"}
        sought = sought_in(filters["q"]) if "q" in filters else None
        return tests_of(filters, sought, UNBOUNDED, grouping_at(snapshot, position))
