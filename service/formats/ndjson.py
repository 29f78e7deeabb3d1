"""NDJSON: the whole chronology as a chronicle file, or the items of a list as the API has them, one a line."""

from collections.abc import Iterator

import orjson

from service.chronicle.importing import Item, items_in
from service.formats.offer.lists import ExportedList
from service.formats.offer.manifest import Format, Incoming


def chronicle(taken: ExportedList) -> Iterator[bytes]:
    """The lines of a chronicle file as they are."""
    return taken.items


def facts(taken: ExportedList) -> Iterator[bytes]:
    """Facts as `GET /facts` has them."""
    return (orjson.dumps(each.view, option=orjson.OPT_APPEND_NEWLINE) for each in taken.items)


def values(taken: ExportedList) -> Iterator[bytes]:
    """Values as `GET /values` has them."""
    for each in taken.items:
        found = {"id": each.id, "status": each.status, "fields": each.fields}
        yield orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE)


def agenda(taken: ExportedList) -> Iterator[bytes]:
    """Promises as `GET /agenda` has them, each with the list that it is in."""
    return (orjson.dumps({"list": each.list, **each.promise}, option=orjson.OPT_APPEND_NEWLINE) for each in taken.items)


def items(incoming: Incoming) -> Iterator[Item]:
    """The items of a chronicle file."""
    return items_in(incoming.path, incoming.content, is_lines=True)


FORMAT = Format(
    name="ndjson",
    title="NDJSON",
    media_type="application/x-ndjson",
    suffix="ndjson",
    follows="one JSON object a line",
    loses=("words that were erased", "tokens and proposals"),
    writes={"chronicle": chronicle, "facts": facts, "values": values, "agenda": agenda},
    reads=items,
)
