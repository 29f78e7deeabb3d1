"""The API's document: everything has a name, and every answer is as it is documented."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import api_of, on
from tests.fixtures.documents import API, Document
from tests.fixtures.stories import Ticking
from tests.truth.test_golden import questions

TEXT = "Kiev said on 2 January that 1,000 prisoners each would be handed over."
SOURCE = {"id": "gazette", "title": "Gazette", "publisher": "Gazette", "published": "2024-01-03", "text": TEXT}
CITED = [{"source": "gazette", "exact": "1,000 prisoners each"}]
FACT = {"id": "agreed", "kind": "SwapAgreed", "subject": "swap", "occurred": "2024-01-02", "count_each": 1000}
OURS = {"kind": "reassessment", "reason": "read again"}
ANSWERS = {"200", "201", "202"}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    chronology = Chronology(Settings(database=on("sqlite", tmp_path_factory.mktemp("document"))))
    yield api_of(chronology, None).get("/openapi.json").get_json()
    chronology.close()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method} {path}", {**operation, "in_path": methods.get("parameters", [])}


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]

    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch("[a-z]+(_[a-z]+)+", name)] == []


def test_every_answer_and_refusal_has_a_named_schema(document: dict[str, Any]) -> None:
    for asked, operation in operations(document):
        answers = operation["responses"]
        assert ANSWERS & set(answers) or set(answers) & {"204"}, asked
        for status, answer in answers.items():
            kinds = answer.get("content", {})
            assert kinds or status == "204", (asked, status)
            for kind, content in kinds.items():
                assert re.fullmatch(r"#/components/schemas/\w+", content["schema"]["$ref"]), (asked, status)
                assert (kind == "application/problem+json") == (status not in ANSWERS), (asked, status)


def test_every_parameter_and_every_answer_says_what_it_is(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for asked, operation in operations(document):
        for parameter in (*operation["in_path"], *operation.get("parameters", [])):
            assert parameter.get("description"), (asked, parameter["name"])
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                assert schemas[content["schema"]["$ref"].rpartition("/")[2]].get("description"), asked


def test_every_list_says_what_it_holds(document: dict[str, Any]) -> None:
    def lists(schema: Any) -> Iterator[dict[str, Any]]:
        if isinstance(schema, dict):
            if schema.get("type") == "array":
                yield schema
            for each in schema.values():
                yield from lists(each)
        elif isinstance(schema, list):
            for each in schema:
                yield from lists(each)

    assert [each for each in lists(document) if "items" not in each] == []


class Teller:
    """Clients of every role, each of whose answers must be as the document has it."""

    def __init__(self, chronology: Chronology) -> None:
        app = create_app(chronology)
        self._client = app.test_client()
        issued = {role: chronology.keyring.issue(role, role, "test")[1] for role in ("recorder", "admin")}
        self._tokens = {role: {"Authorization": f"Bearer {token}"} for role, token in issued.items()}
        self.document = Document(app, self._client.get(f"{API}/openapi.json").get_json())

    def __call__(
        self, method: str, path: str, body: Any = None, *, role: str = "admin", status: int = 200, **query: Any
    ) -> Any:
        answer = self._client.open(
            f"{API}{path}", method=method, json=body, query_string=query, headers=self._tokens[role], buffered=True
        )
        assert answer.status_code == status, answer.get_data(as_text=True)
        self.document.check(method, f"{API}{path}", status, answer.content_type or "", answer.get_data())
        return answer.get_json(silent=True)


def record(ask: Teller) -> None:
    ask("POST", "/sources", SOURCE, status=201)
    ask("POST", "/sources", SOURCE)
    original = {"media_type": "text/plain", "name": "paper.txt", "base64": "U28gdGhleSBzYWlkLg=="}
    filed = {"id": "filed", "title": "Filed", "publisher": "Filer", "text": "So they said.", "original": original}
    ask("POST", "/sources", filed, status=201)
    ask("POST", "/documents", ["Both sides spoke for two hours."], name="talks.txt")
    ask("POST", "/subjects", {"id": "swap", "kind": "swap", "title": "The swap"}, status=201)
    ask("POST", "/facts", {**FACT, "citations": CITED}, check="yes")
    ask("POST", "/facts", {**FACT, "citations": CITED}, status=201)
    ask("POST", "/facts", {**FACT, "citations": CITED})
    others = [
        {**FACT, "id": f"other-{n}", "subject": subject, "citations": CITED, "count_each": n, "modality": modality}
        for n, (subject, modality) in enumerate([("swap", "actual"), ("exchange", "actual"), ("swap", "denied")], 1)
    ]
    ask("POST", "/facts", others, status=201)
    ask("POST", "/facts", {"kind": "SwapAgreed"}, status=422)


def amend(ask: Teller) -> None:
    ask("POST", "/facts/agreed/corroborations", {"citations": CITED}, status=201)
    ask("POST", "/facts/agreed/disputes", {"citations": CITED, "changes": {"count_each": 900}}, check="yes")
    ask("POST", "/facts/agreed/disputes", {"citations": CITED, "changes": {"count_each": 900}}, status=201)
    ask("POST", "/facts/agreed/corrections", {**OURS, "changes": {"note": "as said"}}, status=201)
    ask("POST", "/facts/agreed/amendments/3/withdrawal", OURS, status=201)
    ask("POST", "/facts/agreed/retractions", OURS, status=201)
    ask("POST", "/facts/agreed/retractions", OURS, status=409)
    ask("POST", "/facts/agreed/reinstatements", OURS, status=201)
    verdict = {"finding": "count_each", "prefers": "agreed", "reason": "it is the agreement itself"}
    ask("POST", "/subjects/swap/verdicts", {**verdict, "prefers": "elsewhere"}, status=422)
    ask("POST", "/subjects/swap/verdicts", verdict, status=201)
    ask("POST", "/subjects/swap/verdicts", {**verdict, "prefers": None}, status=201)
    ask("POST", "/subjects/swap/verdicts/2/withdrawal", OURS, status=201)
    ask("POST", "/subjects/exchange/merges", {**OURS, "into": "swap"}, status=201)
    ask("POST", "/subjects/exchange/regroupings/1/withdrawal", OURS, status=201)
    ask("POST", "/subjects/swap/splits", {**OURS, "into": "other-swap", "facts": ["other-1"]}, status=201)
    ask("POST", "/sources/gazette/corrections", {**OURS, "changes": {"title": "The Gazette"}}, status=201)
    revision = {"text": "Nothing is left.", "retrieved_at": "2024-02-01"}
    assert ask("POST", "/sources/gazette/revisions", revision, status=201)["lost"]
    gone = ask("POST", "/sources/gazette/withdrawals", {"reason": "taken back"}, status=201)
    assert gone["rested"]
    ask("POST", f"/sources/gazette/withdrawals/{gone['n']}/withdrawal", OURS, status=201)
    ask("POST", "/sources/gazette/withdrawals", {"reason": "taken back again"}, status=201)


def ask_everything(ask: Teller) -> None:
    swap = ask("GET", "/subjects/swap")
    assert swap["status"]["marks"]
    assert swap["fields"]["count_each"]["rivals"]
    assert ask("GET", "/subjects/exchange", position=10)["id"] == "exchange"
    assert ask("GET", "/subjects/swap/values")["fields"]
    ask("GET", "/subjects/nothing", status=404)
    for path in ("/subjects", "/values", "/facts", "/sources", "/sources/gazette/facts"):
        assert ask("GET", path, limit=1)["asked"]["zone"] == "UTC"
    ask("GET", "/citations", standing="gone")
    ask("GET", "/agenda")
    for path in ("/facts.csv", "/values.ndjson", "/agenda.ics", "/spans.csv", "/audit/swap/count_each.ttl"):
        ask("GET", path)
    assert ask("GET", "/kinds")["common"]
    assert ask("GET", "/kinds/SwapAgreed")["fields"]
    ask("GET", "/kinds/SwapBlessed", status=404)
    ask("GET", "/chronicle")
    ask("POST", "/chronicle", {"sources": []})
    ask("POST", "/chronicle", {"facts": [{"kind": "SwapAgred"}]}, check="yes")
    assert ask("GET", "/search", q="swap")["subjects"]
    ask("POST", "/suggestions", {"text": "On Monday 5 met.", "published": "2025-06-02", "marked": [[0, 9]]})
    ask("GET", "/names", q="um")
    ask("POST", "/checks", {"addresses": ["/subjects/swap?position=3", "/facts/agreed?position=4"]})
    ask("GET", "/feed.atom", subject="swap")
    made = ask("POST", "/hooks", {"url": "https://hooks.example/", "subject": "swap"}, status=201)
    ask("POST", "/hooks", {"url": "https://elsewhere.example/"}, status=422)
    assert ask("GET", "/hooks")["hooks"]
    ask("POST", f"/hooks/{made['id']}/resumption")
    ask("DELETE", f"/hooks/{made['id']}", status=204)
    ask("GET", "/sources/gazette")
    ask("GET", "/sources/gazette/text")
    ask("GET", "/sources/filed")
    ask("GET", "/sources/filed/original")
    assert ask("GET", "/facts/agreed")["visible"]
    assert not ask("GET", "/facts/agreed", reported_until="2023-01-01")["visible"]
    for by in ("recorded", "reported"):
        assert ask("GET", "/subjects/swap/understanding", by=by)["steps"]
        ask("GET", "/replay", by=by)
    ask("GET", "/subjects/swap/timemap")
    assert ask("GET", "/diff", from_position=4)["differences"]
    ask("GET", "/events")
    ask("GET", "/audit/swap/count_each")
    for path in ("/checkpoint", "/checkpoint/key"):
        ask("GET", path)
    ask("GET", "/proofs/inclusion", position=2)
    ask("GET", "/proofs/consistency", first=2)


def erase(ask: Teller) -> None:
    ask("POST", "/facts/agreed/redactions", {"reason": "a name"}, status=201)
    ask("POST", "/sources/gazette/redactions", {"reason": "a name"}, status=201)
    ask("POST", "/subjects/exchange/redactions", {"reason": "a name"}, status=201)
    assert ask("GET", "/facts/agreed")["redaction"]
    assert ask("GET", "/sources/gazette")["redaction"]


def decide(ask: Teller) -> None:
    proposed = [
        ask("POST", "/subjects", {"id": f"talks-{n}", "kind": "talks"}, role="recorder", status=202) for n in range(3)
    ]
    ask("POST", f"/proposals/{proposed[0]['proposal']}/acceptance", status=201)
    ask("POST", f"/proposals/{proposed[1]['proposal']}/rejection", {"reason": "no"}, status=201)
    ask("POST", f"/proposals/{proposed[1]['proposal']}/redactions", {"reason": "a name"}, status=201)
    lacking = [
        ask(
            "POST",
            "/proposals",
            {"kind": "TalksBegan", "subject": f"lacking-{n}", "occurred": "2025-03-03"},
            status=201,
        )
        for n in range(2)
    ]
    ask("POST", "/sources", {"id": "late", "title": "Late", "publisher": "Late", "text": "They began."}, status=201)
    words = {"citations": [{"source": "late", "exact": "They began."}]}
    ask("POST", f"/proposals/{lacking[0]['proposal']}/words", words, status=201)
    for state in ("waiting", "unsourced", "accepted", "rejected"):
        assert ask("GET", "/proposals", state=state)["proposals"]
    token = ask("POST", "/tokens", {"name": "Ann", "role": "reader", "days": 1}, status=201)["id"]
    ask("DELETE", f"/tokens/{token}", status=204)
    assert ask("GET", "/tokens")["tokens"]


def test_every_operation_answers_as_it_is_documented(database: str, tmp_path: Path) -> None:
    key = str(tmp_path / "signing-key")
    settings = Settings(database=database, signing_key=key, four_eyes="yes", hook_hosts="hooks.example")
    chronology = Chronology(settings, now=Ticking(), follows=True)
    ask = Teller(chronology)

    for tell in (record, amend, ask_everything, erase, ask_everything_of_erased, decide):
        tell(ask)
    chronology.close()

    assert {operation for operation, _ in ask.document.answered} == set(ask.document.operations)


def ask_everything_of_erased(ask: Teller) -> None:
    for path in ("/subjects/swap", "/facts", "/sources", "/audit/swap/count_each", "/events"):
        ask("GET", path)


def test_the_answers_recorded_over_the_sample_are_as_they_are_documented(sqlite_chronology: Chronology) -> None:
    app = create_app(sqlite_chronology)
    document = Document(app, app.test_client().get(f"{API}/openapi.json").get_json())

    for question in questions():
        answer, status = question["answer"], question["status"]
        lines = isinstance(answer, list)
        kind = "application/x-ndjson" if lines else "application/json" if status == 200 else "application/problem+json"
        text = "\n".join(map(json.dumps, answer)) if lines else json.dumps(answer)
        document.check("GET", f"{API}{question['path']}", status, kind, text.encode())
