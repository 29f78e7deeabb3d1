"""Facts, values and promises with what people call them: what formats write."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from events.dates.bounds import bounds_of
from events.dates.calendar import instant_text
from events.facts import KINDS, own_fields
from events.field_types import JsonObject, named_by
from events.history.streams import SourceState
from projections.clocks import Clocks
from projections.queries.evidence.fact_views import FactView, fact_views
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.subjects.agenda import Agenda, Listed, Promise
from projections.queries.subjects.states import Label, label
from projections.queries.subjects.values import ValuesJson
from projections.store.snapshots import Snapshot
from service.wording.date_wording import in_words
from service.wording.names import Names
from service.wording.phrases import plain, sentence


class FactTold(NamedTuple):
    """A fact as it stands at the clocks, its sentence and date in words, its subject, and who says so.

    `names` has what the subjects and actors are called that it names, `sources` what is noted of those that it cites.
    """

    view: FactView
    said: str
    when: str
    about: Label
    by: str
    names: Mapping[str, str]
    sources: Mapping[str, SourceState]

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
    return [_told(names, view) for view in views]


def _told(names: Names, view: FactView) -> FactTold:
    kind = KINDS[view["kind"]]
    called: dict[str, str] = {}

    def named(subject: str) -> str:
        return called.setdefault(subject, names.named(subject))

    said = plain(sentence(kind, view["fields"], named))
    for each in (view["subject"], view["attributed_to"], *_named_in(view)):
        if each is not None:
            named(each)
    sources = {each["source"]: names.source(each["source"]) for each in view["citations"]}
    by = names.who(view["by"]).text
    return FactTold(view, said, in_words(view["occurred"]), names.label(view["subject"]), by, called, sources)


def _named_in(view: FactView) -> Iterable[str]:
    types = own_fields(KINDS[view["kind"]])
    return [each for name, value in view["fields"].items() for each in named_by(types[name], value)]


def values_told(kinds: Mapping[str, str | None], found: Iterable[ValuesJson]) -> list[ValuesTold]:
    """The values of subjects whose kinds are given."""
    told = []
    for each in found:
        fields: dict[str, Any] = orjson.loads(each.fields)
        kind = kinds.get(each.subject)
        told.append(ValuesTold(each.subject, label(each.subject, kind, fields), orjson.loads(each.status), fields))
    return told


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
