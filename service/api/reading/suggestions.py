"""What stands in a text, suggested to who reads it: dates, numbers, names, kinds, facts that may be told by it too."""

from datetime import date
from typing import Any, TypedDict

import marshmallow as ma
from flask import Response

from events.dates.calendar import instant_text
from events.errors import Invalid
from events.field_types import DATE, SLUG, TEXT, ZONE, JsonObject
from projections.clocks import Asked, Clocks
from projections.queries.evidence import sources
from projections.queries.reading.names import Named, names_beginning
from projections.queries.reading.suggestions import MarkedSpan, PublishedText, Suggestions, day_of, suggestions
from projections.store.snapshots import Snapshot
from service.api.blueprints import Query, blueprint
from service.chronicle.schemas import Body, Value
from service.web.access import chronology
from service.web.parameters import QuerySchema, number, takes, words
from service.web.responses import answer

routes = blueprint("suggestions", "What stands in a text, for who reads it")

LONGEST_READ = 30_000
"""Characters that are read at once; of a longer text of a source one asks for one part after the other."""

MOST_MARKED = 20
_NOT_BOTH = "a text is read that is sent, or one of a source: one of `text` and `source` is given"


class TextToReadSchema(Body):
    """A text, or a version of a source, and the places in it that are marked, each as `[start, end]` in characters."""

    text = ma.fields.String(validate=ma.validate.Length(1, LONGEST_READ))
    source = Value(SLUG)
    version = ma.fields.Integer(strict=True, validate=ma.validate.Range(1, 2**31 - 1))
    start = ma.fields.Integer(strict=True, load_default=0, validate=ma.validate.Range(0, 2**31 - 1))
    marked = ma.fields.List(
        ma.fields.List(ma.fields.Integer(strict=True), validate=ma.validate.Length(equal=2)),
        load_default=[],
        validate=ma.validate.Length(max=MOST_MARKED),
    )
    language = Value(TEXT)
    published = Value(DATE)
    zone = Value(ZONE)


class NamesQuery(QuerySchema):
    """Letters that somebody typed."""

    q = words("Letters that names begin with", required=True)
    kind = ma.fields.String(metadata={"description": "The kind of subject: actor, talks, swap and so on"})
    limit = number("How many at the most", 1, 50, load_default=10)


class Names(TypedDict):
    """Names for a choice, the likeliest first."""

    names: list[Named]


@routes.post("/suggestions", endpoint="suggest_from_text")
@routes.response(200, Suggestions)
@takes(routes, TextToReadSchema())
def suggest(given: JsonObject) -> Response:
    """Dates, numbers and known names in a text; kinds and recorded facts for the words marked. Nothing is recorded."""
    if ("text" in given) == ("source" in given):
        raise Invalid.at("/text", _NOT_BOTH)
    with chronology().ask(Asked()) as (snapshot, clocks):
        whole, noted = _text_and_notes(snapshot, clocks, given)
        start, marked = given["start"], _marked(given, len(whole))
        read = whole[start : start + LONGEST_READ]
        text = PublishedText(read, noted["language"], _day(noted["published"], noted["zone"] or "UTC"))
        found = suggestions(snapshot, text, [MarkedSpan(a - start, b - start) for a, b in marked], clocks)
    return answer(_moved(found, start, len(whole)))


def _text_and_notes(snapshot: Snapshot, clocks: Clocks, given: JsonObject) -> tuple[str, JsonObject]:
    """The whole text, and its language, publication date and zone; what is given stands before what is noted."""
    noted: Any = {}
    whole = given.get("text", "")
    if "source" in given:
        noted = sources.source(snapshot, given["source"], clocks)
        whole = sources.text(snapshot, given["source"], given.get("version"), clocks)["text"]
    return whole, {name: given.get(name) or noted.get(name) for name in ("language", "published", "zone")}


def _marked(given: JsonObject, length: int) -> list[tuple[int, int]]:
    first, last = given["start"], min(given["start"] + LONGEST_READ, length)
    for at, (start, end) in enumerate(given["marked"]):
        if not first <= start < end <= last:
            raise Invalid.at(f"/marked/{at}", f"[{start}, {end}] is no place between the characters {first} and {last}")
    return [(start, end) for start, end in given["marked"]]


def _day(published: str | None, zone: str) -> date:
    """The day from which dates are told: that of publication, today where it is not known."""
    day = day_of(published, zone) if published else None
    return day or date.fromisoformat(instant_text(chronology().now())[:10])


def _moved(found: Suggestions, start: int, length: int) -> Suggestions:
    """The same with places in the whole text, of which a part was read."""
    for each in (*found["dates"], *found["numbers"], *found["names"]):
        each["start"] += start
        each["end"] += start
    return {**found, "start": start, "end": found["end"] + start, "length": length}


@routes.get("/names")
@routes.response(200, Names)
@routes.arguments(NamesQuery)
def complete_name(query: Query) -> Response:
    """Subjects with names, aliases or offices that begin with the letters, as they are called now."""
    with chronology().ask(Asked()) as (snapshot, _):
        return answer(Names(names=names_beginning(snapshot, query["q"], query.get("kind"), query["limit"])))
