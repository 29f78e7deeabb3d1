"""A whole chronicle, taken in, checked and given back as a file."""

from typing import TypedDict

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from events.errors import Invalid
from events.field_types import JsonObject
from service.api.blueprints import Query, blueprint, named
from service.api.receipts import Position
from service.auth.roles import Forbidden
from service.chronicle.checking.faults import Report, check_items
from service.chronicle.exporting import Export
from service.chronicle.file import BODY
from service.chronicle.importing import items_in, take_in_body
from service.web import streams
from service.web.access import chronology, needs, recorder
from service.web.parameters import QuerySchema, whole_body, yes_or_no
from service.web.responses import answer, located

routes = blueprint("chronicle", "A whole chronicle, as a file")

_LINES = "application/x-ndjson"
_DOCUMENTS = ("application/yaml", "application/json")
_ANY = {"schema": {"type": "string", "format": "binary"}}
_CONTENT = dict.fromkeys((_LINES, *_DOCUMENTS), _ANY)


class ChronicleLine(TypedDict, total=False):
    """A line of a chronicle file: one of these, as it was sent, with when and by whom it was recorded."""

    source: JsonObject
    subject: JsonObject
    fact: JsonObject
    amendment: JsonObject


class TakenIn(TypedDict):
    """How much was taken in: items by list, the events that are new, and where the log ends now."""

    items: dict[str, int]
    new: int
    position: Position


ImportedChronicle = named("ImportedChronicle", TakenIn | Report, "What was taken in; of a check, what would be")


class ImportQuery(QuerySchema):
    """Whether to record."""

    check = yes_or_no("Record nothing, and say all that is wrong")


@routes.post("/chronicle")
@needs("editor")
@routes.response(201, ImportedChronicle)
@routes.arguments(ImportQuery)
@routes.doc(requestBody={"required": True, "content": _CONTENT})
def import_chronicle(query: Query) -> Response:
    """Take a chronicle file in, all of it or nothing: NDJSON, YAML or JSON. What is recorded already is recognised."""
    if request.mimetype not in (_LINES, *_DOCUMENTS):
        kinds = ", ".join((_LINES, *_DOCUMENTS))
        raise UnsupportedMediaType(f"the body is sent as {request.mimetype or 'nothing'!r}, and is none of {kinds}")
    content, is_lines = whole_body(), request.mimetype == _LINES
    if not content.strip():
        raise Invalid.at("", "the body is empty")
    if query.get("check") == "yes":
        items = list(items_in(BODY, content, is_lines=is_lines))
        return answer(check_items(chronology(), recorder().name, items))
    if "editors" in chronology().settings.waiting:
        raise Forbidden("what editors record waits for another here, and a whole chronicle cannot: send its items")
    taken = take_in_body(chronology(), recorder(), content, is_lines=is_lines)
    body = TakenIn(items=dict(taken.items), new=taken.new, position=chronology().record.head())
    return located(answer(body, 201 if taken.new else 200), "chronicle.export_chronicle")


@routes.get("/chronicle")
@routes.response(200, ChronicleLine, content_type=_LINES)
def export_chronicle() -> Response:
    """The whole chronology as a chronicle file (NDJSON), in the order of recording."""
    return streams.whole(Export(chronology().log, for_readers=True).lines(), _LINES)
