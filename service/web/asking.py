"""Questions read from an address past the framework, where they need no second look: states, and pages of facts."""

import re
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from events.errors import ChronologyError
from projections.clocks import Asked, Clocks
from projections.queries.subjects.states import state_json
from projections.store.snapshots import Snapshot
from service.web.fact_pages import facts_asked, facts_page
from service.web.parameters import CLOCKS, LARGEST_PAGE, LARGEST_POSITION, PAGE

Read = Callable[[Snapshot, Clocks], bytes | None]

_FACTS = "/api/v1/facts"
_SUBJECT = re.compile(r"/api/v1/subjects/([a-z0-9][a-z0-9-]*)")
_CLOCKS = frozenset(CLOCKS)
_PAGE = _CLOCKS - {"reading"} | {"limit", "cursor", "from", "to"}
_NUMBERS = frozenset(("position", "limit"))
_DIGITS = len(str(LARGEST_POSITION)) - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked.

    Attributes:
        asked: the clocks.
        ready: what answers it where hardly anything has to be read; else with None.
        read: what answers it.
        looks_once: whether one look, at any moment from now on, is all that `ready` takes.
    """

    asked: Asked
    ready: Read
    read: Read
    looks_once: bool


def wanted_in(path: str, query: str) -> Wanted | None:
    """What an address asks, if that is the state of one subject or a page of the list of all facts."""
    if path == _FACTS:
        return _facts(query)
    match = _SUBJECT.fullmatch(path)
    return None if match is None else _state(match[1], query)


def _state(subject: str, query: str) -> Wanted | None:
    given = _given(query, _CLOCKS)
    if given is None:
        return None
    asked = Asked(**given)
    return Wanted(
        asked,
        lambda *_: None,
        lambda snapshot, clocks: state_json(snapshot, subject, clocks),
        looks_once=asked.reading is None and (asked.at is not None or asked.reported_until is not None),
    )


def _facts(query: str) -> Wanted | None:
    given = _given(query, _PAGE)
    limit = 0 if given is None else given.get("limit", PAGE)
    if given is None or not 1 <= limit <= LARGEST_PAGE:
        return None
    try:
        page = facts_asked({**given, "limit": limit, "since": given.get("from"), "until": given.get("to")})
    except ChronologyError:
        return None
    return Wanted(
        page.asked,
        lambda *_: None,
        lambda snapshot, clocks: orjson.dumps(facts_page(snapshot, page, clocks)),
        looks_once=False,
    )


def _given(query: str, names: Set[str]) -> dict[str, Any] | None:
    """The parameters of a query that needs no looking at twice: each of these names once, and none of them `now`."""
    pairs = parse_qsl(query, keep_blank_values=True)
    given: dict[str, Any] = dict(pairs)
    if len(given) < len(pairs) or not given.keys() <= names or not query.isascii():
        return None
    for name, text in given.items():
        if not text.isascii() or not text.isprintable() or not text or text.strip().lower() == "now":
            return None
        if name in _NUMBERS:
            if not text.isdigit() or len(text) > _DIGITS:
                return None
            given[name] = int(text)
    return given
