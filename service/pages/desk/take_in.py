"""The page on which a document is taken in: a text or a file, what is guessed of it, and its registration."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from events.commands.quotes import digest
from events.commands.record_sources import register_source
from events.dates.in_words.reader import edtf_typed
from events.errors import ChronologyError
from events.sources import TEXT_IS
from projections.clocks import Asked
from projections.queries.evidence.reprints import repeated_sources
from projections.queries.evidence.sources import noted_sources
from service.api.exchange.documents import bare_name, read_in
from service.chronicle.schemas import SourceSchema, read
from service.documents.suggestions import suggested_id
from service.pages import error_pages
from service.pages.request import today
from service.web.access import chronology, needs, takes_large_forms
from service.web.problems import status_of
from service.web.recording.sending import record_or_propose

LABELS = {
    "title": "Title",
    "publisher": "Publisher",
    "published": "Published",
    "zone": "Time zone of its dates",
    "language": "Language",
    "agency": "News agency",
    "url": "Address",
    "id": "Id in this chronology",
}
_HINTS = {
    "publisher": "Who made it public: a paper, an agency, an office.",
    "published": "As 16 May 2025, 2025-05-16 or any other date in EDTF.",
    "zone": "As Europe/Kyiv; left empty, that of this service.",
    "language": "Its code, as en, uk or ar.",
    "agency": "Whose words the publisher passes on, as Reuters. Reports of one agency count as one origin.",
    "id": "Letters, digits and hyphens; left empty, of publisher, day and title. It stays as it is.",
}
_NEEDED = ("title", "publisher")
_TEXTS = {
    "original": "the document's own words, whole",
    "excerpt": "a part of its own words",
    "digest": "our digest, in our own words",
    "translation": "a translation",
}
_BYTES = ("media_type", "name", "base64")

routes = error_pages.blueprint("take_in")


@routes.get("/desk")
@needs("recorder")
def choose() -> Response:
    """Where a text is pasted or a file chosen."""
    return _shown("take_in.html", 200)


@routes.post("/desk")
@needs("recorder")
@takes_large_forms
def look() -> Response:
    """What is read from it and guessed, to be put right."""
    sent, pasted = request.files.get("file"), request.form.get("text", "")
    name = bare_name(sent.filename) if sent else ""
    content = sent.read() if sent and name else b""
    if bool(content) == bool(pasted.strip()):
        what = "choose a file or paste a text, not both" if content else "paste a text, or choose a file"
        return _shown("take_in.html", 422, error=what, text=pasted)
    try:
        found = read_in(content or pasted.encode("utf-8", "replace"), name, sent.mimetype if sent and name else "")
    except ChronologyError as error:
        return _shown("take_in.html", status_of(error), error=error.sentence, text=pasted)
    original = {"media_type": found["media_type"], "name": name, "base64": b64encode(content).decode()}
    named = _free_id(found["suggested_id"], found["text"]) if found.get("title") else ""
    noted = {**found, "id": named, "text_is": "original"}
    return _guessed(200, noted, original if content else {}, repeats=found["repeats"])


@routes.post("/desk/sources")
@needs("recorder")
@takes_large_forms
def register() -> Response:
    """Register the source as the form has it; where it is refused, the form comes back with what was typed."""
    typed = {key: value.strip() for key, value in request.form.items() if key not in _BYTES}
    original = {key: request.form[key] for key in _BYTES if request.form.get(key)}
    roots = request.form.getlist("derived_from")
    try:
        sent = _body(typed, original, roots)
        sent.setdefault("id", _free_id(suggested_id(sent), sent.get("text", "")))
        body = read(SourceSchema(), sent)
        receipts, proposal = record_or_propose(lambda call: [register_source(call, body)], {"sources": [sent]})
    except ChronologyError as error:
        faults = {each.pointer.split("/")[1]: each.sentence for each in error.faults if each.pointer}
        return _guessed(status_of(error), typed, original, error=error.sentence, faults=faults, roots=roots)
    if proposal is not None:
        return make_response(redirect(url_for("desk.waiting", _anchor=f"p-{proposal.id}"), 303))
    following = "marking.read" if sent.get("text") else "pages.source"
    return make_response(redirect(url_for(following, name=receipts[0].id), 303))


def _free_id(suggested: str, text: str) -> str:
    """The id, with a number where it is that of another document."""
    with chronology().ask(Asked(position=0), fresh=True) as (snapshot, _):
        tried, number = suggested, 1
        while (noted := noted_sources(snapshot, [tried], snapshot.position).get(tried)) is not None:
            if noted.editions[-1].sha256 == digest(text.replace("\r\n", "\n")):
                break
            number += 1
            tried = f"{suggested}-{number}"
        return tried


def _body(typed: Mapping[str, str], original: Mapping[str, str], roots: list[str]) -> dict[str, Any]:
    """What `POST /sources` takes, of what was typed."""
    names = (*LABELS, "text", "text_is", "retrieved_at")
    body: dict[str, Any] = {key: typed[key] for key in names if typed.get(key)}
    if "published" in body:
        body["published"] = edtf_typed(body["published"], today())
    if "text" in body:
        body["text"] = body["text"].replace("\r\n", "\n")
    return {**body, **({"original": dict(original)} if original else {}), **({"derived_from": roots} if roots else {})}


def _guessed(
    status: int, noted: Mapping[str, Any], original: Mapping[str, str], *, repeats: Any = None, **more: Any
) -> Response:
    if repeats is None:
        with chronology().ask(Asked(position=0)) as (snapshot, _):
            repeats = repeated_sources(snapshot, noted.get("text", ""), ())
    fields = [(name, label, _HINTS.get(name), name in _NEEDED) for name, label in LABELS.items()]
    known = {"noted": noted, "original": original, "repeats": repeats, "fields": fields, "texts": _TEXTS}
    return _shown("taken_in.html", status, **known, **more)


def _shown(template: str, status: int, **context: Any) -> Response:
    most = chronology().settings.largest_original
    return make_response(render_template(f"desk/{template}", most=most, **context), status)


assert set(_TEXTS) == set(TEXT_IS)
