"""Which offices the people whom a fact names held at its time."""

from dataclasses import replace

import orjson

from events.errors import Invalid
from events.facts import KINDS, subjects_named
from projections.clocks import clocks_for
from projections.queries.evidence.facts import VisibleFact
from projections.queries.subjects.values import values_of
from service.pages.request import PageRequest
from service.wording.phrases import Piece

_HELD, _BODY = "holds[", "body["


def offices_then(page: PageRequest, fact: VisibleFact) -> list[tuple[Piece, str]]:
    """The people whom the fact names, each with their offices when it came about, as known at the page's clocks.

    None where the fact has no date.
    """
    if fact["occurred"] is None:
        return []
    values = {**fact["fields"], "attributed_to": fact["attributed_to"]}
    people = sorted({name for name, _ in subjects_named(KINDS[fact["kind"]], values)} - {fact["subject"]})
    try:
        asked = replace(page.clocks.asked, at=fact["occurred"], zone=fact["zone"])
        clocks = clocks_for(page.snapshot, replace(asked, position=page.clocks.position, recorded_until=None))
    except Invalid:
        return []
    found = {each.subject: orjson.loads(each.fields) for each in values_of(page.snapshot, clocks, people)}
    return [(Piece(page.named(name), name), held) for name in people if (held := _held(found.get(name, {})))]


def _held(fields: dict[str, object]) -> str:
    """The offices that these values of a person say they hold, each with its body: "minister of defence (Ukraine)"."""
    offices = [name[len(_HELD) : -1] for name, held in fields.items() if name.startswith(_HELD) and held is True]
    bodies = {office: fields.get(f"{_BODY}{office}]") for office in offices}
    return ", ".join(f"{office} ({body})" if body else office for office, body in bodies.items())
