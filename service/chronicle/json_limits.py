"""Limits on JSON and YAML input: depth, size, no key twice."""

import json
from typing import Any

import orjson

from events.errors import Invalid
from events.field_types import MOST_MEMBERS

DEEPEST = 16
"""Levels of arrays and objects; a fact in an array has five."""
MOST_VALUES = 500_000


def json_in(content: bytes) -> Any:
    """A JSON text's value.

    Raises:
        ValueError: it is not JSON, or an object has a key twice, of which one value would be lost (RFC 7493).
        Invalid: it is nested too deep, or holds more values than any call can need.
    """
    if content.count(b",") > MOST_VALUES:
        raise Invalid.at("", f"it holds more than {MOST_VALUES} values")
    body = orjson.loads(content)
    check_shape(body)
    json.loads(content, object_pairs_hook=_no_key_twice)
    return body


def _no_key_twice(members: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise ValueError(f"an object names {twice!r:.80} twice")


def check_shape(given: Any, most: int = MOST_VALUES) -> None:
    """Refuse a value nested deeper than `DEEPEST` or too large; a part that YAML repeats counts each time."""
    _weighed(given, 0, most, {})


def _weighed(given: Any, depth: int, most: int, known: dict[int, int]) -> int:
    """The number of values in it."""
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
