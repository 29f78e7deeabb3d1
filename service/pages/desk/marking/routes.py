"""The reading desk of a source: its text to be marked, the fact at hand, and its recording."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, g, render_template, request, url_for

from events.errors import ChronologyError, Invalid
from projections.clocks import Asked
from projections.queries.evidence.facts import facts_citing
from projections.read_models.proposals import page_of_proposals
from service.pages import error_pages
from service.pages.desk.forms.act_fields import is_recorded
from service.pages.desk.forms.acts import ACTS
from service.pages.desk.forms.fact_fields import kinds_by_subject_kind
from service.pages.desk.marking.answers import answered
from service.pages.desk.marking.fact_at_hand import (
    act_asked,
    fact_at_hand,
    facts_like,
    facts_so_far,
)
from service.pages.desk.marking.passages import Reading, marked_in, read_around, reading_of
from service.pages.desk.marking.sentences import paragraphs_of
from service.pages.desk.marking.typed_facts import Sent, form_sent
from service.pages.request import PageRequest
from service.web.access import chronology, needs, takes_large_forms
from service.web.problems import status_of
from service.web.recording.sending import change_by, record_or_propose, sent_to_an_editor
from service.web.responses import answer

_MOST_WAITING = 50

routes = error_pages.blueprint("marking")


@contextmanager
def _page() -> Iterator[PageRequest]:
    """The desk reads what stands now, with what it has just recorded."""
    with chronology().ask(Asked(at="now"), fresh=True) as (snapshot, clocks):
        yield PageRequest(snapshot, clocks, {}, "now")


@routes.get("/desk/sources/<name>")
@needs("recorder")
def read(name: str) -> str:
    """The text on the left; without JavaScript, beside it links to the plain forms."""
    with _page() as page:
        reading = reading_of(page, name)
        cited = _cited(page, reading)
        spans = [(each["start"], each["end"]) for _, each in cited if "start" in each and not each.get("redacted")]
        paragraphs = paragraphs_of(reading.text, spans)
        return render_template(
            "desk/reading.html",
            source=reading.noted,
            version=reading.version,
            paragraphs=paragraphs,
            sentences=sum(map(len, paragraphs)),
            facts=facts_so_far(page, cited),
            waiting=_waiting(page, name),
            may_dispute=any(each.name == "dispute" and g.bearer.may(each.role) for each in ACTS["fact"]),
        )


def _waiting(page: PageRequest, name: str) -> list[tuple[str, str]]:
    """The first passages of the source that wait for a kind: each proposal with its words."""
    found, _ = page_of_proposals(page.snapshot, "uncoded", None, 0, _MOST_WAITING, name)
    passages = [(each["id"], each["chronicle"]) for each in found]
    return [(name, said["passages"][0]["citations"][0]["exact"]) for name, said in passages if isinstance(said, dict)]


def _cited(page: PageRequest, reading: Reading) -> list[tuple[str, Any]]:
    found = facts_citing(page.snapshot, reading.source, page.clocks.position)
    return [(fact, citation) for fact, citation in found if citation["version"] == reading.version]


@routes.get("/desk/sources/<name>/fact")
@needs("recorder")
def hand(name: str) -> str:
    """What stands beside the text for marked words: kinds, facts like them, or the form of the fact at hand."""
    asked = {each: str(text) for each, text in request.args.items()}
    with _page() as page:
        reading = reading_of(page, name)
        places = marked_in(reading, asked.get("marked", ""))
        if not places:
            raise Invalid.at("/marked", "no words are marked")
        found = read_around(page, reading, places)
        words = [reading.text[start:end] for start, end in places]
        beside = {"reading": reading, "words": words, "marked": asked["marked"]}
        if asked.get("act", "record") != "record" and "fact" not in asked:
            return render_template(
                "desk/like.html", act=act_asked(asked["act"])[0], facts=facts_like(page, found), **beside
            )
        if asked.get("act", "record") == "record" and "kind" not in asked:
            kinds = {"kinds": found.suggested["kinds"], "groups": kinds_by_subject_kind(None)}
            return render_template("desk/kinds.html", **kinds, facts=facts_like(page, found)[:1], **beside)
        lately = [each["subject"] for each in facts_so_far(page, _cited(page, reading))]
        return render_template("desk/fact.html", **fact_at_hand(page, reading, found, asked, lately), **beside)


@routes.post("/desk/sources/<name>/fact")
@needs("recorder")
@takes_large_forms
def do(name: str) -> Response:
    """Say what the fact at hand would change; or record it, or send it to an editor."""
    typed = {each: "\n".join(texts).replace("\r\n", "\n") for each, texts in request.form.lists()}
    act, of = act_asked(typed.get("act", "record"))
    on = name if of == "source" else typed.get("fact", "")
    with _page() as page:
        reading = reading_of(page, name)
        if of == "fact" and is_recorded(page, of, on, typed.get("id", "")):
            return answer({"recorded": on, "href": url_for("pages.fact", name=on)})
        try:
            sent = form_sent(page, reading, act, of, on, typed)
        except ChronologyError as error:
            plain = form_sent(page, reading, act, of, on, {**typed, "subject": ""})
            return answer(answered(page, plain, None, error), status_of(error))
    return _done(sent, typed.get("step", "check"))


def _done(sent: Sent, step: str) -> Response:
    change, refused = None, None
    try:
        decide = sent.form.decision()
        if step != "check":
            return _kept(
                sent, (sent_to_an_editor if step == "send" else record_or_propose)(decide, sent.form.chronicle)
            )
        change = change_by(decide)
    except ChronologyError as error:
        refused = error
    status = 200 if refused is None or step == "check" else status_of(refused)
    with _page() as page:
        return answer(answered(page, sent, change, refused), status)


def _kept(sent: Sent, outcome: Any) -> Response:
    receipts, proposal = outcome
    if proposal is not None:
        return answer({"proposal": proposal.id, "href": url_for("desk.waiting", _anchor=f"p-{proposal.id}")}, 202)
    facts = [each.id for each in receipts if not each.id.startswith("subject:")]
    fact = facts[-1] if sent.form.act.item == "facts" else sent.form.name
    return answer({"recorded": fact, "href": url_for("pages.fact", name=fact)}, 201)
