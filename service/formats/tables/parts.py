"""Fields of which each of several columns gives a part: the ends of a count, the days between which something was."""

from collections.abc import Iterable
from typing import Any

from events.field_types import FieldType, Json

_PARTS = {"count": ("low", "high"), "date": ("earliest", "latest")}


def parts_of(name: str, of: FieldType) -> Iterable[str]:
    """The parts of a field: `deaths.low` and `deaths.high` of a count, `occurred.earliest` and `.latest` of a date."""
    return (f"{name}.{part}" for part in _PARTS.get(of.title, ()))


def joined(values: dict[str, Json]) -> dict[str, Json]:
    """The values of a row, with each field of which there were parts; a part that cannot be read stands for all."""
    found: dict[str, dict[str, Any]] = {}
    for name in [each for each in values if each.rpartition(".")[2] in ("low", "high", "earliest", "latest")]:
        field, _, part = name.rpartition(".")
        found.setdefault(field, {})[part] = values.pop(name)
    for field, parts in found.items():
        is_date = parts.keys() & {"earliest", "latest"}
        values[field] = _day_between(**parts) if is_date else _count(values.get(field, {}), parts)
    return values


def _day_between(earliest: str = "", latest: str = "") -> str:
    """One of the days from the earliest to the latest, as a set of EDTF."""
    return earliest if earliest == latest else f"[{earliest}..{latest}]"


def _count(best: Json, ends: dict[str, Json]) -> Json:
    unreadable = (each for each in (best, *ends.values()) if not isinstance(each, dict))
    return next(unreadable, {**best, **{end: number.get("best") for end, number in ends.items()}})
