"""The columns of lists as tables: their names, what they hold, and the cell that each item has in them."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import orjson

from events.dates.calendar import instant_text
from events.facts import ENVELOPE, KINDS, fields_of_all_kinds, own_fields
from events.field_types import FieldType
from events.history.streams import HEAD
from events.kinds.descriptions import field_in_words
from projections.bitemporal.finding_timeline import FIRST, UNDATED
from service.formats.offer.lists import Address, Filters
from service.formats.offer.told import FactTold, PromiseTold, SpanTold, ValuesTold
from service.wording.phrases import count_in_words

PLANES = {True: "recorded", False: "reported"}
BETWEEN = "|"
"""What stands between the members of a list in a cell."""


class Column(NamedTuple):
    """A column: its name, what it holds in words, its type of the W3C tabular data model, and the cell of an item.

    `field` is the field of a table that it is read as, if it is (`service.formats.tables.mapping`).
    """

    name: str
    about: str
    datatype: str
    cell: Callable[[Any, Address], Any]
    field: str | None = None


def columns_of(of: str, filters: Filters) -> Sequence[Column]:
    """The columns of a list; of facts of one kind, with the fields of that kind alone."""
    return _of_facts(filters.get("kind")) if of == "facts" else _COLUMNS[of]


@cache
def _of_facts(kind: str | None) -> tuple[Column, ...]:
    if kind in KINDS:
        types = own_fields(KINDS[kind])
    else:
        types = {name: of for name, of in fields_of_all_kinds().items() if name not in ENVELOPE}
    own = [_own(name, of) for name, of in types.items()]
    return (*_FACT, *own, *_WORDS)


def _own(name: str, of: FieldType) -> Column:
    about = field_in_words(name, None) or name.replace("_", " ").capitalize()
    datatype = {"integer": "integer", "flag": "boolean"}.get(of.title, "string")
    return Column(name, about, datatype, lambda told, _: cell_of(of, told.view["fields"].get(name)), name)


def cell_of(of: FieldType, value: Any) -> str:
    """A value as a cell, from which it is read again: lists with bars between, JSON where a bar is in them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if of.title == "count":
        return _count(value)
    if of.title == "counts":
        pairs = [f"{actor}: {_count(each)}" for actor, each in value.items()]
        return BETWEEN.join(pairs)
    if isinstance(value, list):
        joined = BETWEEN.join(value)
        is_plain = joined[:1] != "[" and [each.strip() for each in joined.split(BETWEEN) if each.strip()] == value
        return joined if is_plain else orjson.dumps(value).decode()
    return str(value)


def _count(count: dict[str, int]) -> str:
    return str(count["best"]) if count.keys() == {"best"} else count_in_words(count)


def _view(name: str) -> Callable[[FactTold, Address], Any]:
    return lambda told, _: told.view[name]  # type: ignore[literal-required]


def _first(name: str) -> Callable[[FactTold, Address], Any]:
    """What is said of the words that carry the fact: those of its first citation, unless they were erased."""

    def cell(told: FactTold, _: Address) -> Any:
        cited = told.view["citations"][:1]
        is_there = cited and (name == "source" or not cited[0].get("redacted"))
        return cited[0].get(name) if is_there else None

    return cell


def _noted(name: str) -> Callable[[FactTold, Address], Any]:
    """What is noted of the source that is cited first."""

    def cell(told: FactTold, _: Address) -> Any:
        return getattr(told.sources[told.view["citations"][0]["source"]], name) if told.view["citations"] else None

    return cell


def _agency(told: FactTold, _: Address) -> Any:
    agency = _noted("agency")(told, _)
    return agency and agency.name


def _publisher(told: FactTold, _: Address) -> str | None:
    return told.view["citations"][0]["publisher"] if told.view["citations"] else None


_FACT = (
    Column("id", "The id of the fact", "string", _view("id"), "id"),
    Column("kind", "The kind of the fact", "string", _view("kind"), "kind"),
    Column("says", "The fact as a sentence", "string", lambda told, _: told.said),
    Column("happened", "When it happened, in words", "string", lambda told, _: told.when),
    Column("occurred", "When it happened (EDTF)", "string", _view("occurred"), "occurred"),
    Column("zone", "The time zone of its date (IANA)", "string", _view("zone"), "zone"),
    Column("subject", "The id of what it is about", "string", _view("subject"), "subject"),
    Column("subject_title", "What that is called", "string", lambda told, _: told.about.title),
    Column("subject_kind", "What kind of thing that is", "string", lambda told, _: told.about.kind, "subject_kind"),
    Column("held_to_be", "actual, denied, planned or alleged; or retracted", "string", lambda told, _: told.held),
    Column("modality", "How it is reported", "string", _view("modality"), "modality"),
    Column("said_by", "Whose words these are", "string", lambda told, _: told.by),
    Column(
        "attributed_to",
        "The actor who said so",
        "string",
        _view("attributed_to"),
        "attributed_to",
    ),
    Column("credibility", "Admiralty code", "string", _view("credibility"), "credibility"),
    Column("note", "A note", "string", _view("note"), "note"),
)
_WORDS = (
    Column("exact", "The words that carry it", "string", _first("exact"), "exact"),
    Column("prefix", "What stands before them", "string", _first("prefix"), "prefix"),
    Column("suffix", "What stands after them", "string", _first("suffix"), "suffix"),
    Column("source", "The id of the source in which they stand", "string", _first("source"), "source"),
    Column("source_title", "Its title", "string", _noted("title"), "source.title"),
    Column("source_publisher", "Its publisher", "string", _publisher, "source.publisher"),
    Column("source_published", "When it was published (EDTF)", "string", _noted("published"), "source.published"),
    Column("source_zone", "The time zone of its dates (IANA)", "string", _noted("zone"), "source.zone"),
    Column("source_language", "Its language (BCP 47)", "string", _noted("language"), "source.language"),
    Column("source_text_is", "original, excerpt, digest or translation", "string", _noted("text_is"), "source.text_is"),
    Column("source_agency", "Whose words its publisher passes on", "string", _agency, "source.agency"),
    Column("source_url", "Its address", "string", _noted("url"), "source.url"),
    Column("reports", "How many reports carry it", "integer", _view("reports")),
    Column("origins", "To how many origins these go back", "integer", _view("origins")),
    Column("recorded", "When it was recorded", "dateTime", _view("recorded")),
    Column("position", "The entry of the log that records it", "integer", _view("position")),
    Column("address", "Its page", "anyURI", lambda told, address: address.of("facts", told.view["id"])),
)


def _subject_address(told: ValuesTold, address: Address) -> str:
    return address.of_subject(told.id, told.about.kind)


_VALUES = (
    Column("subject", "The id of the subject", "string", lambda told, _: told.id),
    Column("title", "What it is called", "string", lambda told, _: told.about.title),
    Column("kind", "What kind of thing it is", "string", lambda told, _: told.about.kind),
    Column("status", "Its status", "string", lambda told, _: told.status),
    Column("fields", "Its fields", "json", lambda told, _: orjson.dumps(told.fields).decode()),
    Column("address", "Its page", "anyURI", _subject_address),
)


def _promise(name: str) -> Callable[[PromiseTold, Address], Any]:
    return lambda told, _: told.promise[name]  # type: ignore[literal-required]


_AGENDA = (
    Column("list", "The list of the agenda that it is in", "string", lambda told, _: told.list),
    Column("says", "What was promised, as a sentence", "string", lambda told, _: told.fact.said),
    Column("when", "When, in words", "string", lambda told, _: told.when),
    Column("date", "When (EDTF)", "string", lambda told, _: told.date),
    Column("from", "The instant at which it may begin", "dateTime", _promise("from")),
    Column("until", "The instant by which it is over", "dateTime", _promise("until")),
    Column("subject", "The id of what it is about", "string", _promise("subject")),
    Column("subject_title", "What that is called", "string", lambda told, _: told.fact.about.title),
    Column("kind", "The kind of the fact that says so", "string", _promise("kind")),
    Column("said_by", "Whose words these are", "string", lambda told, _: told.fact.by),
    Column("fact", "The id of that fact", "string", _promise("fact")),
    Column("address", "Its page", "anyURI", lambda told, address: address.of("facts", told.promise["fact"])),
)


def _moment(place: int) -> Callable[[SpanTold, Address], str | None]:
    """An end of the span on the first clock; None where it is open."""

    def cell(told: SpanTold, _: Address) -> str | None:
        return _instant(told.span.bounds[place])

    return cell


def _turn(place: int, *, of_recording: bool) -> Callable[[SpanTold, Address], Any]:
    """An end of the span on the other clock, if it is that one; None where it is open."""

    def cell(told: SpanTold, _: Address) -> Any:
        at = told.span.bounds[place]
        if told.span.is_of_recording != of_recording:
            return None
        return _instant(at) if not of_recording else at if 0 < at < HEAD else None

    return cell


def _instant(at: int) -> str | None:
    return instant_text(at) if FIRST < at < UNDATED else None


def _fields(told: SpanTold, _: Address) -> str | None:
    return None if told.values is None else orjson.dumps(told.values.fields).decode()


def _is_known(told: SpanTold, _: Address) -> str:
    return "no" if told.values is None else "yes"


def _is_without_day(told: SpanTold, _: Address) -> str:
    """Whether facts without a date count: these have come at no day, but are known where none is asked for."""
    return "yes" if told.span.bounds[0] == UNDATED else "no"


_SPANS = (
    Column("subject", "The id of the subject", "string", lambda told, _: told.span.subject),
    Column("title", "What it is called", "string", lambda told, _: told.values and told.values.about.title),
    Column("kind", "What kind of thing it is", "string", lambda told, _: told.values and told.values.about.kind),
    Column("plane", "recorded or reported", "string", lambda told, _: PLANES[told.span.is_of_recording]),
    Column("at_from", "What had happened: from before this instant", "dateTime", _moment(0)),
    Column("at_until", "What had happened: until before this instant", "dateTime", _moment(1)),
    Column("position_from", "From this entry of the log", "integer", _turn(2, of_recording=True)),
    Column("position_until", "Until before this entry of the log", "integer", _turn(3, of_recording=True)),
    Column("reported_from", "From what was reported before this instant", "dateTime", _turn(2, of_recording=False)),
    Column("reported_until", "Until what was reported before this instant", "dateTime", _turn(3, of_recording=False)),
    Column("status", "Its status there", "string", lambda told, _: told.values and told.values.status),
    Column("fields", "Its fields there", "json", _fields),
    Column("is_known", "Whether it is indexed; no if merged, split or judged", "boolean", _is_known),
    Column("without_day", "Whether it holds only where no day is asked for", "boolean", _is_without_day),
)
_COLUMNS = {"spans": _SPANS, "values": _VALUES, "agenda": _AGENDA}
