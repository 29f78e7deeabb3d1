"""The reading desk as it is asked: the page without JavaScript, what is offered for marked words, and what is answered."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from events.kinds.actor import ActorNamed
from events.kinds.swap import SwapAgreed
from service.databases.chronology import Chronology
from tests.conftest import api_of
from tests.fixtures.applications import app_on
from tests.fixtures.stories import Chronicle
from tests.trust.test_sign_in import signed_in

TEXT = (
    "Velia met the press on Tuesday. On Monday Velia and Morland agreed to swap 900 prisoners each.\n\n"
    "Viktor Olden of Velia proposed a new meeting for the end of this month."
)
SWAP = f"{TEXT.index('On Monday')}-{TEXT.index(' each') + 5}"
MEETING = f"{TEXT.index('Viktor')}-{len(TEXT)}"
FACT = "/desk/sources/press/fact"


@pytest.fixture
def desk(chronology: Chronology) -> Chronology:
    chronicle = Chronicle(chronology)
    chronicle.given(ActorNamed, "velia", name="Velia", type="state")
    chronicle.given(SwapAgreed, "may-swap", "agreed", parties=["velia"], count_each=850, occurred="2025-06-02")
    chronicle.report(id="press", text=TEXT, language="en", reported="2025-06-03")
    return chronology


def proof(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', client.get("/desk").text)
    assert found is not None
    return found[1]


def sent(client: FlaskClient, **typed: str) -> Any:
    return client.post(FACT, data={"csrf_token": proof(client), "act": "record", **typed})


def offered(page: str) -> dict[str, list[str]]:
    """The values that are offered, by field."""
    found: dict[str, list[str]] = {}
    for field, value in re.findall(r'data-fill="f-([\w-]+)" data-value="([^"]*)"', page):
        found.setdefault(field, []).append(value)
    return found


def test_the_page_shows_the_text_with_links_to_the_plain_forms_to_those_who_may_record(desk: Chronology) -> None:
    client, _ = signed_in(desk, "recorder")

    page = client.get("/desk/sources/press")

    assert page.status_code == 200
    assert page.text.count('class="sentence') == 3
    assert 'href="/desk/source/press/record"' in page.text
    assert 'href="/desk/sources/press"' in client.get("/sources/press").text
    assert app_on(desk).test_client().get("/desk/sources/press").status_code == 401
    assert client.get("/desk/sources/nowhere").status_code == 404


def test_marked_words_offer_kinds_dates_numbers_and_names_known_and_new(desk: Chronology) -> None:
    client, _ = signed_in(desk, "recorder")

    kinds = client.get(FACT, query_string={"marked": SWAP}).text
    swap = offered(client.get(FACT, query_string={"marked": SWAP, "kind": "SwapAgreed"}).text)
    meeting = client.get(FACT, query_string={"marked": MEETING, "kind": "MeetingProposed"}).text

    assert re.search(r'data-kind="SwapAgreed"[^>]*aria-keyshortcuts="1"', kinds)
    assert swap["occurred"][0] == "2025-06-02"
    assert swap["count_each"] == ["900"]
    assert swap["parties"][:2] == ["velia", "+Morland"]
    assert swap["subject"][-1].endswith(", 2 June 2025")
    assert offered(meeting)["proposed_for"] == ["[2025-06-21..2025-06-30]"]
    assert offered(meeting)["occurred"] == ["2025-06-03", "../2025-06-03"]
    assert "+Viktor Olden" in offered(meeting)["by"]
    assert "part of a month" in meeting


def test_kinds_about_anything_offer_a_new_matter_too_whose_kind_is_then_asked(desk: Chronology) -> None:
    client, _ = signed_in(desk, "recorder")
    form = offered(client.get(FACT, query_string={"marked": MEETING, "kind": "StatementMade"}).text)
    typed = {"marked": MEETING, "kind": "StatementMade", "subject": form["subject"][-1], "by": "velia", "gist": "More"}

    unsaid = sent(client, **typed, occurred="2025-06-03").get_json()
    made = sent(client, **typed, occurred="2025-06-03", subject_kind="talks", step="record")

    assert form["subject"][-2:] == ["+Viktor Olden", "+Matter, 3 June 2025"]
    assert unsaid["missing"] == ["Which is"]
    fact = api_of(desk, "reader").get(f"/facts/{made.get_json()['recorded']}").get_json()
    matter = api_of(desk, "reader").get(f"/subjects/{fact['subject']}").get_json()
    assert (matter["kind"], matter["title"]) == ("talks", "Matter, 3 June 2025")


def test_what_others_recorded_meanwhile_is_said_and_sent_again_it_is_recorded(desk: Chronology) -> None:
    client, _ = signed_in(desk, "recorder")
    words = {"act": "corroborate", "fact": "agreed", "version": "1", "marked": SWAP}
    note = {"kind": "reassessment", "reason": "Said twice.", "changes": {"note": "Twice."}}
    api_of(desk, "editor").posted("/facts/agreed/corrections", note)

    late = sent(client, **words, id="second", step="record")
    again = sent(client, **{**words, "version": str(late.get_json()["version"])}, id="second", step="record")

    assert late.status_code == 412
    assert late.get_json()["since"][0].endswith(": Said twice.")
    assert again.status_code == 201


def test_facts_like_the_marked_words_are_offered_for_a_second_source(desk: Chronology) -> None:
    client, _ = signed_in(desk, "recorder")

    like = client.get(FACT, query_string={"marked": SWAP, "act": "corroborate"})
    made = sent(client, act="corroborate", fact="agreed", version="1", id="second", marked=SWAP, step="record")

    assert 'data-fact="agreed"' in like.text
    assert (made.status_code, made.get_json()["recorded"]) == (201, "agreed")
    assert client.get(FACT, query_string={"marked": SWAP, "act": "dispute"}).status_code == 403
    citations = api_of(desk, "reader").get("/facts/agreed").get_json()["citations"]
    assert citations[-1]["source"] == "press"


def test_what_is_typed_is_told_as_a_sentence_with_what_it_would_change_and_what_is_wrong(desk: Chronology) -> None:
    client, _ = signed_in(desk, "recorder")
    typed = {"marked": SWAP, "kind": "SwapAgreed", "occurred": "Monday", "parties": "velia\n+Morland"}

    begun = sent(client, **typed).get_json()
    whole = sent(client, **typed, subject="+The June swap", count_each="not quite 400").get_json()
    wrong = sent(client, **typed, subject="may-swap", count_each="many", step="record")

    assert begun["missing"] == ["About"]
    assert "Velia and Morland" in begun["says"]
    assert "The June swap" in whole["would"], whole
    assert "350 to 399" in whole["says"]
    assert whole["read"]["f-occurred"] == "2 June 2025"
    assert wrong.status_code == 422
    assert "many" in wrong.get_json()["faults"]["f-count_each"]
    assert api_of(desk, "reader").get("/subjects/the-june-swap").status_code == 404


def test_new_names_become_subjects_when_the_fact_is_recorded_and_an_editor_accepts_what_is_sent(
    desk: Chronology,
) -> None:
    client, _ = signed_in(desk, "recorder")
    typed = {"marked": MEETING, "kind": "MeetingProposed", "subject": "+Late June", "by": "+Viktor Olden"}
    dated = {**typed, "occurred": "2025-06-03", "proposed_for": "end of this month"}

    made = sent(client, **dated, step="record")
    waits = sent(client, **{**dated, "by": "velia", "occurred": "2025-06-02"}, step="send")

    fact = api_of(desk, "reader").get(f"/facts/{made.get_json()['recorded']}").get_json()
    assert (fact["subject"], fact["fields"]["by"]) == ("late-june", "viktor-olden")
    assert fact["fields"]["proposed_for"] == "[2025-06-21..2025-06-30]"
    assert fact["citations"][0]["exact"] == TEXT[TEXT.index("Viktor") :]
    assert api_of(desk, "reader").get("/subjects/viktor-olden").get_json()["kind"] == "actor"
    assert waits.status_code == 202
    accepted = api_of(desk, "editor").post(f"/proposals/{waits.get_json()['proposal']}/acceptance", {})
    assert accepted.status_code == 201


def test_places_that_are_none_of_the_text_are_refused(desk: Chronology) -> None:
    client, _ = signed_in(desk, "recorder")

    for marked in ("", "5", "9-5", "0-99999", "30-31x"):
        assert client.get(FACT, query_string={"marked": marked}).status_code == 422, marked
