"""The page of a table: its columns matched to fields, its rows as sentences with their faults, recorded or proposed."""

from typing import Any

from flask import Response, make_response, render_template, request, stream_template

from events.errors import ChronologyError
from service.chronicle.checking.faults import check_items
from service.formats.tables.mapping import written
from service.pages import error_pages
from service.pages.desk.tables.sent_form import SentTable, check_typed, first_sent, lines_of, sent_again
from service.pages.desk.tables.table_import import TableImport
from service.pages.desk.tables.table_in_words import columns_of, fields_in_groups, items_of, kinds_in_words, shown
from service.pages.request import page_request
from service.web.access import chronology, needs, recorder, takes_large_forms
from service.web.problems import status_of
from service.web.recording.sending import waits

routes = error_pages.blueprint("tables")


@routes.get("/desk/table")
@needs("recorder")
def choose() -> Response:
    """Where a table is pasted or chosen."""
    return _answered("desk/table.html", 200)


@routes.post("/desk/table")
@needs("recorder")
@takes_large_forms
def do() -> Response:
    """Read a table, show what its rows say and what is wrong with them, give its mapping, or record it."""
    if "table" not in request.form:
        try:
            return _matched(first_sent(), 200)
        except ChronologyError as error:
            pasted = request.form.get("pasted", "")
            return _answered("desk/table.html", status_of(error), error=error.sentence, pasted=pasted)
    sent = None
    try:
        sent = sent_again()
        check_typed(sent)
        if request.form.get("step") == "mapping":
            return _mapping(sent)
        if request.form.get("step") == "record" and request.form.get("seen") == sent.seal:
            return _recorded(sent)
        return _looked(sent)
    except ChronologyError as error:
        if sent is None:
            return _answered("desk/table.html", status_of(error), error=error.sentence, pasted=request.form["table"])
        return _matched(sent, status_of(error), error=error)


def _mapping(sent: SentTable) -> Response:
    made = make_response(written(sent.mapping, sent.table.headings))
    made.headers["Content-Type"] = "application/yaml"
    made.headers["Content-Disposition"] = 'attachment; filename="map.yaml"'
    return made


def _looked(sent: SentTable) -> Response:
    items = items_of(sent)
    report = check_items(chronology(), recorder().name, items)
    with page_request() as page:
        rows = shown(page, sent, items, report)
    ready = rows["count"] and not rows["faults"] and not rows["more"]
    wait = waits({"facts": [{}], "sources": [{}]})
    return _matched(sent, 200, rows=rows, seen=sent.seal if ready else "", wait=wait)


def _recorded(sent: SentTable) -> Response:
    taking = TableImport(items_of(sent))
    return Response(stream_template("desk/table_taken.html", taking=taking, form=request.form))


def _matched(sent: SentTable, status: int, **more: Any) -> Response:
    return _answered(
        "desk/table_matched.html",
        status,
        sent=sent,
        columns=columns_of(sent.table),
        groups=fields_in_groups(),
        kinds=sent.kinds(),
        all_kinds=kinds_in_words(),
        lines=lines_of(sent),
        **more,
    )


def _answered(template: str, status: int, **context: Any) -> Response:
    return make_response(render_template(template, **context), status)
