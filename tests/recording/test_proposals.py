"""Four eyes: what a recorder sends waits until somebody else, an editor, has accepted it."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask.testing import FlaskClient

from events.log.proofs.verification import verify
from service.app import create_app
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import Api, api_of
from tests.fixtures.stories import Ticking
from tests.running.test_followers import rows, rows_after_rebuild

SOURCE = {
    "id": "paper",
    "title": "Paper",
    "publisher": "Gazette",
    "published": "2024-01-02",
    "text": "They agreed. Done.",
}
FACT = {
    "id": "agreed",
    "kind": "SwapAgreed",
    "subject": "swap",
    "occurred": "2024-01-01",
    "count_each": 5,
    "citations": [{"source": "paper", "exact": "They agreed."}],
}
CORROBORATION = {"citations": [{"source": "paper", "exact": "Done."}]}


@pytest.fixture
def chronology(database: str, tmp_path: Path) -> Iterator[Chronology]:
    chronology = Chronology(
        Settings(database=database, four_eyes="yes", signing_key=str(tmp_path / "key")), now=Ticking(), follows=True
    )
    yield chronology
    chronology.close()


@pytest.fixture
def recorder(chronology: Chronology) -> Api:
    api = api_of(chronology, "recorder")
    api.posted("/sources", SOURCE)
    return api


@pytest.fixture
def editor(chronology: Chronology) -> Api:
    return api_of(chronology, "editor")


def proposed(api: Api, path: str = "/facts", body: Any = FACT) -> str:
    answer = api.post(path, body)
    assert answer.status_code == 202, answer.text
    return str(answer.get_json()["proposal"])


def test_a_recorders_fact_waits_and_is_part_of_no_state(recorder: Api) -> None:
    proposed(recorder)

    assert recorder.get("/subjects/swap").status_code == 404
    assert recorder.get("/facts").get_json()["facts"] == []


def test_an_accepted_fact_carries_both_names(recorder: Api, editor: Api) -> None:
    name = proposed(recorder)
    answer = editor.post(f"/proposals/{name}/acceptance", None)

    assert answer.status_code == 201
    assert answer.get_json()["recorded"] == [{"id": "agreed", "position": 3}]
    entry = editor.get("/facts/agreed").get_json()["stream"][0]
    assert (entry["recorded_by"], entry["accepted_by"]) == ("the recorder", "the editor")
    assert editor.get("/subjects/swap").get_json()["status"]["value"] == "agreed"


def test_an_acceptance_says_the_position_of_the_last_event_that_it_wrote(
    recorder: Api, editor: Api, chronology: Chronology
) -> None:
    name = proposed(recorder)
    answer = editor.posted(f"/proposals/{name}/acceptance", None)

    assert answer["position"] == chronology.record.head() == 4


def test_an_editor_sees_what_waits_and_a_recorder_their_own(recorder: Api, editor: Api, chronology: Chronology) -> None:
    proposed(recorder)
    token = chronology.keyring.issue("another recorder", "recorder", "test")[1]
    other = Api(recorder.client, token)

    (waiting,) = editor.get("/proposals").get_json()["proposals"]
    assert waiting["proposed_by"] == "the recorder"
    assert waiting["chronicle"]["facts"][0]["citations"][0]["exact"] == "They agreed."
    assert len(recorder.get("/proposals").get_json()["proposals"]) == 1
    assert other.get("/proposals").get_json()["proposals"] == []


def test_nobody_accepts_their_own_and_no_recorder_accepts(recorder: Api, editor: Api, chronology: Chronology) -> None:
    name = proposed(recorder)
    chronology.keyring.revoke(chronology.keyring.issued()[0]["id"], "test")
    same = Api(recorder.client, chronology.keyring.issue("the recorder", "editor", "test")[1])

    assert recorder.post(f"/proposals/{name}/acceptance", None).status_code == 401
    assert api_of(chronology, "recorder").post(f"/proposals/{name}/acceptance", None).status_code == 403
    answer = same.post(f"/proposals/{name}/acceptance", None)
    assert (answer.status_code, "somebody else must accept it" in answer.text) == (409, True)


def test_nobody_accepts_their_own_under_another_name_that_the_provider_gives_them(
    recorder: Api, chronology: Chronology
) -> None:
    ada, as_another, somebody = (
        Api(recorder.client, chronology.keyring.issue(name, role, "https://id.example", subject=subject)[1])
        for name, role, subject in (("ada", "recorder", "7"), ("countess", "editor", "7"), ("babbage", "editor", "8"))
    )
    name = proposed(ada)

    answer = as_another.post(f"/proposals/{name}/acceptance", None)
    assert (answer.status_code, "somebody else must accept it" in answer.text) == (409, True)
    assert somebody.post(f"/proposals/{name}/acceptance", None).status_code == 201


def test_a_proposal_is_decided_once(recorder: Api, editor: Api) -> None:
    name = proposed(recorder)
    editor.posted(f"/proposals/{name}/rejection", {"reason": "the paper says otherwise"})

    for call, body in (("acceptance", None), ("rejection", {"reason": "no"})):
        assert editor.post(f"/proposals/{name}/{call}", body).status_code == 409
    assert editor.post("/proposals/nothing/acceptance", None).status_code == 404
    (rejected,) = editor.get("/proposals", state="rejected").get_json()["proposals"]
    assert (rejected["decided_by"], rejected["reason"]) == ("the editor", "the paper says otherwise")
    again = recorder.post("/facts", FACT)
    assert (again.status_code, "was rejected by the editor" in again.text) == (409, True)


def test_proposing_twice_is_one_proposal_and_repeating_what_is_recorded_needs_none(recorder: Api, editor: Api) -> None:
    first, again = proposed(recorder), proposed(recorder)
    editor.posted(f"/proposals/{first}/acceptance", None)

    assert first == again
    assert recorder.post("/facts", FACT).status_code == 200


def test_what_could_not_be_recorded_is_refused_at_once(recorder: Api) -> None:
    wrong = {**FACT, "id": "other", "citations": [{"source": "paper", "exact": "They disagreed."}]}
    answer = recorder.post("/facts", [FACT, wrong])

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/1/citations/0/exact"
    assert recorder.get("/proposals").get_json()["proposals"] == []


def test_what_cannot_be_recorded_any_more_is_refused_when_accepted_and_goes_on_waiting(
    recorder: Api, editor: Api
) -> None:
    name = proposed(recorder)
    editor.posted("/facts", {**FACT, "count_each": 6})
    answer = editor.post(f"/proposals/{name}/acceptance", None)

    assert answer.status_code == 409
    assert len(editor.get("/proposals").get_json()["proposals"]) == 1


def test_subjects_and_corroborations_of_a_recorder_wait_too(recorder: Api, editor: Api) -> None:
    editor.posted("/facts", FACT)
    described = proposed(recorder, "/subjects", {"id": "swap", "kind": "swap", "title": "A swap"})
    supported = proposed(recorder, "/facts/agreed/corroborations", CORROBORATION)
    for name in (described, supported):
        editor.posted(f"/proposals/{name}/acceptance", None)

    assert editor.get("/subjects/swap").get_json()["title"] == "A swap"
    entry = editor.get("/facts/agreed").get_json()["stream"][1]
    assert (entry["event"], entry["accepted_by"]) == ("FactCorroborated", "the editor")


def test_an_editors_fact_is_recorded_at_once(recorder: Api, editor: Api) -> None:
    assert editor.post("/facts", FACT).status_code == 201


def test_the_log_does_not_tell_what_was_only_proposed(recorder: Api, editor: Api) -> None:
    proposed(recorder)

    assert "They agreed." not in editor.get("/events", after=1).text
    assert "ChronicleProposed" in editor.get("/events", after=1).text


ASKED_BY_ALL = ("/events", "/facts", "/subjects", "/sources", "/replay", "/diff?from_position=0")
WORDS = ("waiting", "accepted", "rejected", "grounds")


def secret(word: str) -> dict[str, Any]:
    return {**FACT, "id": word, "subject": f"about-{word}", "note": f"the word {word}"}


def opened(api: Api, position: int, **environment: str) -> str:
    """The stored event at a position with all that the keys of its inclusion proof open."""
    asked = {"query_string": {"position": position}, "headers": api.headers, "environ_overrides": environment}
    answer = api.client.get("/api/v1/proofs/inclusion", **asked)
    assert answer.status_code == 200, answer.text
    proof = answer.get_json()
    sealed = json.loads(proof["leaf"])["state"].get("sealed", {})
    words = [proof["leaf"]]
    for label, key in proof["keys"].items():
        stored = base64.b64decode(sealed[label])
        words.append(AESGCM(bytes.fromhex(key)).decrypt(stored[:12], stored[12:], None).decode())
    return " ".join(words)


def test_what_was_proposed_is_for_editors_and_who_proposed_it_and_for_nobody_once_it_is_rejected(
    recorder: Api, editor: Api, chronology: Chronology
) -> None:
    proposed(recorder, body=secret("waiting"))
    accepted, rejected = (proposed(recorder, body=secret(each)) for each in ("accepted", "rejected"))
    editor.posted(f"/proposals/{accepted}/acceptance", None)
    editor.posted(f"/proposals/{rejected}/rejection", {"reason": "the word grounds"})
    client = recorder.client
    keyring = chronology.keyring
    other = Api(client, keyring.issue("another recorder", "recorder", "test")[1])
    public = Chronology(replace(chronology.settings, public_reading=True), now=chronology.now, follows=True)
    reader, admin, anybody = (api_of(chronology, role) for role in ("reader", "admin", None))
    everybody = [(each, {}) for each in (recorder, editor, admin, other, reader, anybody)]
    everybody.append((Api(create_app(public).test_client(), None), {"REMOTE_ADDR": "203.0.113.5"}))

    told: list[set[str]] = []
    for api, environment in everybody:
        texts = [opened(api, each, **environment) for each in range(1, chronology.record.head() + 1)]
        asked = {"headers": api.headers, "environ_overrides": environment, "buffered": True}
        texts += [api.client.get(f"/api/v1{path}", **asked).text for path in ASKED_BY_ALL]
        told.append({word for word in WORDS if any(f"the word {word}" in each for each in texts)})
    public.close()

    assert told[:3] == [{"waiting", "accepted"}, *[{"waiting", "accepted", "grounds"}] * 2]
    assert told[3:] == [{"accepted"}] * 4
    assert "the word rejected" not in editor.get("/proposals", state="rejected").text
    assert recorder.get("/proposals", state="rejected").get_json()["proposals"][0]["reason"] == "the word grounds"
    chronology.follower.catch_up()
    assert rows(chronology) == rows_after_rebuild(chronology)
    assert verify(chronology.record, {}).flaws == []


def test_the_reason_of_a_rejection_is_erased_like_other_words(
    recorder: Api, editor: Api, chronology: Chronology
) -> None:
    name = proposed(recorder)
    editor.posted(f"/proposals/{name}/rejection", {"reason": "Ada lied"})
    admin = api_of(chronology, "admin")
    admin.posted(f"/proposals/{name}/redactions", {"reason": "asked"})

    assert editor.get("/proposals", state="rejected").get_json()["proposals"][0]["reason"] == "redacted"
    assert "Ada lied" not in opened(admin, 3)
    assert admin.post("/proposals/nothing/redactions", {"reason": "asked"}).status_code == 404
    assert verify(chronology.record, {}).flaws == []


def test_words_of_a_redacted_source_are_gone_from_what_waits(
    recorder: Api, editor: Api, chronology: Chronology
) -> None:
    name = proposed(recorder)
    api_of(chronology, "admin").posted("/sources/paper/redactions", {"reason": "an order"})

    assert "They agreed." not in editor.get("/proposals").text
    assert editor.post(f"/proposals/{name}/acceptance", None).status_code == 409


def test_views_and_log_hold_after_facts_that_waited_for_words(
    recorder: Api, editor: Api, chronology: Chronology
) -> None:
    without = {name: FACT[name] for name in ("kind", "subject", "occurred", "count_each")}
    given, waits, rejected = (
        recorder.posted("/proposals", {**without, "occurred": f"2024-01-0{day}", "source": "paper"})["proposal"]
        for day in (1, 2, 3)
    )
    words = {"citations": [{"source": "paper", "exact": "They agreed."}]}

    proposed_so = recorder.post(f"/proposals/{given}/words", words)
    editor.posted(f"/proposals/{rejected}/rejection", {"reason": "Nobody says so."})
    chronology.follower.catch_up()

    assert proposed_so.status_code == 202
    assert [each["id"] for each in editor.get("/proposals", state="unsourced").get_json()["proposals"]] == [waits]
    assert editor.posted(f"/proposals/{proposed_so.get_json()['proposal']}/acceptance", None)["recorded"]
    assert editor.get("/subjects/swap").get_json()["status"]["value"] == "agreed"
    chronology.follower.catch_up()
    assert rows(chronology) == rows_after_rebuild(chronology)
    assert verify(chronology.record, {}).flaws == []


def test_views_and_log_hold_after_proposals(recorder: Api, editor: Api, chronology: Chronology) -> None:
    editor.posted(f"/proposals/{proposed(recorder)}/acceptance", None)
    proposed(recorder, "/facts/agreed/corroborations", CORROBORATION)
    chronology.follower.catch_up()

    assert rows(chronology) == rows_after_rebuild(chronology)
    assert verify(chronology.record, {}).flaws == []


def page_of(chronology: Chronology, role: str, name: str) -> FlaskClient:
    return page_with(chronology, chronology.keyring.issue(name, role, "test")[1])


def page_with(chronology: Chronology, token: str) -> FlaskClient:
    client = create_app(chronology).test_client()
    client.post("/sign-in", data={"token": token})
    return client


def decide(client: FlaskClient, name: str, **form: str) -> Any:
    form["csrf_token"] = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/proposals").text)[0]
    return client.post(f"/proposals/{name}", data=form)


def test_an_editor_reads_and_decides_on_the_page(recorder: Api, chronology: Chronology) -> None:
    first = proposed(recorder)
    second = proposed(recorder, body={**FACT, "id": "second", "subject": "other"})
    ada = page_of(chronology, "editor", "Ada")

    assert "They agreed." in ada.get("/proposals").text
    assert decide(ada, first, decision="accept").status_code == 303
    assert decide(ada, second, decision="reject", reason=" ").status_code == 422
    assert decide(ada, second, decision="reject", reason="told twice").status_code == 303
    assert decide(ada, second, decision="accept").status_code == 409
    assert "Nothing waits" in ada.get("/proposals").text
    assert "accepted by Ada" in ada.get("/facts/agreed").text


@pytest.mark.parametrize("after", ["-99999999999999999999999", "9" * 5000, "x", "-1"])
def test_a_place_that_is_none_in_what_waits_is_named_on_the_page(
    recorder: Api, chronology: Chronology, after: str
) -> None:
    answer = page_of(chronology, "editor", "Ada").get(f"/proposals?after={after}")

    assert answer.status_code == 422
    assert "is not the number of an entry of the log" in answer.text


def test_a_recorder_sees_what_waits_without_deciding_and_a_form_without_proof_decides_nothing(
    recorder: Api, chronology: Chronology
) -> None:
    name = proposed(recorder)
    ben = page_with(chronology, recorder.headers["Authorization"].removeprefix("Bearer "))
    ada = page_of(chronology, "editor", "Ada")

    assert "They agreed." in ben.get("/proposals").text
    assert 'value="accept"' not in ben.get("/proposals").text
    assert decide(ben, name, decision="accept").status_code == 403
    assert ada.post(f"/proposals/{name}", data={"decision": "accept"}).status_code == 403
