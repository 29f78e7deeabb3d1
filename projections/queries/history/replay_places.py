"""Where a replay of steps goes on: each step's name, and the place that a name says."""

from typing import NamedTuple

from events.dates.calendar import instant_written
from events.history.streams import NEVER
from projections.clocks import LARGEST_POSITION, whole_number
from projections.queries.history.answer_types import Step

_LAST = chr(0x10FFFF)


class Place(NamedTuple):
    """Where a replay goes on: after the step of the subject at a position, or a moment of publication."""

    moment: int
    subject: str


BEGINNING = Place(-NEVER - 1, _LAST)


def place_name(step: Step) -> str:
    """What names a step: `41/swap`, `2025-05-16T23:59:59.999999Z/swap`, `/swap` where nothing was reported."""
    moment = step["position"] if "position" in step else step["reported_until"] or ""
    return f"{moment}/{step['subject']}"


def place_named(name: str, by: str) -> Place:
    """The place that a step's name says; without a subject, the last of that moment.

    Raises:
        ValueError: no step of a replay on the clock `by` is named so.
    """
    moment, slash, subject = name.partition("/")
    return Place(_position(moment) if by == "recorded" else _moment(moment), subject if slash else _LAST)


def _position(text: str) -> int:
    position = whole_number(text, LARGEST_POSITION)
    if position is None:
        raise ValueError(f"{text!r:.80} is not a position in the log")
    return position


def _moment(text: str) -> int:
    if text in ("", ".."):
        return NEVER if text else -NEVER
    return instant_written(text) + 1
