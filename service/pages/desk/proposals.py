"""The queue of proposals: what each says and would change; accepted, many at once too, or rejected."""

from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for

from events.errors import ChronologyError, Conflict
from projections.clocks import LARGEST_POSITION, Asked
from projections.read_models.proposals import Proposal, page_of_proposals, proposal
from service.databases.trials import Decide, what_each_would_change
from service.pages import error_pages
from service.pages.desk.proposed_items import items_of
from service.pages.request import PageRequest, number_in_address, page_request
from service.pages.wording.would_wording import change_in_words
from service.web.access import chronology, needs, recorder
from service.web.problems import status_of
from service.web.recording.deciding import accepted, decision_of, rejected
from service.wording.date_wording import short

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
