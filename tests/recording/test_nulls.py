"""Null and emptiness: in any place of any body they are refused or say nothing, and no answer shows what it may not."""

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from events.errors import NotFound
from events.facts import ENVELOPE, KINDS, fields_of
from service.app import create_app
from service.chronicle.file import ParsedChronicle, chronicle_in
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import Api
from tests.fixtures.stories import Ticking

OURS = {"id": "ours", "kind": "reassessment", "reason": "We judge anew."}
CITATION = {"source": "paper", "version": 1, "exact": "It is done.", "prefix": "each. ", "suffix": ""}
CITATION["translation"] = {"language": "uk", "text": "Готово."}
AMENDMENT = {**OURS, "citations": [CITATION]}
VALUES: dict[str, Any] = {
    "text": "some words",
    "texts": ["one", "two"],
    "actor": "arvenia",
    "actors": ["arvenia", "belmark"],
    "subject": "whole",
    "count": {"low": 1, "best": 2, "high": 3},
    "counts": {"arvenia": {"low": 1, "best": 2, "high": 3}},
    "date": "2024-01-01",
    "integer": 1,
    "flag": True,
    "zone": "Europe/Kyiv",
    "modality": "actual",
    "credibility": "B2",
    "actor type": "state",
}
Member = tuple[Any, ...]
Case = tuple[str, dict[str, Any]]


class Asking:
    """An admin who holds every answer against the API's own document."""

    def __init__(self, chronology: Chronology) -> None:
        self.chronology = chronology
        token = chronology.keyring.issue("the admin", "admin", "test")[1]
        self.api = Api(create_app(chronology).test_client(), token)
        self.document = self.api.get("/openapi.json").get_json()
        self._validators: dict[tuple[str, str, str], Draft202012Validator] = {}
        self._numbers = count(1)
        self.known: set[str] = set()
        self.touched: set[str] = set()
        self.examined = 0

    def taken(self, path: str) -> dict[str, Any]:
        """The schema of what a call takes; of facts, that of one of any kind."""
        content = self.document["paths"][f"/api/v1{path}"]["post"]["requestBody"]["content"]
        return dict(content["application/json"]["schema"])

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def fresh(self) -> str:
        return f"n{next(self._numbers)}"

    def check(self, method: str, path: str, answer: Any) -> Any:
        """The answer's JSON, which must be what the document says of that status."""
        status, body = str(answer.status_code), answer.get_json()
        assert answer.status_code < 500, (path, body)
        key = (method, path, status)
        if key not in self._validators:
            described = self.document["paths"][f"/api/v1{path}"][method]["responses"][status]["content"]
            schema = {"components": self.document["components"], **next(iter(described.values()))["schema"]}
            self._validators[key] = Draft202012Validator(schema)
        found = [f"{error.json_path}: {error.message}" for error in self._validators[key].iter_errors(body)]
        assert not found, (path, status, found)
        return body

    def post(self, path: str, body: Any, **places: Any) -> Any:
        answer = self.api.post(path.format(**places), body)
        self.check("post", path, answer)
        if answer.status_code < 300:
            self.touched.update(each for each in (*places.values(), *body.values()) if isinstance(each, str))
        return answer

    def get(self, path: str, query: dict[str, Any] | None = None, **places: Any) -> Any:
        return self.check("get", path, self.api.get(path.format(**places), **(query or {})))


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """One desk for all bodies; what each of them is about is told to it anew."""
    folder = tmp_path_factory.mktemp("nulls")
    chronology = Chronology(Settings(database=f"sqlite:///{folder}/chronology.db"), now=Ticking(), follows=True)
    asking = Asking(chronology)
    asking.api.posted("/sources", source("paper"))
    yield asking
    chronology.close()


def source(name: str) -> dict[str, Any]:
    words = {"text": "They agreed to swap five each. It is done.", "title": "Paper", "publisher": "Gazette"}
    dates = {"published": "2024-01-02", "retrieved_at": "2024-01-03T00:00:00Z", "zone": "UTC"}
    return {"id": name, **words, **dates, "language": "en", "url": "https://example.com/"}


def fact(kind: str, name: str) -> dict[str, Any]:
    """A fact of the kind with every field that it may carry, about a subject of its own."""
    values = {each: VALUES[of.title] for each, of in fields_of(KINDS[kind]).items()}
    about = {"subject_kind": "occurrence"} if KINDS[kind].about is None else {}
    return {**values, **about, "id": name, "kind": kind, "subject": f"about-{name}", "citations": [CITATION]}


def a_root(asking: Asking) -> dict[str, Any]:
    asking.api.posted("/sources", source("root"))
    return {}


def a_source(asking: Asking) -> dict[str, Any]:
    name = asking.fresh()
    asking.api.posted("/sources", source(name))
    return {"source": name}


def a_withdrawn_source(asking: Asking) -> dict[str, Any]:
    places = a_source(asking)
    gone = asking.api.posted(f"/sources/{places['source']}/withdrawals", {"reason": "So."})
    return {**places, "n": gone["n"]}


def a_fact(asking: Asking) -> dict[str, Any]:
    return {"fact_id": asking.api.posted("/facts", fact("SwapAgreed", asking.fresh()))["id"], "n": 1}


def an_amended_fact(asking: Asking) -> dict[str, Any]:
    places = a_fact(asking)
    body = {"kind": "reassessment", "reason": "So.", "citations": [CITATION]}
    asking.api.posted(f"/facts/{places['fact_id']}/corroborations", body)
    return places


def a_retracted_fact(asking: Asking) -> dict[str, Any]:
    places = a_fact(asking)
    asking.api.posted(f"/facts/{places['fact_id']}/retractions", {"kind": "reassessment", "reason": "So."})
    return places


def a_subject(asking: Asking) -> dict[str, Any]:
    name = asking.fresh()
    asking.api.posted("/facts", fact("SwapAgreed", name))
    for other in ("other", "whole"):
        asking.api.posted("/subjects", {"id": other, "kind": "swap" if other == "other" else "process"})
    return {"subject": f"about-{name}", "n": 1, "fact": name}


def a_merged_subject(asking: Asking) -> dict[str, Any]:
    places = a_subject(asking)
    body = {"kind": "reassessment", "reason": "So.", "into": "other"}
    asking.api.posted(f"/subjects/{places['subject']}/merges", body)
    return places


def a_contested_subject(asking: Asking) -> dict[str, Any]:
    places = a_subject(asking)
    changes = {"count_each": {"best": 900_000}}
    asking.api.posted(f"/facts/{places['fact']}/disputes", {"citations": [CITATION], "changes": changes})
    return places


def a_judged_subject(asking: Asking) -> dict[str, Any]:
    places = a_contested_subject(asking)
    body = {"finding": "count_each", "prefers": None, "reason": "So."}
    asking.api.posted(f"/subjects/{places['subject']}/verdicts", body)
    return places


def nothing(asking: Asking) -> dict[str, Any]:
    return {}


REPAIR = {
    "title": "Other",
    "publisher": "Herald",
    "published": "2024-01-03",
    "zone": "UTC",
    "url": "https://a.example/",
    "text_is": "excerpt",
}
CHANGES = {each: VALUES[of.title] for each, of in fields_of(KINDS["SwapAgreed"]).items() if each != "subject"}
DISPUTED = {each: value for each, value in CHANGES.items() if each not in ("zone", "note", "credibility")}
ORIGINAL = {"media_type": "text/plain", "name": "it.txt", "base64": "SXQgaXMgZG9uZS4="}
BODIES: list[tuple[str, Callable[[Asking], dict[str, Any]], dict[str, Any]]] = [
    ("/sources", a_root, {**source("NAME"), "agency": "Wire", "derived_from": ["root"], "text_is": "digest", "original": ORIGINAL}),
    ("/sources/{source}/revisions", a_source, {"text": "It is done.", "retrieved_at": "2024-02", "published": "2024-02", "original": ORIGINAL}),
    ("/sources/{source}/corrections", a_source, {**OURS, "changes": REPAIR}),
    ("/sources/{source}/withdrawals", a_source, {"id": "gone", "reason": "So.", "published": "2024-02-01"}),
    ("/sources/{source}/withdrawals/{n}/withdrawal", a_withdrawn_source, OURS),
    ("/sources/{source}/redactions", a_source, {"reason": "So."}),
    ("/subjects", a_subject, {"id": "NAME", "kind": "swap", "title": "It", "part_of": "whole", "aliases": ["that"]}),
    ("/subjects/{subject}/merges", a_subject, {**OURS, "into": "other"}),
    ("/subjects/{subject}/redactions", a_merged_subject, {"reason": "So."}),
    ("/subjects/{subject}/splits", a_subject, {**OURS, "into": "NAME", "facts": ["FACT"]}),
    ("/subjects/{subject}/regroupings/{n}/withdrawal", a_merged_subject, OURS),
    ("/subjects/{subject}/verdicts", a_contested_subject, {"id": "v", "finding": "count_each", "prefers": "FACT", "reason": "So."}),
    ("/subjects/{subject}/verdicts/{n}/withdrawal", a_judged_subject, OURS),
    ("/facts/{fact_id}/corroborations", a_fact, AMENDMENT),
    ("/facts/{fact_id}/disputes", a_fact, {**AMENDMENT, "changes": {**DISPUTED, "status": "completed"}}),
    ("/facts/{fact_id}/corrections", a_fact, {**AMENDMENT, "kind": "misclassification", "changes": {**CHANGES, "kind": "SwapAgreed"}}),
    ("/facts/{fact_id}/retractions", a_fact, AMENDMENT),
    ("/facts/{fact_id}/reinstatements", a_retracted_fact, AMENDMENT),
    ("/facts/{fact_id}/amendments/{n}/withdrawal", an_amended_fact, AMENDMENT),
    ("/facts/{fact_id}/redactions", a_fact, {"reason": "So."}),
    ("/tokens", nothing, {"name": "NAME", "role": "reader", "days": 1}),
]  # fmt: skip
ELSEWHERE = {
    "/api/v1/hooks",
    "/api/v1/hooks/{hook}/resumption",
    "/api/v1/facts",
    "/api/v1/checks",
    "/api/v1/documents",
    "/api/v1/suggestions",
    "/api/v1/chronicle",
    "/api/v1/proposals",
    "/api/v1/proposals/{proposal}/words",
    "/api/v1/proposals/{proposal}/acceptance",
    "/api/v1/proposals/{proposal}/rejection",
    "/api/v1/proposals/{proposal}/redactions",
}


def places_in(value: Any, at: Member = ()) -> Iterator[Member]:
    """The path to every member of objects and lists."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        yield (*at, name)
        yield from places_in(each, (*at, name))


def with_value(body: Any, place: Member, value: Any) -> Any:
    """The body with another value at the place."""
    if not place:
        return value
    whole = dict(body) if isinstance(body, dict) else list(body)
    whole[place[0]] = with_value(whole[place[0]], place[1:], value)
    return whole


def without_value(body: Any, place: Member) -> Any:
    """The body without the member at the place."""
    if len(place) > 1:
        return with_value(body, place[:1], without_value(body[place[0]], place[1:]))
    return {name: value for name, value in body.items() if name != place[0]}


def named(body: Any, name: str, places: dict[str, Any]) -> Any:
    if isinstance(body, dict):
        return {each: named(value, name, places) for each, value in body.items()}
    if isinstance(body, list):
        return [named(each, name, places) for each in body]
    return {"NAME": name, "FACT": places.get("fact")}.get(body, body) if isinstance(body, str) else body


def is_optional(asking: Asking, schema: dict[str, Any], place: Member) -> bool | None:
    """Whether the document says that the member may be left out; None where null has a meaning of its own."""
    if (len(place) > 1 and place[0] == "changes") or place == ("prefers",):
        return None
    if len(place) > 1 and place[0] not in ("citations", "original"):
        return False  # a part of a value
    schema = asking.resolved(schema)
    for name in place[:-1]:
        schema = asking.resolved(schema["items"] if isinstance(name, int) else schema["properties"][name])
    return isinstance(place[-1], str) and place[-1] not in schema.get("required", ())


def examine(asking: Asking) -> None:
    """Ask for all that a call was taken of since the last time, and hold it against the document."""
    asking.get("/sources", {"limit": 1000})
    asking.get("/diff", {"from_position": asking.examined})
    states = asking.get("/subjects", {"limit": 1000})["subjects"]
    for each in states:
        if each["id"] not in asking.known and {each["id"], each["id"].removeprefix("about-")} & asking.touched:
            asking.known.add(each["id"])
            asking.get("/subjects/{subject}/understanding", subject=each["id"])
            facts = asking.get("/facts", {"subject": each["id"]})["facts"]
            for fact in facts:
                asking.get("/facts/{fact_id}", fact_id=fact["id"])
            for finding in list(each["fields"])[:1]:
                asking.get("/audit/{subject}/{finding}", subject=each["id"], finding=finding)
    asking.examined = asking.get("/diff")["to"]["position"]


@pytest.mark.parametrize(("path", "made", "body"), [pytest.param(*each, id=each[0]) for each in BODIES])
def test_null_is_refused_where_a_value_is_needed_and_is_nothing_given_elsewhere(
    asking: Asking, path: str, made: Callable[[Asking], dict[str, Any]], body: dict[str, Any]
) -> None:
    schema = asking.taken(path)
    assert set(body) == set(asking.resolved(schema)["properties"]) - ({"changes"} - set(body))
    for place in places_in(body):
        told = [made(asking) for _ in range(2)]
        with_null, without = [named(body, asking.fresh(), each) for each in told]
        answer = asking.post(path, with_value(with_null, place, None), **told[0])
        optional = is_optional(asking, schema, place)
        if optional:
            alike = asking.post(path, without_value(without, place), **told[1])
            assert answer.status_code == alike.status_code, (place, answer.get_json(), alike.get_json())
        elif optional is not None:
            assert answer.status_code == 422, (place, answer.get_json())

    examine(asking)


@pytest.mark.parametrize(("path", "made", "body"), [pytest.param(*each, id=each[0]) for each in BODIES])
def test_what_is_empty_is_refused_or_says_nothing(
    asking: Asking, path: str, made: Callable[[Asking], dict[str, Any]], body: dict[str, Any]
) -> None:
    for place in places_in(body):
        for empty in ("", [], {}):
            places = made(asking)
            asking.post(path, with_value(named(body, asking.fresh(), places), place, empty), **places)

    examine(asking)


def test_null_in_a_fact_of_any_kind_is_refused_or_nothing_given(asking: Asking) -> None:
    shared = {"id", "kind", "subject", "citations", *ENVELOPE}
    for kind, of in KINDS.items():
        schema = asking.document["components"]["schemas"][kind]
        whole = fact(kind, "whole")
        assert set(whole) == set(schema["properties"])
        for place in places_in(whole):
            if place[0] in shared and kind != "SwapAgreed":
                continue  # what all kinds share is tried with one
            optional = is_optional(asking, schema, place) and not (of.about is None and place == ("subject_kind",))
            answer = asking.post("/facts", with_value(fact(kind, asking.fresh()), place, None))
            assert answer.status_code == (201 if optional else 422), (kind, place, answer.get_json())

    examine(asking)


def test_every_body_of_the_document_is_tried_here(asking: Asking) -> None:
    tried = {f"/api/v1{path}" for path, _, _ in BODIES} | ELSEWHERE

    assert tried == {path for path, methods in asking.document["paths"].items() if "post" in methods}
    assert set(ENVELOPE) - {"subject"} <= set(CHANGES)


def test_what_a_chronicle_leaves_empty_is_not_given(asking: Asking, tmp_path: Path) -> None:
    name = an_amended_fact(asking)["fact_id"]
    file = tmp_path / "empty.chronicle.yaml"
    empty = dict.fromkeys(("text_file", "url", "zone"))
    report = {"id": "told-by-hand", "title": "T", "publisher": "P", "text": "Said.", **empty}
    ours = {"call": "retractions", "kind": "reassessment", "reason": "So.", "source": None, "withdraw": None}
    chronicle = {"sources": [report], "amendments": [{"fact": name, **ours}]}
    file.write_text(json.dumps(chronicle), encoding="utf-8")  # JSON is YAML

    asking.chronology.write("desk", ParsedChronicle(chronicle_in(file, file.read_bytes())).record)

    events = [entry["event"] for entry in asking.get("/facts/{fact_id}", fact_id=name)["stream"]]
    assert events == ["FactRecorded", "FactCorroborated", "FactRetracted"]


@pytest.mark.parametrize("withdrawn", ["true", "[1]", "1.0", "''"])
def test_only_a_number_or_an_id_names_what_a_chronicle_withdraws(
    asking: Asking, tmp_path: Path, withdrawn: str
) -> None:
    name = an_amended_fact(asking)["fact_id"]
    file = tmp_path / "odd.chronicle.yaml"
    amendment = f"{{fact: {name}, withdraw: {withdrawn}, kind: reassessment, reason: So.}}"
    file.write_text(f"amendments: [{amendment}]\n", encoding="utf-8")

    with pytest.raises(NotFound):
        asking.chronology.write("desk", ParsedChronicle(chronicle_in(file, file.read_bytes())).record)
