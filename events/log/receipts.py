"""Who records, what a unit of work returns of what was recorded, and the finding that a verdict is held against."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import NamedTuple


class Recorder(NamedTuple):
    """Who records: their name, and the id of the token that they do it with; the command line has none."""

    name: str
    token: str | None = None


class Elsewhere(NamedTuple):
    """What an event recorded elsewhere keeps: when and by whom it was taken in, and its pseudonyms there, by field."""

    imported: dict[str, str]
    pseudonyms: Mapping[str, str]


@dataclass(slots=True)
class Receipt:
    """What a command returns: the id, the event's number in its stream, its position, and whether it is new.

    The position of a new event is 0 until the unit of work has been stored.
    """

    id: str
    version: int
    position: int
    created: bool
    sha256: str | None = None
    edition: int | None = None
    warnings: dict[str, str] = field(default_factory=dict)
    """What was recorded all the same, but may be wrong: by name, in words."""

    @property
    def n(self) -> int:
        """The number of an amendment."""
        return self.version - 1


@dataclass(frozen=True, slots=True)
class FindingAtHead:
    """A finding, verdicts aside: whether it can be judged, whether it has rivals, and what gives it or a rival."""

    is_judged: bool
    is_contested: bool
    gives: Set[str]
