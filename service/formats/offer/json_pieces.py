"""JSON documents of any length, written piece by piece."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson


def with_list(beside: dict[str, Any], name: str, items: Iterable[Any]) -> Iterator[bytes]:
    """A JSON object with members, and last a list of that name of as many items as there are."""
    head = orjson.dumps(beside)[:-1]
    yield head + (b"," if beside else b"") + orjson.dumps(name) + b":["
    for number, item in enumerate(items):
        yield (b",\n" if number else b"\n") + orjson.dumps(item)
    yield b"\n]}\n"
