"""The timeline as a picture that stands alone: SVG without style sheet or script, in the marks of the page."""

from typing import Any

from events.dates.calendar import DAY, instant_text
from service.pages.history.timeline import timeline_data
from service.pages.request import PageRequest
from service.wording.date_wording import in_words

WIDTH, LABELS, ROW, HEAD, FOOT, EDGE = 1200, 300, 26, 64, 56, 20
MOST_ROWS = 200
_MARKS = 7
_DAY = DAY // 1000
_LEAST = 3.0


def timeline_picture(page: PageRequest, subject: str | None) -> dict[str, Any]:
    """What the picture of the timeline is drawn of: rows with marks in pixels, and the marks of its axis."""
    data = timeline_data(page)
    items = [each for each in data["items"] if each[0] < MOST_ROWS]
    span = _span(items)
    rows = [{"title": group["title"], "marks": []} for group in data["groups"][:MOST_ROWS]]
    for item in items:
        rows[item[0]]["marks"].append(_mark(item, span))
    at = data["at"]
    return {
        "title": page.named(subject) if subject else "What happened, in order",
        "reading": "".join(each.text for each in page.reading()),
        "rows": rows,
        "more": max(0, len(data["groups"]) - MOST_ROWS),
        "axis": _axis(span),
        "clock": _x(at, span) if at is not None and span[0] < at < span[1] else None,
        "width": WIDTH,
        "height": HEAD + ROW * max(1, len(rows)) + FOOT,
        "left": LABELS,
        "row": ROW,
        "head": HEAD,
    }


def _span(items: list[list[Any]]) -> tuple[float, float]:
    """The days that the items span, in milliseconds, without a hundredth of them at either end."""
    ends = sorted(end for _, lo, hi, *_ in items for end in (lo, hi) if end is not None) or [0, 30 * _DAY]
    first, last = ends[len(ends) // 100], ends[-1 - len(ends) // 100]
    pad = max(_DAY, (last - first) * 0.04)
    return first - pad, last + pad


def _x(instant: float, span: tuple[float, float]) -> float:
    """Where an instant lies across, within the drawing."""
    share = (instant - span[0]) / (span[1] - span[0])
    return round(LABELS + max(0.0, min(share, 1.0)) * (WIDTH - LABELS - EDGE), 1)


def _mark(item: list[Any], span: tuple[float, float]) -> dict[str, Any]:
    _, lo, hi, shape, modality, retracted, label, _, when, _ = item
    left, right = _x(span[0] if lo is None else lo, span), _x(span[1] if hi is None else hi, span)
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


def _axis(span: tuple[float, float]) -> list[tuple[float, str]]:
    """Days at equal distances, with the place of each."""
    first, last = int(span[0] // _DAY) + 1, int(span[1] // _DAY)
    step = max(1, -(-(last - first + 1) // _MARKS))
    return [
        (_x(day * _DAY, span), in_words(instant_text(day * DAY).partition("T")[0]))
        for day in range(first, last + 1, step)
    ]
