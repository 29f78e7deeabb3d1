"""Actors as pages: who they are, what they said, what they took part in."""

from collections.abc import Mapping
from typing import Any

from events.dates.bounds import UNBOUNDED
from events.facts import KINDS, own_fields
from events.field_types import named_by
from projections.fold.state import field_value
from projections.queries.evidence.facts import page_of_facts
from projections.queries.evidence.facts_as_of import state_with_grounds
from projections.queries.subjects.state_pages import page_of_states
from projections.queries.subjects.states import label_of
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import fact_in_words

_MOST = 300


def actor_page(page: PageRequest, name: str) -> dict[str, Any]:
    """What the page of an actor shows.

    Raises:
        NotFound: no event up to the position names it.
    """
    state, facts = state_with_grounds(page.snapshot, name, page.clocks)
    found, last = page_of_facts(page.snapshot, page.clocks, {"actor": name}, UNBOUNDED, 0, _MOST)
    about = page.views(fact for fact in facts.values() if not fact.retracted)
    page.know([*found, *about], [name])
    dated = [fact_in_words(page, view) for view in found if view["occurred"] and not view["retracted"]]
    own = [fact_in_words(page, view) for view in about]
    said = [view for view in dated if _speaks(view, name)]
    return {
        "state": state,
        "title": page.named(name),
        "aliases": field_value(state, "aliases") or [],
        "type": field_value(state, "type"),
        "own": [view for view in own if view["occurred"]],
        "names": [view for view in own if not view["occurred"] and view["quotes"]],
        "said": said,
        "part": [{**view, "roles": _roles(view, name)} for view in dated if view not in said],
        "more": last is not None,
    }


def _speaks(view: Mapping[str, Any], name: str) -> bool:
    """Whether the fact gives the actor's own words or account."""
    return bool(view["attributed_to"] == name) or (_is_saying(view) and view["fields"].get("by") == name)


def _is_saying(view: Mapping[str, Any]) -> bool:
    """Whether the fact is an act of speech: a statement, or somebody's judgement."""
    return view["kind"] == "StatementMade" or KINDS[view["kind"]].per == "by"


def _roles(view: Mapping[str, Any], name: str) -> list[str]:
    """As what the fact names the actor: the names of its fields."""
    types = own_fields(KINDS[view["kind"]])
    return [
        field.replace("_", " ")
        for field, value in view["fields"].items()
        if types[field].names and name in named_by(types[field], value)
    ]


def actors_page(page: PageRequest, after: str) -> dict[str, Any]:
    """A page of the list of actors, in the order of their ids."""
    found, last = page_of_states(page.snapshot, page.clocks, {"kind": "actor"}, after, 500)
    shown = [
        {
            "title": label_of(state).title,
            "href": page.link("actor", name=state["id"]),
            "type": field_value(state, "type"),
            "aliases": field_value(state, "aliases") or [],
        }
        for state in (each.read() for each in found)
    ]
    return {"actors": sorted(shown, key=lambda each: each["title"].casefold()), "next": last}
