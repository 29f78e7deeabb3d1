"""The pages of the acts: a form, what it would change, and recording; refusals stand beside the fields at fault."""

import secrets
from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for

from events.commands.review import Decide
from events.errors import Changed, ChronologyError
from events.facts import KINDS
from projections.queries.history.would_change import WouldChange
from service.chronicle.schemas import ReasonSchema, read
from service.pages import error_pages
from service.pages.desk.forms.act_fields import happened_since, is_recorded, version_of
from service.pages.desk.forms.acts import Act, act_named, acts_on
from service.pages.desk.forms.fact_fields import kinds_by_subject_kind
from service.pages.desk.forms.filling import marked
from service.pages.desk.forms.form import Form, form_made, is_uncoded, lost_words, sentence_of, title_of
from service.pages.request import PageRequest, page_request
from service.pages.wording.would_wording import change_in_words
from service.web.access import chronology, needs, recorder, takes_large_forms
from service.web.problems import status_of
from service.web.recording.sending import change_by, record_or_propose, waits

_ADDRESS = "/desk/<of>/<name>/<act>"

routes = error_pages.blueprint("acts")


@routes.get(_ADDRESS)
@needs("recorder")
def form(of: str, name: str, act: str) -> Response:
    """The form of an act; of a new fact first its kinds, in words."""
    chosen = act_named(of, act, g.bearer)
    if chosen.item == "facts" and request.args.get("kind") not in KINDS:
        with page_request() as page:
            if of != "proposal" or is_uncoded(page, name):
                return _kinds(page, of, name)
    if chosen.item == "subjects" and _is_described(name):
        return make_response(redirect(url_for("acts.form", of="fact", name=f"subject:{name}", act="correct"), 303))
    with page_request() as page:
        made = form_made(
            page, chosen, of, name, {each: str(request.args[each]) for each in ("kind",) if each in request.args}
        )
        return _shown(page, made, 200)


@routes.post(_ADDRESS)
@needs("recorder")
@takes_large_forms
def do(of: str, name: str, act: str) -> Response:
    """Show what the act would change; or record or propose it, if it says the same as what was shown."""
    chosen = act_named(of, act, g.bearer)
    typed = _typed()
    with page_request() as page:
        if is_recorded(page, of, name, typed.get("id", "")):
            return make_response(redirect(_home(of, name), 303))
        made = form_made(page, chosen, of, name, typed)
    if typed.get("step") == "more":
        return _again(chosen, made, None, None)
    is_seen = typed.get("step") == "record" and typed.get("seen") == made.seal
    try:
        if chosen.item is None:
            return _erased(made) if is_seen else _again(chosen, made, None, None, is_read=_reason(made) is not None)
        decide = made.decision()
        if is_seen:
            return _recorded(made, decide)
        return _again(chosen, made, change_by(decide), None)
    except ChronologyError as error:
        return _again(chosen, made, None, error)


def _typed() -> dict[str, str]:
    sent = {name: "\n".join(values) for name, values in request.form.lists()}
    return {name: text.replace("\r\n", "\n") for name, text in sent.items()}


def _is_described(name: str) -> bool:
    with page_request() as page:
        return version_of(page, "fact", f"subject:{name}") > 0


def _reason(made: Form) -> Any:
    """The body of a redaction; Invalid without a reason."""
    (said,) = made.chronicle["amendments"]
    return read(ReasonSchema(), {each: said[each] for each in ("reason",) if each in said}, "/amendments/0")


def _erased(made: Form) -> Response:
    chronology().erase(recorder(), made.of, made.name, _reason(made))
    return make_response(redirect(_home(made.of, made.name), 303))


def _recorded(made: Form, decide: Decide) -> Response:
    receipts, proposal = record_or_propose(decide, made.chronicle, made.without_words)
    if proposal is not None:
        return make_response(redirect(url_for("desk.waiting", _anchor=f"p-{proposal.id}"), 303))
    home = ("fact", receipts[-1].id) if made.act.item == "facts" else (made.of, made.name)
    return make_response(redirect(_home(*home), 303))


def _home(of: str, name: str) -> str:
    return url_for("desk.waiting") if of == "proposal" else url_for(f"pages.{of}", name=name)


def _again(
    act: Act, made: Form, change: WouldChange | None, error: ChronologyError | None, *, is_read: bool = False
) -> Response:
    """The form once more, with all that was typed, and what it would change or why it is refused."""
    with page_request() as page:
        form = form_made(page, act, made.of, made.name, made.typed)
        if isinstance(error, Changed):
            since = happened_since(page, made.of, made.name, int(made.typed.get("version") or 0))
            return _shown(page, form, 412, since=since)
        if error is not None:
            form.groups, elsewhere = marked(form.groups, error)
            return _shown(page, form, status_of(error), elsewhere=elsewhere, is_refused=True)
        ready = is_read or change is not None
        return _shown(page, form, 200, change=change and change_in_words(page, change), seen=made.seal if ready else "")


def _shown(page: PageRequest, form: Form, status: int, **more: Any) -> Response:
    body = render_template(
        "act.html",
        form=form,
        act=form.act,
        title=title_of(page, form.of, form.name),
        home=_home(form.of, form.name),
        version=version_of(page, form.of, form.name),
        own_id=form.typed.get("id") or f"desk-{secrets.token_hex(8)}",
        says=sentence_of(page, form.chronicle) if more.get("change") else None,
        digest=form.of == "source" and page.source(form.name).text_is == "digest",
        lost=lost_words(page, form.act, form.name, form.chronicle) if more.get("change") else [],
        waits=form.act.item is not None and waits(form.chronicle),
        **more,
    )
    return make_response(body, status)


def _kinds(page: PageRequest, of: str, name: str) -> Response:
    first = page.label(name).kind if of == "subject" else None
    groups = kinds_by_subject_kind(first)
    title, home = title_of(page, of, name), _home(of, name)
    return make_response(render_template("kinds.html", groups=groups, of=of, name=name, title=title, home=home))


@routes.app_template_global("acts_on")
def menu(of: str, name: str) -> list[tuple[str, str]]:
    """The acts that who is signed in may do, in words, with the addresses of their forms."""
    bearer = g.bearer if g.get("session") else None
    return [(act.words, url_for("acts.form", of=of, name=name, act=act.name)) for act in acts_on(of, bearer)]
