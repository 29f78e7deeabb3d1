"""Facts, values and promises with what people call them: what formats write."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from events.dates.bounds import bounds_of
from events.dates.calendar import instant_text
from events.facts import KINDS, own_fields
from events.field_types import JsonObject
from events.history.streams import SourceState
from projections.clocks import Clocks
from projections.queries.evidence.fact_views import FactView, PublishedCitation, fact_views
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.subjects.agenda import Agenda, Listed, Promise
from projections.queries.subjects.states import Label, label
from projections.queries.subjects.values import ValuesJson
from projections.queries.subjects.values_over_time import ValuesOverTime
from projections.store.snapshots import Snapshot
from service.wording.date_wording import in_words, occurred_in_words
from service.wording.names import Names
from service.wording.phrases import plain, sentence


class Quote(NamedTuple):
    """Words that carry a fact; not of the source itself where its text is a digest or a translation of ours."""

    citation: PublishedCitation
    source: SourceState

    @property
    def is_verbatim(self) -> bool:
        """Whether these are words of the source itself."""
        return self.source.text_is in ("original", "excerpt")

    @property
    def words(self) -> str:
        """The words, in quotation marks where they are the source's own."""
        exact = self.citation["exact"]
        return f"“{exact}”" if self.is_verbatim else exact


class FactTold(NamedTuple):
    """A fact as it stands at the clocks, its sentence and date in words, its subject, and who says so.

    `sources` has what is noted of those that it cites.
    """

    view: FactView
    said: str
    when: str
    about: Label
    by: str
    sources: Mapping[str, SourceState]

    @property
    def quotes(self) -> list[Quote]:
        """The words that carry it, without those that were erased."""
        cited = (each for each in self.view["citations"] if not each.get("redacted"))
        return [Quote(each, self.sources[each["source"]]) for each in cited]

    @property
    def held(self) -> str:
        """What it is held to be: its modality, or `retracted`."""
        return "retracted" if self.view["retracted"] else self.view["modality"]


class ValuesTold(NamedTuple):
    """The values of a subject at the clocks, without what they rest on."""

    id: str
    about: Label
    status: str | None
    fields: JsonObject


class SpanTold(NamedTuple):
    """Values of a subject, and the rectangle of two clocks in which they hold; none where it has no rectangles."""

    values: ValuesTold | None
    span: ValuesOverTime


class PromiseTold(NamedTuple):
    """Something promised: the list of the agenda that it is in, its fact, and its date, in EDTF and in words."""

    list: Listed
    promise: Promise
    fact: FactTold
    date: str | None
    when: str


def facts_told(snapshot: Snapshot, clocks: Clocks, views: Sequence[FactView]) -> list[FactTold]:
    """The facts with what they name, looked up at once."""
    names = Names(snapshot, clocks)
    names.know(views, {view["by"] for view in views if view["by"] is not None})
    return [fact_told(names, view) for view in views]


def fact_told(names: Names, view: FactView) -> FactTold:
    """The fact with what it names."""
    kind = KINDS[view["kind"]]
    said = plain(sentence(kind, view["fields"], names.named))
    sources = {each["source"]: names.source(each["source"]) for each in view["citations"]}
    by = names.who(view["by"]).text
    when = occurred_in_words(view["occurred"], begins=kind.begins)
    return FactTold(view, said, when, names.label(view["subject"]), by, sources)


def values_told(kinds: Mapping[str, str | None], found: Iterable[ValuesJson]) -> list[ValuesTold]:
    """The values of subjects whose kinds are given."""
    told = []
    for each in found:
        fields: dict[str, Any] = orjson.loads(each.fields)
        kind = kinds.get(each.subject)
        told.append(ValuesTold(each.subject, label(each.subject, kind, fields), orjson.loads(each.status), fields))
    return told


def spans_told(kinds: Mapping[str, str | None], found: Sequence[ValuesOverTime]) -> list[SpanTold]:
    """Rectangles with the values in them, of subjects whose kinds are given."""
    told = iter(values_told(kinds, (each.values for each in found if each.values is not None)))
    return [SpanTold(None if each.values is None else next(told), each) for each in found]


def promises_told(snapshot: Snapshot, clocks: Clocks, found: Agenda) -> list[PromiseTold]:
    """The promises of an agenda, list by list, each with its fact."""
    promises: list[tuple[Listed, Promise]] = [(name, each) for name in _LISTS for each in found[name]]
    facts = facts_named(snapshot, {each["fact"] for _, each in promises}, clocks)
    told = {
        each.view["id"]: each for each in facts_told(snapshot, clocks, fact_views(snapshot, [*facts.values()], clocks))
    }
    return [_promise(name, each, told[each["fact"]]) for name, each in promises]


_LISTS: tuple[Listed, ...] = ("due", "coming", "overdue", "lapsed", "expired", "unanswered")


def _promise(name: Listed, promise: Promise, fact: FactTold) -> PromiseTold:
    """A promise with its date: that of the fact's dates whose bounds it has."""
    view = fact.view
    types = own_fields(KINDS[view["kind"]])
    own = [view["fields"][each] for each in view["fields"] if types[each].title == "date"]
    bounds = promise["from"], promise["until"]
    found = (text for text in (view["occurred"], *own) if text is not None and _bounds(text, view["zone"]) == bounds)
    date = next(found, view["occurred"])
    return PromiseTold(name, promise, fact, date, in_words(date))


def _bounds(text: str, zone: str) -> tuple[str | None, str | None]:
    lo, hi = (None if edge is None else instant_text(edge) for edge in bounds_of(text, zone))
    return lo, hi
