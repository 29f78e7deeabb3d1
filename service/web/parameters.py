"""Reading requests: bodies that must be JSON, and the parameters of a question."""

from collections.abc import Callable
from functools import wraps
from typing import Any, get_args

import marshmallow as ma
from flask import request
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from events.errors import Invalid
from events.field_types import CREDIBILITY, MODALITY, FieldType, escaped
from projections.clocks import CLOCKS, LARGEST_POSITION
from projections.queries.evidence.citations import Standing
from projections.queries.evidence.fact_pages import SORTS
from service.chronicle.body_fields import UNKNOWN, named_faults
from service.chronicle.json_limits import json_in
from service.chronicle.schemas import Value, read


def json_body() -> Any:
    """The request's body.

    Raises:
        UnsupportedMediaType: it is not sent as JSON.
        BadRequest: it is not JSON.
    """
    if not request.is_json:
        raise UnsupportedMediaType(f"the body is sent as {request.mimetype or 'nothing'!r}, not application/json")
    try:
        return json_in(whole_body())
    except ValueError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None


def whole_body() -> bytes:
    """The request's body; UnsupportedMediaType if it is encoded."""
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise UnsupportedMediaType(f"the body is encoded as {encoding!r:.80}; only bodies that are not are taken")
    return request.get_data(cache=False)


def check_address() -> None:
    """Refuse an address with NUL in a name or value, which PostgreSQL does not take."""
    if "\0" in request.path:
        raise Invalid.at("", "the address holds NUL, which no name holds")
    if b"%00" not in request.query_string and b"\0" not in request.query_string:
        return
    for name, value in request.args.items(multi=True):
        if "\0" in name + value:
            raise Invalid.at(f"/{escaped(name)}", f"{value!r:.80} holds NUL, which no value holds")


def takes(blueprint: Any, schema: ma.Schema) -> Callable[[Any], Any]:
    """Read the body by the schema, hand it to the route as its first argument, and document it."""

    def decorate(route: Any) -> Any:
        @wraps(route)
        def reading(**arguments: Any) -> Any:
            return route(read(schema, json_body()), **arguments)

        reading.takes = schema  # type: ignore[attr-defined]
        content = {"application/json": {"schema": schema}}
        return blueprint.doc(requestBody={"required": True, "content": content})(reading)

    return decorate


class Parser(FlaskParser):
    """Reads parameters, of several alike the first where one is meant; what is wrong is a refusal like any other."""

    def parse(self, argmap: Any, *_: Any, **__: Any) -> Any:
        """The parameters of the request as their schema reads them.

        Raises:
            Invalid: with a pointer to each parameter at fault.
        """
        try:
            return argmap.load(MultiDictProxy(request.args, argmap))
        except ma.ValidationError as error:
            raise Invalid.together(named_faults(error.messages)) from None


def number(about: str, least: int = 0, most: int | None = LARGEST_POSITION, **more: Any) -> ma.fields.Integer:
    """A whole number between two bounds, and what it says."""
    return ma.fields.Integer(validate=ma.validate.Range(min=least, max=most), metadata={"description": about}, **more)


class QuerySchema(ma.Schema):
    """Parameters of a question; one that is not known is refused."""

    class Meta:
        """Nothing unknown passes."""

        unknown = ma.RAISE

    error_messages = {"unknown": UNKNOWN}


_CLOCK = "a date, an RFC 3339 instant, or `now`"
_TAKES = {
    "zone": "an IANA name; UTC if not given",
    "position": "the exact form of `recorded_until`",
    "reading": "an actor, by id or name; what others assert then counts as alleged",
}


def clock(name: str) -> ma.fields.Field[Any]:
    """The parameter of a clock."""
    about = f"{CLOCKS[name][:1].upper()}{CLOCKS[name][1:]}: {_TAKES.get(name, _CLOCK)}"
    return number(about) if name == "position" else ma.fields.String(metadata={"description": about})


class ClocksSchema(QuerySchema):
    """The three clocks."""

    at, reported_until, recorded_until = clock("at"), clock("reported_until"), clock("recorded_until")
    zone, position = clock("zone"), clock("position")


class ReadingSchema(ClocksSchema):
    """The clocks, and whose account to hear."""

    reading = clock("reading")


class PageSchema(ClocksSchema):
    """The clocks, and which page of a list."""

    limit = number("How many at the most", 1, 1_000, load_default=100)
    cursor = ma.fields.String(metadata={"description": "From the `next` of the page before"})


def yes_or_no(about: str) -> ma.fields.String:
    """A parameter that is `yes` or `no`."""
    return ma.fields.String(validate=ma.validate.OneOf(("yes", "no")), metadata={"description": about})


def _one(of: FieldType, about: str) -> Value:
    return Value(of, metadata={"description": about})


def words(about: str, **more: Any) -> ma.fields.String:
    """Words that are looked for, and where."""
    how = "; without case, accents or alphabet, those of three letters or more as beginnings"
    bounds = ma.validate.Length(min=1, max=200)
    return ma.fields.String(validate=bounds, metadata={"description": about + how}, **more)


class SearchQuery(ClocksSchema):
    """The clocks, what is looked for, and how much of it is shown."""

    q = words("Words that all stand in names, facts or texts", required=True)
    limit = number("How many of each at the most", 1, 100, load_default=20)


class CitationsQuery(PageSchema):
    """Which citations that do not stand."""

    standing = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(get_args(Standing)),
        metadata={"description": "`gone`: not in the latest version; `unverified`: their source has no text"},
    )


class FactFilters(QuerySchema):
    """Which facts are meant."""

    subject = ma.fields.String(metadata={"description": "The subject that they are about, or that is merged into it"})
    kind = ma.fields.String(metadata={"description": "The kind of the fact"})
    source = ma.fields.String(metadata={"description": "A source that they cite"})
    actor = ma.fields.String(metadata={"description": "An actor that they name"})
    credibility = _one(CREDIBILITY, "Their Admiralty code, as B2")
    modality = _one(MODALITY, "How they are reported")
    q = words("Words that all stand in their quotes or values")


class FactsQuery(PageSchema, FactFilters):
    """Filters of the list of facts."""

    since = ma.fields.String(data_key="from", metadata={"description": "May have occurred on that day or later"})
    until = ma.fields.String(data_key="to", metadata={"description": "May have occurred on that day or before"})
    undated = yes_or_no("Whether those without a date pass `from` and `to`")
    retracted = yes_or_no("Those that are retracted, or are not")
    contested = yes_or_no("Those that give the value or a rival of a contested finding, or do not")
    reported_before_occurred = yes_or_no("Those that were reported before they can have happened, or were not")
    sort = ma.fields.String(
        load_default="recorded",
        validate=ma.validate.OneOf(SORTS),
        metadata={"description": "In the order of recording, of occurrence, or of first reports"},
    )
