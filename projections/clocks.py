"""The three clocks of a question: what was asked, and the bounds that it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from events.dates.bounds import Bounds, bounds_of, clock_bound
from events.dates.calendar import instant_text, zone_named
from events.errors import Invalid
from projections.fold.answer_types import RULES, Rules
from projections.fold.subject_history import Voices
from projections.store.snapshots import Snapshot

CLOCKS = {
    "at": "what had happened by",
    "reported_until": "as reported by",
    "recorded_until": "as this desk had recorded by",
    "zone": "the time zone of the days",
    "position": "the entry of the log",
    "reading": "as told by",
}
"""The parameters by which clocks are asked for, and what people call them."""

DATES = ("at", "reported_until", "recorded_until")
SIDES = ("from_", "to_")
"""What stands before these names where two sets of clocks are compared."""

LARGEST_POSITION = 2**53
_LAST = "SELECT position FROM {entries} WHERE recorded < ? ORDER BY recorded DESC, position DESC LIMIT 1"
_RECORDED = "SELECT recorded FROM {entries} WHERE position = ?"


class AskedClocks(TypedDict):
    """What was asked, defaults included, and the position at which it is answered."""

    at: str | None
    reported_until: str | None
    recorded_until: str | None
    zone: str
    position: int
    reading: NotRequired[Annotated[str, Meta(description="The actor whose account this is")]]


class AtClocks(TypedDict):
    """What an answer says of itself: the clocks asked, and the rules by which it was folded."""

    asked: AskedClocks
    rules: Rules


@dataclass(frozen=True, slots=True)
class Asked:
    """The clocks as asked: texts, and a position; None where nothing was asked. `reading` is the party heard.

    `prefix` stood before the names of the parameters: `from_` or `to_` where two sets are compared.
    """

    at: str | None = None
    reported_until: str | None = None
    recorded_until: str | None = None
    zone: str = "UTC"
    position: int | None = None
    reading: str | None = None
    prefix: str = ""

    def at_instant(self, now: int) -> "Asked":
        """The same with `now` resolved to the instant `now` (UTC microseconds)."""
        named: dict[str, Any] = {name: instant_text(now) for name in DATES if getattr(self, name) == "now"}
        return replace(self, **named) if named else self

    def refusal(self, name: str, sentence: str) -> Invalid:
        """The refusal of one of the clocks."""
        return Invalid.at(f"/{self.prefix}{name}", sentence)


def asked_in(parameters: Mapping[str, Any], prefix: str = "") -> Asked:
    """The clocks that parameters ask for, as texts by name; a position may be a number already. Empty: not asked.

    Raises:
        Invalid: the position is no number of the log.
    """
    values = {name: parameters.get(prefix + name) for name in CLOCKS}
    asked: dict[str, Any] = {name: each for name, each in values.items() if each not in (None, "")}
    text = asked.get("position")
    if isinstance(text, str):
        asked["position"] = whole_number(text, LARGEST_POSITION)
        if asked["position"] is None:
            raise Invalid.at(f"/{prefix}position", f"{text!r:.80} is not a position in the log")
    return Asked(**asked, prefix=prefix)


def whole_number(text: str, most: int) -> int | None:
    """The number from 0 to `most` that the text writes in decimal digits; None if it is none."""
    is_short = len(text) <= len(str(most))
    return int(text) if is_short and text.isdecimal() and int(text) <= most else None


@dataclass(frozen=True, slots=True)
class Clocks:
    """What was asked, as exclusive bounds in UTC microseconds (None: no limit) and a position in the log.

    `voices` are those of the account asked for, if any.
    """

    asked: Asked
    at: int | None
    reported: int | None
    position: int
    voices: Voices | None = field(default=None, compare=False, repr=False)

    @property
    def is_current(self) -> bool:
        """Whether nothing was asked but how it stands."""
        return self.at is None and self.reported is None and self.asked.reading is None

    def repeated(self) -> AskedClocks:
        """What an answer repeats of its question, defaults included."""
        asked = self.asked
        dates = AskedClocks(
            at=asked.at,
            reported_until=asked.reported_until,
            recorded_until=asked.recorded_until,
            zone=asked.zone,
            position=self.position,
        )
        return dates if asked.reading is None else {**dates, "reading": asked.reading}

    def stated(self) -> AtClocks:
        """What an answer at these clocks says of itself."""
        return {"asked": self.repeated(), "rules": RULES}


def clocks_for(snapshot: Snapshot, asked: Asked) -> Clocks:
    """The bounds of what was asked, at the snapshot's position where none was named.

    Raises:
        Invalid: a clock is no date or instant, the zone does not exist, or position and recorded_until are both given.
    """
    if asked.position is not None and asked.recorded_until is not None:
        raise asked.refusal("position", "position and recorded_until name one clock; only one of them may be given")
    try:
        zone_named(asked.zone)
    except ValueError as error:
        raise asked.refusal("zone", str(error)) from None
    position = snapshot.position if asked.position is None else asked.position
    recorded = _bound(asked, "recorded_until")
    if recorded is not None:
        last = snapshot.probe(_LAST, None, recorded)
        position = min(position, last[0][0] if last else 0)
    return Clocks(asked, _bound(asked, "at"), _bound(asked, "reported_until"), position)


def recorded_at(snapshot: Snapshot, position: int) -> int | None:
    """When the entry at the position was recorded (UTC microseconds); None if there is none."""
    found = snapshot.probe(_RECORDED, None, position)
    return found[0][0] if found else None


def _bound(asked: Asked, name: str) -> int | None:
    text = getattr(asked, name)
    try:
        return None if text is None else clock_bound(text, asked.zone)
    except ValueError as error:
        raise asked.refusal(name, str(error)) from None


def span_of(asked: Asked, since: str | None, until: str | None) -> Bounds:
    """The first moment of the parameter `from` and the exclusive end of `to`, in the zone asked for."""
    return Bounds(_edge(asked, "from", since), _edge(asked, "to", until))


def _edge(asked: Asked, name: str, text: str | None) -> int | None:
    if not text:
        return None
    try:
        end = clock_bound(text, asked.zone)
        if name == "to":
            return end
        return end - 1 if "T" in text.upper() else bounds_of(text, asked.zone).lo
    except ValueError as error:
        raise Invalid.at(f"/{name}", str(error)) from None


def furthest(one: Asked, other: Asked) -> Asked:
    """What the views must have reached for both: the greater position, or the head where one side names none."""
    if one.position is None or other.position is None:
        return Asked()
    further = max(one, other, key=lambda asked: asked.position or 0)
    return Asked(position=further.position, prefix=further.prefix)
