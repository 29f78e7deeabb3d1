"""Documents as they come: what can be read from one, and the original that a source was taken from."""

import hashlib
from io import BytesIO
from typing import Any, NotRequired, cast

import marshmallow as ma
from flask import Response, request, send_file
from werkzeug.exceptions import RequestEntityTooLarge

from events.errors import Invalid, NotFound
from events.history.streams import stream_id
from events.log.originals import original_of
from projections.clocks import Asked, asked_in
from projections.queries.evidence import sources
from projections.queries.evidence.reprints import RepeatedSource, repeated_sources
from projections.queries.evidence.sources import Original
from service.api.blueprints import Query, blueprint, named
from service.api.sources import TextQuery
from service.chronicle.body_fields import file_name
from service.documents.suggestions import suggested_id
from service.documents.taking_in import read_document
from service.web.access import chronology, needs
from service.web.parameters import QuerySchema, whole_body
from service.web.responses import answer

routes = blueprint("documents", "Documents in the formats in which they come")

_FILE = "file"
_BINARY = {"type": "string", "format": "binary"}
_CONTENT = {
    "multipart/form-data": {"schema": {"type": "object", "properties": {_FILE: _BINARY}, "required": [_FILE]}},
    "application/octet-stream": {"schema": _BINARY},
}
_DOWNLOAD = "application/octet-stream"
_RUNS_NOTHING = "default-src 'none'; sandbox"


class ReadDocument(Original):
    """What was read from a document, or guessed of it; nothing of it is recorded. Its hash is that of its bytes."""

    suggested_id: str
    format: str
    text: str
    title: NotRequired[str]
    publisher: NotRequired[str]
    published: NotRequired[str]
    language: NotRequired[str]
    agency: NotRequired[str]
    url: NotRequired[str]
    retrieved_at: NotRequired[str]
    repeats: list[RepeatedSource]


DownloadedBytes = named("DownloadedBytes", str, "The bytes of the document, as they were taken in")


class DocumentQuery(QuerySchema):
    """What the document's file is called."""

    name = ma.fields.String(metadata={"description": "The name of its file, where the body is the document itself"})


@routes.post("/documents")
@needs("recorder")
@routes.response(200, ReadDocument)
@routes.arguments(DocumentQuery)
@routes.doc(requestBody={"required": True, "content": _CONTENT})
def read_a_document(query: Query) -> Response:
    """Read a document (HTML, PDF, DOCX, e-mail, plain text, WARC, WACZ) and guess what it is; nothing is recorded.

    What is sent to `POST /sources` afterwards may carry the same bytes as its `original`.
    """
    if request.mimetype != "multipart/form-data":
        return answer(read_in(whole_body(), query.get("name", ""), request.mimetype))
    sent = request.files.get(_FILE)
    if sent is None:
        raise Invalid.at(f"/{_FILE}", "the form holds no file")
    return answer(read_in(sent.read(), bare_name(sent.filename), sent.mimetype))


def bare_name(path: str | None) -> str:
    """The name of a file without the folders that some browsers send."""
    return (path or "").replace("\\", "/").rpartition("/")[2]


def read_in(content: bytes, name: str, media_type: str) -> ReadDocument:
    """Read a document in a process of its own, and look for sources whose words it repeats.

    Raises:
        RequestEntityTooLarge: it is larger than what is kept of documents.
        Unreadable: it cannot be read.
    """
    most = chronology().settings.largest_original
    if len(content) > most:
        raise RequestEntityTooLarge(f"a document of {len(content):,} bytes is too large (at most {most:,})")
    said: Any = {"name": file_name(name)} if name else {}
    found: Any = {key: value for key, value in read_document(content, name, media_type).items() if value is not None}
    with chronology().ask(Asked(position=0)) as (snapshot, _):
        repeats = repeated_sources(snapshot, str(found["text"]), ())
    sha256 = hashlib.sha256(content).hexdigest()
    said |= {"bytes": len(content), "sha256": sha256, "repeats": repeats, "suggested_id": suggested_id(found)}
    return cast(ReadDocument, found | said)


@routes.get("/sources/<source>/original")
@routes.response(200, DownloadedBytes, content_type=_DOWNLOAD)
@routes.arguments(TextQuery)
def download_original(query: Query, source: str) -> Response:
    """The bytes that a version's text was taken from, as a download; the latest version if none is named."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        said, n = sources.original(snapshot, source, query.get("version"), clocks)
    with chronology().log.reading() as reader:
        content = original_of(reader, stream_id("source", source), n)
    if content is None:
        raise NotFound(f"the original of source {source!r} was erased")
    made = send_file(
        BytesIO(content), _DOWNLOAD, as_attachment=True, download_name=said.get("name", source), etag=said["sha256"]
    )
    made.headers["Content-Security-Policy"] = _RUNS_NOTHING
    made.headers["Cache-Control"] = "private, no-cache"
    made.headers["Vary"] = "Authorization, Cookie"
    return made
