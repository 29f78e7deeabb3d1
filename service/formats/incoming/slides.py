"""Slides of TimelineJS 3, as JSON or as the spreadsheet that it is filled in from: facts that wait for words.

A slide tells what happened and quotes nobody. Its date is kept, from its first to its last day where it has two; its
text and where its picture is from become the note. The title and eras are no facts, and are left out.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile

from markupsafe import Markup

from events.errors import Invalid
from events.field_types import Json
from service.chronicle.importing import Item
from service.chronicle.json_limits import LinesOf, json_in
from service.chronicle.proposals.incomplete_items import WITHOUT_WORDS
from service.formats.offer.manifest import Incoming
from service.formats.tables.names import id_made_from
from service.formats.tables.table import Table

_DATES = ("Year", "Month", "Day", "Time")
_NO_FACTS = ("title", "era")
_PARTS = ("year", "month", "day", "hour", "minute")
_NUMBER = re.compile(r"-?\d{1,12}")
_LARGEST_PLAIN_YEAR = 9_999


def items(incoming: Incoming) -> Iterator[Item]:
    """The slides of a timeline, each as a fact without words.

    Raises:
        Invalid: it is neither JSON of TimelineJS nor a table with its columns.
    """
    if incoming.content.lstrip()[:1] in (b"{", b"["):
        return _of_json(incoming)
    table = Table(incoming.content)
    if not {"Year", "Headline"} <= set(table.headings):
        raise Invalid(f"{incoming.path} is no spreadsheet of TimelineJS: it lacks the columns Year and Headline")
    return _of_table(table)


def _of_json(incoming: Incoming) -> Iterator[Item]:
    try:
        timeline = json_in(incoming.content)
    except ValueError as error:
        raise Invalid(f"{incoming.path} is no JSON: {error}") from None
    slides = timeline.get("events") if isinstance(timeline, dict) else None
    if not isinstance(slides, list):
        raise Invalid(f"{incoming.path} is no timeline of TimelineJS: it has no list of events")
    lines = LinesOf(incoming.content)
    for at, slide in enumerate(slides):
        place = f"/events/{at}"
        if not isinstance(slide, dict):
            raise Invalid.at(place, f"line {lines.at(place)}: a slide is an object")
        yield Item(WITHOUT_WORDS, _fact(slide), place, lambda _, place=place: lines.at(place))  # type: ignore[misc]


def _of_table(table: Table) -> Iterator[Item]:
    for row in table.rows():
        if row.cells.get("Type", "").casefold() not in _NO_FACTS:
            yield Item(WITHOUT_WORDS, _fact(_slide(row.cells)), "", lambda _, row=row: row.line)  # type: ignore[misc]


def _slide(cells: Mapping[str, str]) -> dict[str, Json]:
    """A row as the slide that TimelineJS makes of it."""
    media = {"url": cells.get("Media"), "credit": cells.get("Media Credit"), "caption": cells.get("Media Caption")}
    return {
        "start_date": _date_cells(cells, ""),
        "end_date": _date_cells(cells, "End "),
        "text": {"headline": cells.get("Headline"), "text": cells.get("Text")},
        "media": media,
        "group": cells.get("Group"),
    }


def _date_cells(cells: Mapping[str, str], prefix: str) -> dict[str, Json]:
    year, month, day, time = (cells.get(prefix + name) for name in _DATES)
    hour, _, rest = (time or "").partition(":")
    return {"year": year, "month": month, "day": day, "hour": hour, "minute": rest.partition(":")[0]}


def _fact(slide: Mapping[str, Json]) -> dict[str, Json]:
    """The fact that a slide tells, with the description of its subject."""
    headline, text = (_plain(_inside(slide, "text").get(name)) for name in ("headline", "text"))
    media = _inside(slide, "media")
    told = [text, *(_plain(media.get(name)) for name in ("caption", "credit", "url")), _plain(slide.get("group"))]
    occurred = _occurred(_inside(slide, "start_date"), _inside(slide, "end_date"))
    subject = id_made_from(_plain(slide.get("unique_id")) or f"{headline} {occurred}")
    values = {"what": headline, "occurred": occurred, "note": "\n".join(filter(None, told))}
    return {
        "kind": "Occurred",
        "subject": subject,
        **{name: value for name, value in values.items() if value},
        "subjects": [{"id": subject, "kind": "occurrence", **({"title": headline} if headline else {})}],
    }


def _inside(slide: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    found = slide.get(name)
    return found if isinstance(found, dict) else {}


def _plain(text: Json) -> str:
    """What a text of HTML says."""
    return Markup(text).striptags() if isinstance(text, str) else ""  # noqa: S704  all tags are taken away


def _occurred(start: Mapping[str, Json], end: Mapping[str, Json]) -> str:
    first, last = _day(start), _day(end)
    return f"{first}/{last}" if first and last and first != last else first


def _day(date: Mapping[str, Json]) -> str:
    """A date of TimelineJS in EDTF, as far as it goes; what is no number stays as it is written, to be refused."""
    given = list(takewhile(bool, (_text(date.get(name)) for name in _PARTS)))
    if not given or not all(_NUMBER.fullmatch(each) for each in given):
        return " ".join(given)
    year, *rest = map(int, given)
    days, times = ([f"{each:02}" for each in some] for some in (rest[:2], rest[2:]))
    return "-".join([_year(year), *days]) + (f"T{':'.join(times)}" if times else "")


def _text(value: Json) -> str:
    return "" if value is None else str(value).strip()


def _year(year: int) -> str:
    """A year in EDTF: of four digits, or with a letter before it."""
    return f"Y{year}" if abs(year) > _LARGEST_PLAIN_YEAR else f"{'-' if year < 0 else ''}{abs(year):04}"
