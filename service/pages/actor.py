"""Pages of actors: who they are, what they said, what they took part in."""

from collections.abc import Mapping
from typing import Any

from events.dates.bounds import bounds_of
from events.facts import KINDS, own_fields
from events.field_types import named_by
from events.labels import labels_of
from projections.fold.answer_types import State
from projections.fold.state import field_value
from projections.queries.evidence.facts_as_of import state_with_grounds
from projections.queries.history.timeline import FactFilter, happenings
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import fact_in_words, has_come

MOST = 30
"""Of so many of the newest facts that name an actor its page tells."""


def actor_page(page: PageRequest, name: str) -> dict[str, Any]:
    """What the page of an actor shows; NotFound if no event up to the position names it."""
    state, facts = state_with_grounds(page.snapshot, name, page.clocks)
    wanted = FactFilter(actor=name, come=True)
    named, last = happenings(page.snapshot, page.clocks, wanted, b"", MOST, newest_first=True)
    found = page.views(each.fact for each in sorted(named, key=lambda each: each.place))
    about = page.views(fact for fact in facts.values() if not fact.retracted)
    page.know([*found, *about], [name])
    dated = [fact_in_words(page, view) for view in found if view["occurred"] and _is_shown(view)]
    own = [fact_in_words(page, view) for view in about]
    said = [view for view in dated if _speaks(view, name)]
    part = [view for view in dated if view not in said and view["subject"] != name]
    return {
        "state": state,
        "title": page.named(name),
        **described(state),
        "own": sorted((view for view in own if view["occurred"] and _is_shown(view)), key=_earliest),
        "names": [view for view in own if not view["occurred"] and view["quotes"]],
        "said": said,
        "part": [{**view, "roles": _roles(view, name)} for view in part],
        "more": len(named) if last is not None else None,
    }


def _is_shown(view: Mapping[str, Any]) -> bool:
    return not view["retracted"] and has_come(view["modality"], view["certainty"])


def _earliest(view: Mapping[str, Any]) -> tuple[bool, int]:
    """The earliest moment at which the fact can have happened; open ones first."""
    lo = bounds_of(view["occurred"], view["zone"]).lo
    return lo is not None, lo or 0


def _speaks(view: Mapping[str, Any], name: str) -> bool:
    """Whether the fact gives the actor's own words or account."""
    is_speech = KINDS[view["kind"]].per == "by"
    return bool(view["attributed_to"] == name) or (is_speech and view["fields"].get("by") == name)


def _roles(view: Mapping[str, Any], name: str) -> list[str]:
    """The fields in which the fact names the actor, in words."""
    kind = KINDS[view["kind"]]
    types, labels = own_fields(kind), labels_of(kind)
    return [
        labels[field]
        for field, value in view["fields"].items()
        if types[field].names and name in named_by(types[field], value)
    ]


def described(state: State) -> dict[str, Any]:
    """What an actor is, and by which other names it is known."""
    return {"type": field_value(state, "type"), "aliases": field_value(state, "aliases") or []}
