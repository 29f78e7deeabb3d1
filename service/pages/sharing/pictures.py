"""The timeline as a picture that stands alone: SVG without style sheet or script, in the marks of the page."""

from itertools import groupby
from operator import itemgetter
from typing import Any

from events.dates.calendar import DAY, instant_text
from service.pages.history.axis import DAY_MS, Axis
from service.pages.history.timeline import timeline_data
from service.pages.request import PageRequest
from service.wording.date_wording import in_words

WIDTH, LABELS, ROW, HEAD, FOOT, EDGE = 1200, 300, 36, 64, 56, 20
MOST_ROWS = 200
_MARKS = 7
_LEAST = 3.0
_LEFT_OUT = 26.0
_LETTER = 6.7
_SHORTEST = 10


class _Scale:
    """Instants in milliseconds to pixels across; a stretch that is left out keeps a few."""

    def __init__(self, axis: Axis) -> None:
        self.axis = axis
        shown = axis.end - axis.begin - (axis.left_out[1] - axis.left_out[0] if axis.left_out else 0)
        self._each = (WIDTH - LABELS - EDGE - (_LEFT_OUT if axis.left_out else 0)) / shown

    def x(self, instant: float) -> float:
        """Where an instant lies, within the drawing."""
        begin, end, left_out = self.axis
        across = (min(max(instant, begin), end) - begin) * self._each
        if left_out and instant > left_out[0]:
            share = min(1.0, (instant - left_out[0]) / (left_out[1] - left_out[0]))
            beyond = max(0.0, min(instant, end) - left_out[1])
            across = (left_out[0] - begin + beyond) * self._each + share * _LEFT_OUT
        return round(LABELS + across, 1)

    def torn(self) -> float | None:
        """The middle of the stretch that is left out."""
        return self.x(sum(self.axis.left_out) / 2) if self.axis.left_out else None

    def days(self) -> list[tuple[float, str]]:
        """Days at equal distances before what is left out, and one after it, with the place of each."""
        begin, end, left_out = self.axis
        first, last = int(begin // DAY_MS) + 1, int((left_out[0] if left_out else end) // DAY_MS)
        step = max(1, -(-(last - first + 1) // _MARKS))
        days = [*range(first, last + 1, step), *([int(end // DAY_MS)] if left_out else [])]
        return [(self.x(day * DAY_MS), in_words(instant_text(day * DAY).partition("T")[0])) for day in days]


def timeline_picture(page: PageRequest, subject: str | None) -> dict[str, Any]:
    """What the picture of the timeline is drawn of: rows with marks in pixels, and the marks of its axis."""
    data = timeline_data(page)
    scale = _Scale(Axis(*(data["axis"] or (0, 30 * DAY_MS, None))))
    rows = [_row(place, group, scale) for place, group in enumerate(data["groups"][:MOST_ROWS])]
    for place, some in groupby(sorted(data["items"], key=itemgetter(0)), key=itemgetter(0)):
        if place < MOST_ROWS:
            items = [*some]
            rows[place]["marks"] += [_mark(each, scale) for each in items]
            rows[place]["label"] = _label(rows[place], _sentence(data["groups"][place], items))
    at = data["at"]
    return {
        "title": page.named(subject) if subject else "What happened, in order",
        "reading": "".join(each.text for each in page.reading()),
        "rows": rows,
        "more": max(0, len(data["groups"]) - MOST_ROWS),
        "axis": scale.days(),
        "torn": scale.torn(),
        "clock": scale.x(at) if at is not None and scale.axis.begin < at < scale.axis.end else None,
        "width": WIDTH,
        "height": HEAD + ROW * max(1, len(rows)) + FOOT,
        "left": LABELS,
        "row": ROW,
        "head": HEAD,
    }


def _row(place: int, group: dict[str, Any], scale: _Scale) -> dict[str, Any]:
    """A matter without its marks, but for what it waits for, and where time went by that."""
    named = {"place": place, "title": group["title"], "state": group.get("state")}
    row: dict[str, Any] = {**named, "marks": [], "lapsed": None, "label": None}
    lo, hi = group.get("promised") or (None, None)
    if lo is not None and hi is not None:
        row["marks"].append(_mark([0, lo, hi, "one-of", "planned", False, "awaited", "", group["state"], -2], scale))
        row["lapsed"] = scale.x(hi) + 6 if group["passed"] else None
    return row


def _sentence(group: dict[str, Any], items: list[list[Any]]) -> str:
    """What is said of a matter: what time made of it, else what brought it furthest, the latest where several did."""
    if group.get("passed"):
        return str(group["state"])
    steps = len(group.get("steps", ()))
    return str(max(reversed(items), key=lambda each: each[-1] if each[-1] < steps else -1)[6])


def _label(row: dict[str, Any], words: str) -> tuple[float, str] | None:
    """The words of what brought a matter furthest, to the right of all its marks, cut to the room there."""
    narrow = {"denied", "day", "retracted"}
    ends = [each["middle"] + 6 if each["form"] in narrow else each["left"] + each["wide"] for each in row["marks"]]
    x = max([*ends, row["lapsed"] or 0]) + 10
    room = int((WIDTH - EDGE - x) / _LETTER)
    if room < min(_SHORTEST, len(words)):
        return None
    return x, words if len(words) <= room else words[: room - 1].rstrip() + "…"


def _mark(item: list[Any], scale: _Scale) -> dict[str, Any]:
    _, lo, hi, shape, modality, retracted, label, _, when, _ = item
    left = scale.x(scale.axis.begin if lo is None else lo)
    right = scale.x(scale.axis.end if hi is None else hi)
    is_tick = shape == "day" or right - left < _LEAST
    held = "retracted" if retracted and modality == "actual" else modality
    return {
        "says": f"{when}: {label}",
        "left": left,
        "wide": max(_LEAST, round(right - left, 1)),
        "middle": round((left + right) / 2, 1),
        "form": held if held != "actual" else "day" if is_tick else shape,
        "opens": lo is None,
        "closes": hi is not None,
    }
