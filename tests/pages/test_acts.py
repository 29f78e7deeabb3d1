"""Recording and amending in the browser: each act that the API allows has a form, and each role sees just its own."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.auth.roles import ROLES
from service.databases.chronology import Chronology
from service.pages.desk.forms.acts import ACTS
from tests.conftest import Api
from tests.pages.forms import Page

PAPER = {
    "id": "paper",
    "title": "Paper",
    "publisher": "Gazette",
    "published": "2024-01-02",
    "text": "They agreed on 339. It was over on the third. Nobody said more.",
}
POST = {
    "id": "post",
    "title": "Post",
    "publisher": "Post",
    "published": "2024-01-03",
    "text": "They agreed on 400. All agreed.",
}
FACT = {
    "id": "agreed",
    "kind": "SwapAgreed",
    "subject": "swap",
    "occurred": "2024-01-01",
    "count_each": 339,
    "citations": [{"source": "paper", "exact": "They agreed on 339."}],
}
NOT_HERE = {
    "documents.read_a_document",
    "sources.register_source",
    "chronicle.import_chronicle",
    "proposals.accept_proposal",
    "proposals.reject_proposal",
    "proposals.propose_fact",
    "tokens.issue_token",
    "hooks.add_hook",
    "hooks.resume_hook",
}
"""Operations with pages of their own, and those that no form of an act does."""
OURS = {"kind": "reassessment", "reason": "We looked again."}
ELSEWHERE = {"citations__0__source": "post", "citations__0__exact": "All agreed."}


@pytest.fixture
def chronology(sqlite_chronology: Chronology) -> Chronology:
    return sqlite_chronology


@pytest.fixture
def app(chronology: Chronology) -> Flask:
    return create_app(chronology)


def browser(app: Flask, role: str, name: str) -> FlaskClient:
    client = app.test_client()
    token = app.extensions["desk"].keyring.issue(name, role, "test")[1]
    assert client.post("/sign-in", data={"token": token}).status_code == 303
    return client


@pytest.fixture
def api(app: Flask, chronology: Chronology) -> Api:
    token = chronology.keyring.issue("the script", "admin", "test")[1]
    api = Api(app.test_client(), token)
    for path, body in (("/sources", PAPER), ("/sources", POST), ("/facts", FACT)):
        api.posted(path, body)
    return api


@pytest.fixture
def admin(app: Flask, api: Api) -> FlaskClient:
    return browser(app, "admin", "Ada")


def menu(client: FlaskClient, path: str) -> set[str]:
    page = client.get(path).text
    found = re.search(r'<nav class="acts-menu".*?</nav>', page, re.DOTALL)
    return set(re.findall(r'href="([^"]*)"', found[0])) if found else set()


def test_every_act_of_the_api_has_a_form_and_every_role_sees_and_may_just_its_own(app: Flask, api: Api) -> None:
    operations = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.rule.startswith("/api/v1")
        if getattr(app.view_functions[rule.endpoint], "needs", "reader") != "reader"
    }
    assert {act.operation for acts in ACTS.values() for act in acts} == operations - NOT_HERE

    things = {"fact": ("agreed", "/facts/agreed"), "source": ("paper", "/sources/paper")}
    things["subject"] = ("swap", "/subjects/swap")
    for role in ROLES:
        client = browser(app, role, f"somebody of role {role}")
        for of, (name, path) in things.items():
            with app.app_context():
                may = {act.name for act in ACTS[of] if ROLES.index(role) >= ROLES.index(act.role)}
            assert menu(client, path) == {f"/desk/{of}/{name}/{each}" for each in may}, (role, of)
            for act in ACTS[of]:
                address = f"/desk/{of}/{name}/{act.name}"
                expected = 200 if act.name in may else 403
                found = client.get(address, query_string={"kind": "SwapCompleted"} if act.name == "record" else {})
                assert found.status_code == expected, (role, address)
                if expected == 403:
                    proof = re.search(r'name="csrf_token" value="(\w+)"', client.get("/sources").text)
                    sent = {"csrf_token": proof[1] if proof else "", "step": "record", "reason": "x"}
                    assert client.post(address, data=sent).status_code == 403, (role, address)


def test_each_act_is_done_through_its_form(admin: FlaskClient, api: Api) -> None:
    def act(of: str, name: str, called: str, **typed: Any) -> str:
        return Page(admin, f"/desk/{of}/{name}/{called}").recorded(**typed)

    def stream() -> list[str]:
        return [each["event"] for each in api.get("/facts/agreed").get_json()["stream"]]

    form = Page(admin, "/desk/subject/swap/record?kind=SwapCompleted")
    words = {"citations__0__source": "paper", "citations__0__exact": "It was over on the third."}
    new = form.recorded(occurred="3 January 2024", count_each="from 300 to 339", **words)
    act("fact", "agreed", "corroborate", **ELSEWHERE)
    act("fact", "agreed", "correct", changes__count_each="340", changes__parties="north\nsouth", **OURS)
    act("fact", "agreed", "dispute", changes__count_each="400", **ELSEWHERE)
    act("fact", "agreed", "retract", **OURS)
    act("fact", "agreed", "reinstate", **OURS)
    act("fact", "agreed", "withdraw-amendment", withdraw="2", **OURS)
    assert stream() == [
        *("FactRecorded", "FactCorroborated", "FactCorrected", "FactDisputed", "FactRetracted", "FactReinstated"),
        "AmendmentWithdrawn",
    ]
    completed = api.get("/subjects/swap").get_json()
    assert completed["status"]["value"] == "completed"
    assert completed["fields"]["count_each"]["value"] == {"low": 300, "high": 339}

    done = new.rpartition("/")[2]
    act("fact", done, "dispute", changes__count_each="400", **ELSEWHERE)
    judged = Page(admin, "/desk/subject/swap/judge")
    side = next(each for each in judged.choices["judged"] if f"{done}#1" in each)
    judged.recorded(judged=side, reason="The paper counted.")
    act("subject", "swap", "undo-verdict", withdraw="1", **OURS)
    act("subject", "swap", "split", into="other", facts=["agreed"], **OURS)
    act("subject", "swap", "undo-regrouping", withdraw="3", **OURS)
    act("subject", "swap", "describe", title="The swap", kind="swap")
    act("subject", "other", "merge", into="swap", **OURS)
    act("source", "paper", "correct", changes__publisher="The Gazette", **OURS)
    act("source", "paper", "withdraw", reason="It was taken back.")
    act("source", "paper", "undo-withdrawal", withdraw="2", **OURS)
    act("source", "paper", "revise", text="They agreed on 339.", retrieved_at="2024-02-01T00:00:00Z")
    found = api.get("/sources/paper").get_json()
    assert (found["publisher"], len(found["versions"]), found["withdrawn"]) == ("The Gazette", 2, False)
    act("fact", "agreed", "redact", reason="A court asked for it.")
    assert api.get("/facts/agreed").get_json()["redaction"]["reason"] == "A court asked for it."


def test_a_changed_text_says_first_which_words_it_would_lose(admin: FlaskClient) -> None:
    form = Page(admin, "/desk/source/paper/revise")
    looked = form.sent("check", text="Nobody said more. " * 20_000, retrieved_at="2024-02-01T00:00:00Z")

    assert form.fields["text"] == PAPER["text"]
    assert "These words do not stand in the text as it reads now. What rests on them is marked:" in looked.text
    assert "They agreed on 339." in looked.text


def test_what_is_refused_is_said_beside_its_field_and_nothing_typed_is_lost(admin: FlaskClient, api: Api) -> None:
    form = Page(admin, "/desk/subject/swap/record?kind=SwapCompleted")
    typed = {"occurred": "the other day", "count_each": "many", "citations__0__source": "paper"}
    refused = form.sent("check", **typed, citations__0__exact="They never did.")

    assert refused.status == 422
    assert refused.faults().keys() == {"occurred", "count_each"}
    assert refused.fields["citations.0.exact"] == "They never did."
    again = refused.sent("check", occurred="2024-01-03", count_each="")
    assert "citations-0-exact" in again.faults()
    assert len(api.get("/facts").get_json()["facts"]) == 1


def test_what_was_changed_after_it_was_shown_is_shown_again_before_it_is_recorded(admin: FlaskClient, api: Api) -> None:
    shown = Page(admin, "/desk/fact/agreed/retract").sent("check", **OURS)
    other = shown.sent("record", reason="Another reason.")

    assert other.status == 200
    assert "What it would change" in other.text
    assert len(api.get("/facts/agreed").get_json()["stream"]) == 1


def test_of_two_editors_on_one_fact_one_wins_and_the_other_loses_no_typing(
    app: Flask, admin: FlaskClient, api: Api
) -> None:
    another = browser(app, "editor", "Boris")
    mine, theirs = (Page(each, "/desk/fact/agreed/correct") for each in (admin, another))
    looked = mine.sent("check", changes__note="As the desk has it.", **OURS)
    theirs.recorded(changes__count_each="341", kind="transcription_error", reason="Misread.")

    late = looked.sent("record")
    assert late.status == 412
    assert "It has changed since you opened this form" in late.text
    assert "correction" in late.text
    assert "by Boris: Misread." in late.text
    assert late.fields["changes.note"] == "As the desk has it."
    assert late.fields["changes.count_each"] == "341"
    late.recorded()
    fact = api.get("/facts/agreed").get_json()
    assert (fact["note"], fact["fields"]["count_each"]) == ("As the desk has it.", {"best": 341})


def test_a_form_that_is_sent_twice_records_once(admin: FlaskClient, api: Api) -> None:
    looked = Page(admin, "/desk/fact/agreed/retract").sent("check", **OURS)

    assert [looked.sent("record").status for _ in range(2)] == [303, 303]
    assert len(api.get("/facts/agreed").get_json()["stream"]) == 2


def test_actors_are_typed_by_name_and_passages_are_added_one_by_one(admin: FlaskClient, api: Api) -> None:
    api.posted("/subjects", {"id": "north", "kind": "actor", "title": "The North"})
    form = Page(admin, "/desk/subject/swap/record?kind=SwapAgreed").sent(
        "more", parties="the north\nsouth", occurred="2024-01-01", citations__0__source="paper"
    )
    form.recorded(
        **{"citations.0.exact": "They agreed on 339.", "citations.1.source": "post", "citations.1.exact": "All agreed."}
    )

    fact = next(each for each in api.get("/facts").get_json()["facts"] if each["id"] not in ("agreed", "subject:north"))
    assert fact["fields"]["parties"] == ["north", "south"]
    assert [each["source"] for each in fact["citations"]] == ["paper", "post"]


@pytest.fixture
def strict(chronology: Chronology, api: Api) -> Iterator[Flask]:
    """The same desk, where four eyes cover everything."""
    settings = replace(chronology.settings, four_eyes="all")
    strict = Chronology(settings, now=chronology.now, follows=True)
    yield create_app(strict)
    strict.close()


def proposal_of(where: str) -> str:
    return where.rpartition("#p-")[2]


def test_four_eyes_cover_sources_amendments_and_what_editors_do_themselves(strict: Flask) -> None:
    ada, boris, rita = (
        browser(strict, role, name) for role, name in (("editor", "Ada"), ("editor", "Boris"), ("recorder", "Rita"))
    )
    text = {"text": "They agreed on 340.", "retrieved_at": "2024-02-01T00:00:00Z"}
    revision = Page(rita, "/desk/source/paper/revise").recorded(**text)
    retraction = Page(ada, "/desk/fact/agreed/retract").recorded(**OURS)
    names = [proposal_of(each) for each in (revision, retraction)]

    page = Page(ada, "/proposals")
    assert "Take in a changed text" in page.text
    assert "Retract" in page.text
    assert "If recorded, this changes" in page.text
    assert "It is yours: somebody else must accept it." in page.text
    assert names[1] not in Page(rita, "/proposals").answer.text
    assert Page(ada, "/proposals").choices.get("chosen") is None
    accepted = boris.post(
        "/proposals", data={"csrf_token": Page(boris, "/proposals").fields["csrf_token"], "chosen": names}
    )
    assert "2 proposals are accepted." in " ".join(re.sub(r"<[^>]*>", " ", accepted.text).split())
    assert Api(boris, None).get("/facts/agreed").get_json()["retracted"]
    assert len(Api(boris, None).get("/sources/paper").get_json()["versions"]) == 2


def test_of_two_editors_on_one_proposal_one_wins_and_the_other_sees_what_happened(strict: Flask) -> None:
    ada, boris, rita = (
        browser(strict, role, name) for role, name in (("editor", "Ada"), ("editor", "Boris"), ("recorder", "Rita"))
    )
    name = proposal_of(Page(rita, "/desk/fact/agreed/corroborate").recorded(**ELSEWHERE))
    proofs = [re.findall(r'name="csrf_token" value="(\w+)"', each.get("/proposals").text)[0] for each in (ada, boris)]
    one = ada.post(f"/proposals/{name}", data={"csrf_token": proofs[0], "decision": "accept"})
    two = boris.post(
        f"/proposals/{name}", data={"csrf_token": proofs[1], "decision": "reject", "reason": "The words are thin."}
    )

    assert (one.status_code, two.status_code) == (303, 409)
    assert "Ada has accepted it already" in two.text
    assert "You had typed: The words are thin." in two.text
