"""What is given as JSON or YAML, looked at before anything reads it: how deep, how much, and nothing said twice."""

import json
from typing import Any

import orjson

from events.errors import Invalid
from events.values import MOST_MEMBERS

DEEPEST = 16
"""Levels of arrays and objects; a fact in an array has five."""
MOST_VALUES = 500_000


def json_in(content: bytes) -> Any:
    """A JSON text's value.

    Raises:
        ValueError: it is not JSON, or an object names one member twice, of which one would be lost (RFC 7493).
        Invalid: it is nested too deep, or holds more values than any call can need.
    """
    if content.count(b",") > MOST_VALUES:
        raise Invalid.at("", f"it holds more than {MOST_VALUES} values")
    body = orjson.loads(content)
    check_shape(body)
    json.loads(content, object_pairs_hook=_each_once)
    return body


def _each_once(members: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise ValueError(f"an object names {twice!r:.80} twice")


def check_shape(given: Any, most: int = MOST_VALUES) -> None:
    """Look at how a value is built, before anything reads it.

    Raises:
        Invalid: it is nested deeper than `DEEPEST`, an object has more members than any has, or (in YAML, where one
            part may stand in many places) it holds more values than any call can need.
    """
    _weighed(given, 0, most, {})


def _weighed(given: Any, depth: int, most: int, known: dict[int, int]) -> int:
    """How many values it holds; one that stands in many places is counted in each."""
    if not isinstance(given, dict | list):
        return 1
    if id(given) in known:
        return known[id(given)]
    if depth >= DEEPEST:
        raise Invalid.at("", f"it is nested deeper than {DEEPEST} levels")
    if isinstance(given, dict) and len(given) > MOST_MEMBERS:
        raise Invalid.at("", f"an object of {len(given)} members is too large (at most {MOST_MEMBERS})")
    inside = given.values() if isinstance(given, dict) else given
    weight = 1 + sum([_weighed(each, depth + 1, most, known) for each in inside])
    if weight > most:
        raise Invalid.at("", f"it holds more than {most} values")
    known[id(given)] = weight
    return weight
