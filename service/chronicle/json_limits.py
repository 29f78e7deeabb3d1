"""Limits on JSON and YAML input: depth, size, no key twice, and of YAML no more types than JSON has."""

import json
import re
from collections import Counter
from contextlib import suppress
from typing import Any

import orjson
import yaml

from events.errors import Invalid
from events.field_types import MOST_MEMBERS

DEEPEST = 16
"""Levels of arrays and objects; a fact in an array has five."""
MOST_VALUES = 500_000
_TAG = "tag:yaml.org,2002:"


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
        twice, _ = Counter(names).most_common(1)[0]
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


class _Loader(yaml.CSafeLoader):
    """YAML with the values that JSON has: dates and all else stay text; no key stands twice, as one would be lost."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (as the library has it)
    yaml_constructors = {
        f"{_TAG}{name}": yaml.CSafeLoader.yaml_constructors[f"{_TAG}{name}"]
        for name in ("null", "bool", "float", "str", "seq", "map")
    } | {None: yaml.CSafeLoader.yaml_constructors[None]}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping's values."""
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(names)) < len(names):
            name, _ = Counter(names).most_common(1)[0]
            raise yaml.constructor.ConstructorError(None, None, f"{name!r:.80} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)

    def construct_whole(self, node: yaml.ScalarNode) -> int:
        """A whole number."""
        return int(self.construct_scalar(node))


_Loader.add_constructor(f"{_TAG}int", _Loader.construct_whole)
for _name, _written, _first in (
    ("null", r"|~|null|Null|NULL", ["", *"~nN"]),
    ("bool", "true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"-?(0|[1-9][0-9]*)", [*"-0123456789"]),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", [*"-0123456789"]),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(f"^(?:{_written})$"), _first)


class LinesOf:
    """On which lines the values of a YAML text stand, by JSON pointer; it is read when first asked."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._root: yaml.Node | None = None
        self._is_read = False

    def at(self, pointer: str) -> int | None:
        """The line of the value there, or of the nearest that holds it; None where the text is JSON that no YAML is."""
        if not self._is_read:
            self._is_read = True
            with suppress(yaml.YAMLError, UnicodeDecodeError):
                self._root = yaml.compose(self._content.decode(), _Loader)
        node: yaml.Node | None = self._root
        line = None
        for step in [None, *pointer.split("/")[1:]]:
            if step is not None and isinstance(node, yaml.MappingNode):
                names = {key.value: (key, value) for key, value in node.value}
                key, node = names.get(step.replace("~1", "/").replace("~0", "~"), (None, None))
                line = key.start_mark.line + 1 if key else line
                continue
            if step is not None:
                items = node.value if isinstance(node, yaml.SequenceNode) and step.isdecimal() else []
                node = items[int(step)] if items and int(step) < len(items) else None
            line = node.start_mark.line + 1 if node else line
        return line


def yaml_in(content: str) -> Any:
    """YAML's values, as far as JSON has them; dates stay text.

    Raises:
        yaml.YAMLError: it is not YAML.
        ValueError: a value is none of the type that stands before it.
        Invalid: it is nested too deep; its reader would run out of stack and crash.
    """
    depth = 0
    for event in yaml.parse(content, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Invalid.at("", f"it is nested deeper than {DEEPEST} levels")
    try:
        return yaml.load(content, _Loader)  # noqa: S506  (a safe loader with fewer types)
    except (KeyError, OverflowError) as error:
        raise ValueError(f"{error!s:.80} is not of its type") from None
