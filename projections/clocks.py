"""The three clocks of a question: what was asked, and the bounds that it comes to."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from events.dates.bounds import clock_bound
from events.dates.calendar import instant_text, zone_named
from events.errors import Invalid
from projections.store.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Asked:
    """The clocks as asked: texts, and a position; None where nothing was asked. `reading` is the party heard."""

    at: str | None = None
    reported_until: str | None = None
    recorded_until: str | None = None
    zone: str = "UTC"
    position: int | None = None
    reading: str | None = None

    def at_instant(self, now: int) -> "Asked":
        """The same with `now` resolved to the instant `now` (UTC microseconds)."""
        if "now" not in (self.at, self.reported_until, self.recorded_until):
            return self
        named: dict[str, Any] = {name: getattr(self, name) for name in ("at", "reported_until", "recorded_until")}
        named |= {name: instant_text(now) for name, text in named.items() if text == "now"}
        return replace(self, **named)


@dataclass(frozen=True, slots=True)
class Clocks:
    """What was asked, as exclusive bounds in UTC microseconds (None: no limit) and a position in the log."""

    asked: Asked
    at: int | None
    reported: int | None
    position: int

    @property
    def is_current(self) -> bool:
        """Whether nothing was asked but how it stands."""
        return self.at is None and self.reported is None and self.asked.reading is None

    def repeated(self) -> dict[str, Any]:
        """What an answer repeats of its question, defaults included."""
        asked = self.asked
        heard = {} if asked.reading is None else {"reading": asked.reading}
        return {
            "at": asked.at,
            "reported_until": asked.reported_until,
            "recorded_until": asked.recorded_until,
            "zone": asked.zone,
            "position": self.position,
            **heard,
        }


def clocks_for(snapshot: Snapshot, asked: Asked) -> Clocks:
    """The bounds of what was asked, at the snapshot's position where none was named.

    Raises:
        Invalid: a clock is no date or instant, the zone does not exist, or position and recorded_until are both given.
    """
    if asked.position is not None and asked.recorded_until is not None:
        raise Invalid.at("/position", "position and recorded_until name one clock; only one of them may be given")
    _check_zone(asked.zone)
    position = snapshot.position if asked.position is None else asked.position
    recorded = _bound("recorded_until", asked.recorded_until, asked.zone)
    if recorded is not None:
        position = min(position, _position_by(snapshot, recorded))
    at = _bound("at", asked.at, asked.zone)
    return Clocks(asked, at, _bound("reported_until", asked.reported_until, asked.zone), position)


def _bound(name: str, text: str | None, zone: str) -> int | None:
    if text is None:
        return None
    try:
        return clock_bound(text, zone)
    except ValueError as error:
        raise Invalid.at(f"/{name}", str(error)) from None


def _check_zone(zone: str) -> None:
    try:
        zone_named(zone)
    except ValueError as error:
        raise Invalid.at("/zone", str(error)) from None


def _position_by(snapshot: Snapshot, recorded: int) -> int:
    """The position of the last event recorded before the instant (exclusive, UTC microseconds); 0 if there is none."""
    entries = snapshot.table("entries")
    last = select(entries.c.position).where(entries.c.recorded < recorded)
    ordered = last.order_by(entries.c.recorded.desc(), entries.c.position.desc()).limit(1)
    return snapshot.connection.execute(ordered).scalar() or 0
