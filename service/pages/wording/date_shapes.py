"""How a fact's date is drawn: that day, one of these days, all these days, or open."""

from events.dates.bounds import bounds_of
from events.dates.calendar import DAY
from events.history.fact_as_of import FactAsOf

THAT_DAY, ONE_OF, LASTING = "day", "one-of", "lasting"


def shape_of(fact: FactAsOf) -> str:
    """`day` for a date as exact as a day, `lasting` for an interval or for all members of a set, else `one-of`."""
    text = str(fact.values.get("occurred") or "")
    if ("/" in text and not fact.kind.begins) or text.startswith("{"):
        return LASTING
    if not text:
        return ONE_OF
    bounds = bounds_of(text, fact.zone, begins=fact.kind.begins)
    if bounds.lo is None or bounds.hi is None or bounds.hi - bounds.lo > DAY + DAY // 4:
        return ONE_OF
    return THAT_DAY
