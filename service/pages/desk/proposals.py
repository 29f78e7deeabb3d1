"""The queue of proposals: what each says and would change; accepted, many at once too, or rejected."""

from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for

from events.errors import ChronologyError, Conflict
from events.facts import KINDS, fields_of_all_kinds
from events.field_types import Json
from events.kinds.descriptions import field_in_words
from projections.clocks import LARGEST_POSITION, Asked
from projections.read_models.proposals import Proposal, page_of_proposals, proposal
from service.databases.trials import Decide, what_each_would_change
from service.pages import error_pages
from service.pages.desk.forms.acts import ACTS
from service.pages.desk.forms.controls import MODALITY_IN_WORDS, text_of
from service.pages.request import PageRequest, number_in_address, page_request
from service.pages.wording.would_wording import change_in_words
from service.web.access import chronology, needs, recorder
from service.web.problems import status_of
from service.web.recording.deciding import accepted, decision_of, rejected
from service.wording.date_wording import short
from service.wording.phrases import phrase, plain, sentence

_AT_ONCE = 20

routes = error_pages.blueprint("desk")


@routes.get("/proposals")
@needs("recorder")
def waiting() -> Response:
    """What waits: all of it for editors; their own for recorders, and what waits for a source."""
    return _page(200, [])


@routes.post("/proposals")
@needs("editor")
def accept_many() -> Response:
    """Accept the proposals that are chosen, each by itself: what became of them is said of each."""
    chosen = request.form.getlist("chosen")
    if not chosen:
        return _page(422, ["None is chosen"])
    outcomes = [_decided(name, is_accepted=True) for name in chosen]
    refused = [each for each in outcomes if each is not None]
    done = len(chosen) - len(refused)
    told = [f"{done} {'proposal is' if done == 1 else 'proposals are'} accepted"] if done else []
    return _page(status_of(refused[0]) if refused else 200, told + [_told(each) for each in refused])


@routes.post("/proposals/<name>")
@needs("editor")
def decide(name: str) -> Response:
    """Accept or reject a proposal, as the form says."""
    refused = _decided(name, is_accepted=request.form.get("decision") == "accept")
    if refused is None:
        return make_response(redirect(url_for("desk.waiting"), 303))
    typed = {name: request.form["reason"]} if request.form.get("reason") else {}
    return _page(status_of(refused), [_told(refused)], typed)


def _decided(name: str, *, is_accepted: bool) -> ChronologyError | None:
    """Accept or reject a proposal; returns the refusal, which says what another editor has decided meanwhile."""
    try:
        if is_accepted:
            accepted(name)
        else:
            rejected(name, {"reason": request.form.get("reason", "")})
    except Conflict as error:
        return _decided_by_another(name) or error
    except ChronologyError as error:
        return error
    return None


def _decided_by_another(name: str) -> ChronologyError | None:
    with chronology().ask(Asked(), fresh=True) as (snapshot, _):
        found = proposal(snapshot, name)
    if found["state"] in ("waiting", "unsourced", "uncoded"):
        return None
    by = f"{found.get('decided_by')} has {found['state']} it already, {short(found.get('decided'))}"
    why = f": {found['reason']}" if isinstance(found.get("reason"), str) else ""
    return Conflict(f"what {found['proposed_by']} proposed on {short(found['proposed'])} is decided: {by}{why}")


def _told(error: ChronologyError) -> str:
    """A refusal as a line of the page, with what was typed for a proposal that no longer waits."""
    typed = request.form.get("reason", "").strip()
    return f"{error.sentence.removesuffix('.')}. You had typed: {typed}" if typed else error.sentence


def _page(status: int, told: list[str], typed: dict[str, str] | None = None) -> Response:
    by = None if g.bearer.may("editor") else recorder().name
    names = ("after", "after_unsourced", "after_uncoded")
    after, after_unsourced, after_uncoded = (
        number_in_address(name, "an entry of the log", LARGEST_POSITION) or 0 for name in names
    )
    with chronology().ask(Asked(), fresh=True) as (snapshot, _):
        found, following = page_of_proposals(snapshot, "waiting", by, after, _AT_ONCE)
        lacking, following_unsourced = page_of_proposals(snapshot, "unsourced", None, after_unsourced, _AT_ONCE)
        passages, following_uncoded = page_of_proposals(snapshot, "uncoded", None, after_uncoded, _AT_ONCE)
    readable = [each for each in found if isinstance(each["chronicle"], dict)]
    changes = what_each_would_change(chronology(), recorder(), [_decision(each) for each in readable])
    with page_request() as page:
        would = {each["id"]: change for each, change in zip(readable, changes, strict=True)}
        shown = [_shown(page, each, would.get(each["id"])) for each in found]
        unsourced, uncoded = ([_shown(page, each, None) for each in some] for some in (lacking, passages))
    body = render_template(
        "proposals.html",
        proposals=shown,
        next=following,
        unsourced=unsourced,
        next_unsourced=following_unsourced,
        uncoded=uncoded,
        next_uncoded=following_uncoded,
        told=told,
        failed=status >= 400,
        typed=typed or {},
    )
    return make_response(body, status)


def _decision(each: Proposal) -> Decide:
    """What would record the proposal, or refuse it."""
    return lambda unit: decision_of(each["chronicle"])(unit)


def _shown(page: PageRequest, each: Proposal, change: Any) -> dict[str, Any]:
    """A proposal with its parts in words, and what it would change or why it would be refused."""
    refused = change.sentence if isinstance(change, ChronologyError) else None
    return {
        **each,
        "items": items_of(page, each["chronicle"]),
        "change": None if change is None or refused else change_in_words(page, change),
        "refused": refused,
        "is_own": each["proposed_by"] == g.bearer.name,
    }


_ABOUT = ("fact", "source", "subject")
_ENVELOPE = ("citations", "kind", "call", "id", "changes", "withdraw", *_ABOUT)
_LISTS = {"sources": "Document to take in", "subjects": "Title of a matter", "facts": "Fact", "passages": "Passage"}


def items_of(page: PageRequest, chronicle: Json) -> list[dict[str, Any]]:
    """The parts of a proposal; nothing where its words are redacted."""
    if not isinstance(chronicle, dict):
        return []
    own = {each["id"]: each for each in chronicle.get("sources", ())}
    return [_item(page, name, item, own) for name, items in chronicle.items() for item in items]


def _item(page: PageRequest, name: str, item: dict[str, Json], own: dict[str, Json]) -> dict[str, Any]:
    """A part; `own` are the documents that are proposed with it."""
    about = next((each for each in _ABOUT if item.get(each)), None)
    said = {each: item[each] for each in item if each not in _ENVELOPE} | (item.get("changes") or {})
    return {
        "heading": _heading(name, item, about),
        "says": _sentence(page, item) if name == "facts" else None,
        "about": _about(page, about, item),
        "values": [(_label(each, item), _in_words(page, each, value)) for each, value in said.items()],
        "citations": [_citation(page, each, own.get(each["source"])) for each in item.get("citations") or []],
    }


def _citation(page: PageRequest, given: dict[str, Json], own: Json) -> dict[str, Any]:
    text_is = own.get("text_is") if own else page.source(given["source"]).text_is
    return {**given, "is_digest": text_is == "digest", "is_recorded": own is None}


def _about(page: PageRequest, about: str | None, item: dict[str, Json]) -> tuple[str | None, str, str]:
    """What it is on: the sort of thing, its id, and what it is called."""
    name = str(item[about] if about else item.get("id"))
    return about, name, page.named(name) if about == "subject" else name


def _heading(name: str, item: dict[str, Json], about: str | None) -> str:
    """What it is: the kind of a fact in words, the act in the words of its form."""
    if name != "amendments":
        return KINDS[item["kind"]].words if name == "facts" and item.get("kind") in KINDS else _LISTS[name]
    acts = ACTS.get(str(about), ())
    words = [act.words for act in acts if act.call is not None and act.call == item.get("call")]
    return words[0] if words else f"Undo number {item.get('withdraw')}"


def _sentence(page: PageRequest, item: dict[str, Json]) -> str | None:
    kind = KINDS.get(item.get("kind", ""))
    return None if kind is None else plain(sentence(kind, item, page.named))


def _label(name: str, item: dict[str, Json]) -> str:
    return field_in_words(name, item.get("kind")) or field_in_words(name) or name.replace("_", " ").capitalize()


def _in_words(page: PageRequest, name: str, value: Json) -> str:
    of = fields_of_all_kinds().get(name)
    if name == "modality":
        return str(MODALITY_IN_WORDS.get(value, value))
    if value is None:
        return "nothing"
    if of is None:
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    try:
        return plain(phrase(of, value, page.named))
    except (TypeError, AttributeError, KeyError):
        return text_of(of, value)
