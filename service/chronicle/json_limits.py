"""What is given as JSON or YAML, looked at before anything reads it: how deep, how much, and nothing said twice."""

import json
from collections.abc import Iterable
from typing import Any

import orjson

from events.errors import Invalid
from events.field_types import MOST_MEMBERS

DEEPEST = 16
"""Levels of arrays and objects; a fact in an array has five."""
MOST_VALUES = 500_000
_TOO_DEEP = f"it is nested deeper than {DEEPEST} levels"
_SPACED = (b" :", b"\t:", b"\n:", b"\r:")


def json_in(content: bytes) -> Any:
    """A JSON text's value.

    Raises:
        ValueError: it is not JSON, or an object names one member twice, of which one would be lost (RFC 7493).
        Invalid: it is nested too deep, or holds more values than any call can need.
    """
    if content.count(b",") > MOST_VALUES:
        raise Invalid.at("", f"it holds more than {MOST_VALUES} values")
    body = orjson.loads(content)
    members = _members(body)
    if content.count(b'":') != members or any(spaced in content for spaced in _SPACED):
        json.loads(content, object_pairs_hook=_each_once)  # else as many names are written as there are members
    return body


def _members(given: Any) -> int:
    """How many members the objects of a value have, whose shape is looked at as `check_shape` does.

    Raises:
        Invalid: it is nested too deep, or too large.
    """
    members, weight, level = 0, 1, [given] if isinstance(given, dict | list) else []
    for _ in range(DEEPEST):
        below: list[Any] = []
        for each in level:
            inside: Iterable[Any] = each
            if isinstance(each, dict):
                _check_members(each)
                members += len(each)
                inside = each.values()
            weight += len(each)
            below += [value for value in inside if type(value) is dict or type(value) is list]
        if not below:
            break
        level = below
    else:
        raise Invalid.at("", _TOO_DEEP)
    if weight > MOST_VALUES:
        raise Invalid.at("", f"it holds more than {MOST_VALUES} values")
    return members


def _check_members(given: dict[Any, Any]) -> None:
    if len(given) > MOST_MEMBERS:
        raise Invalid.at("", f"an object of {len(given)} members is too large (at most {MOST_MEMBERS})")


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
        raise Invalid.at("", _TOO_DEEP)
    if isinstance(given, dict):
        _check_members(given)
    inside = given.values() if isinstance(given, dict) else given
    weight = 1 + sum([_weighed(each, depth + 1, most, known) for each in inside])
    if weight > most:
        raise Invalid.at("", f"it holds more than {most} values")
    known[id(given)] = weight
    return weight
