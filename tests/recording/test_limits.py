"""What a request may take: time, room, depth; and what no text may hold."""

import json
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from events.errors import Invalid, TooLong
from events.field_types import TEXT
from service.chronicle.body_fields import DOCUMENT
from service.chronicle.json_limits import json_in
from service.cli.main import main
from service.databases.chronology import Chronology
from tests.conftest import Api

ENDLESS = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}
SOURCE = {"id": "paper", "title": "Paper", "publisher": "Gazette", "text": "It is done."}


def test_a_question_that_takes_too_long_is_given_up_and_the_next_is_answered(chronology: Chronology) -> None:
    with pytest.raises(TooLong), chronology.store.reading(0.1) as snapshot:
        snapshot.rows(text(ENDLESS[snapshot.connection.dialect.name]))

    with chronology.store.reading(20) as snapshot:
        assert [tuple(row) for row in snapshot.rows(text("SELECT 1"))] == [(1,)]


def test_what_is_asked_past_the_statement_compiler_has_its_time_too(chronology: Chronology) -> None:
    for seconds in (0.1, 0):
        with pytest.raises(TooLong), chronology.store.reading(seconds) as snapshot:
            snapshot.probe(ENDLESS[snapshot.connection.dialect.name])

    with chronology.store.reading(20) as snapshot:
        assert [tuple(row) for row in snapshot.probe("SELECT 1")] == [(1,)]


def test_a_question_that_the_database_refuses_is_refused_alike_on_either_way(chronology: Chronology) -> None:
    for ask in (
        lambda snapshot: snapshot.probe("SELECT 1 FROM nothing"),
        lambda snapshot: snapshot.rows(text("SELECT 1 FROM nothing")),
    ):
        with (
            pytest.raises((DBAPIError, sqlite3.Error, psycopg.Error), match="nothing"),
            chronology.store.reading() as snapshot,
        ):
            ask(snapshot)


def test_what_takes_too_long_is_answered_with_503(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.posted("/sources", SOURCE)
    object.__setattr__(api.client.application.extensions["desk"].settings, "request_seconds", 1e-9)

    answer = api.get("/sources")

    assert answer.status_code == 503
    assert answer.get_json()["type"] == "urn:chronology:problem:too-long"
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("value", ["a\0b", "a\ud800", "\udfffb"])
def test_no_text_holds_nul_or_half_a_character(value: str) -> None:
    with pytest.raises(Invalid) as refused:
        TEXT.read(value)

    assert "U+" in refused.value.sentence


MARKS = ["\u0315\u0300", "\u0f73\u0f73", "\u0344\u0301", "\U0001e8d0\U00010f46"]


@pytest.mark.parametrize("pair", MARKS)
def test_more_than_thirty_marks_in_a_row_are_refused_by_where_they_begin(pair: str) -> None:
    assert TEXT.read("b" + "a" + pair * 15 + "a" + pair * 15)

    with pytest.raises(Invalid, match="from character 3 on the text has more than 30 combining marks in a row"):
        TEXT.read("ba" + pair * 15 + pair[0])


@pytest.mark.parametrize("name", ["text", "title"])
def test_a_source_of_marks_without_end_is_refused_by_name(api: Api, name: str) -> None:
    answer = api.post("/sources", {**SOURCE, name: "It is done" + "\u0315\u0300" * 4_000})

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == f"/{name}"


@pytest.mark.parametrize("name", ["exact", "prefix", "suffix"])
def test_a_quote_of_marks_without_end_is_refused_by_name(api: Api, name: str) -> None:
    api.posted("/sources", SOURCE)
    cited = {"source": "paper", "exact": "It is done.", name: "\u0315\u0300" * 400}
    fact = {"kind": "StatementMade", "subject": "swap", "citations": [cited]}

    answer = api.post("/facts", fact)

    assert f"/citations/0/{name}" in [each["pointer"] for each in answer.get_json()["errors"]]


TEXTS = {
    "marks": "a" + "\u0315\u0300" * 2_499_999,
    "marks just short enough": ("a" + "\u0315\u0300" * 15) * 161_290,
    "letters before their marks": "u\u0308" * 2_500_000,
    "one letter": "a" * 5_000_000,
    "Han": "\u4e2d" * 5_000_000,
}


@pytest.mark.parametrize("shape", TEXTS)
def test_the_longest_text_of_any_shape_is_read_or_refused_in_time_that_grows_with_its_length(shape: str) -> None:
    began = time.thread_time()

    with suppress(Invalid):
        DOCUMENT.read(TEXTS[shape])

    assert time.thread_time() - began < 5  # it was hours


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (orjson.dumps({**SOURCE, "title": "a\0b"}), 422, "/title"),
        (orjson.dumps({**SOURCE, "text": "a\0b"}), 422, "/text"),
        (b'{"id": "paper", "id": "other"}', 400, None),
        (b'{"a":' * 20 + b"1" + b"}" * 20, 422, ""),
        (orjson.dumps({f"k{number}": number for number in range(1_001)}), 422, ""),
        (b"[" + b"0," * 500_001 + b"0]", 422, ""),
    ],
)
def test_a_body_is_refused_by_what_it_holds_and_how_it_is_built(
    api: Api, chronology: Chronology, body: bytes, status: int, pointer: str | None
) -> None:
    answer = api.client.post("/api/v1/sources", data=body, content_type="application/json", headers=api.headers)

    assert answer.status_code == status, answer.data
    assert [error["pointer"] for error in answer.get_json().get("errors", [])] == ([] if pointer is None else [pointer])
    assert chronology.record.head() == 0


def test_an_encoded_body_is_not_decoded_but_refused(api: Api) -> None:
    headers = {**api.headers, "Content-Encoding": "gzip"}

    assert api.client.post("/api/v1/sources", json=SOURCE, headers=headers).status_code == 415


@pytest.mark.parametrize(
    "path", ["/api/v1/sources/a%00b", "/api/v1/facts?q=a%00b", "/api/v1/facts?a%00b=1", "/search?q=%00"]
)
def test_an_address_with_nul_is_refused(api: Api, path: str) -> None:
    assert api.client.get(path, headers=api.headers).status_code == 422


@pytest.mark.parametrize(
    "content",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nsources: *c",
        "facts: !!python/object/apply:os.system ['true']",
        "facts: !!binary aGVsbG8=",
        "facts: !made-up x",
        "facts: " + "[" * 500_000,
        "- " * 200_000,
        "facts:\n" + "".join(f"{' ' * depth}- \n" for depth in range(1, 2_000)),
        "sources: [{id: s, title: " + "x" * 20_000 + ", publisher: P, text: T}]",
        'sources: [{id: s, title: "a\\0b", publisher: P, text: T}]',
        'sources: [{id: s, title: "a\\ud800b", publisher: P, text: T}]',
        'facts: [{kind: "a\\ud800b"}]',
        'amendments: [{fact: x, call: retractions, kind: reassessment, reason: so, changes: {"\\ud800": 1}}]',
        "facts: a\0b",
        "facts: [{1: 2}]",
        "facts: [{? [a] : 2}]",
        "facts: [{kind: Occurred, kind: Occurred}]",
        "facts: [{count: " + "9" * 5_000 + "}]",
        "amendments: [{fact: x, call: [retractions]}]",
        "amendments: [{fact: x, call: disputes, changes: {1: " + "9" * 30 + "}}]",
        "---\nfacts: []\n---\nfacts: []",
        "<<: *nothing",
        "facts: &a [*a]",
    ],
)
def test_a_hostile_chronicle_file_is_one_sentence_and_exit_2(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.yaml").write_bytes(content.encode("utf-8", "surrogatepass"))
    environment: dict[str, Any] = {"CHRONOLOGY_DATABASE": f"sqlite:///{tmp_path}/chronology.db"}

    result = CliRunner(env=environment).invoke(main, ["import", str(tmp_path / "bad.yaml")])

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.exception
    assert len(result.stderr) < 2_000


@pytest.mark.parametrize(
    "line",
    [
        '{"fact": ' + "[" * 500_000,
        '{"fact": {"kind": "Occurred", "kind": "Occurred"}}',
        '{"fact": {"kind": "Occurred"}, "fact": {}}',
        '{"source": {"id": "s", "title": "a\\u0000b", "publisher": "P", "text": "T"}}',
        '{"source": {"id": "s", "title": "a\\ud800b", "publisher": "P", "text": "T"}}',
        '{"fact": {"kind": "a\\udfffb"}}',
        '{"fact": {"kind": "a\ud800b"}}',
        '{"fact": {' + ", ".join(f'"k{number}": 1' for number in range(1_001)) + "}}",
        '{"fact": [' + "0," * 1_000_001 + "0]}",
        '{"fact": {"count": ' + "9" * 5_000 + "}}",
        '{"amendment": {"fact": "x", "call": ["retractions"]}}',
        '{"fact": NaN}',
    ],
)
def test_a_hostile_line_is_one_sentence_that_names_it_and_exit_2(tmp_path: Path, line: str) -> None:
    (tmp_path / "bad.ndjson").write_bytes(b"\n" + line.encode("utf-8", "surrogatepass") + b"\n")
    environment: dict[str, Any] = {"CHRONOLOGY_DATABASE": f"sqlite:///{tmp_path}/chronology.db"}

    result = CliRunner(env=environment).invoke(main, ["import", str(tmp_path / "bad.ndjson")])

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.exception
    assert "bad.ndjson, line 2: " in result.stderr
    assert len(result.stderr) < 2_000


class _Members(list[Any]):
    """An object's members, of which two may have one name."""


_NAMES = st.sampled_from(["a", "b", "a:", '":', 'x"', " :"])
_VALUES = st.recursive(
    st.sampled_from([1, 2.5, True, None, "", ":", '"', '":', " :", '\\":', 'a":b']),
    lambda inside: st.lists(inside, max_size=3) | st.lists(st.tuples(_NAMES, inside), max_size=3).map(_Members),
    max_leaves=8,
)


@given(_VALUES, st.sampled_from(["", " ", "\t", "\n "]), st.sampled_from(["", " "]))
def test_a_name_given_twice_is_found_wherever_it_stands_and_however_it_is_written(
    value: Any, before: str, after: str
) -> None:
    content, twice = _written(value, f"{before}:{after}")

    if twice:
        with pytest.raises(ValueError, match=r"an object names .* twice"):
            json_in(content.encode())
    else:
        assert json_in(content.encode()) == json.loads(content)


def _written(value: Any, colon: str) -> tuple[str, bool]:
    """A value as JSON, and whether a name stands twice in one of its objects."""
    if not isinstance(value, list):
        return json.dumps(value), False
    named = isinstance(value, _Members)
    inside = [_written(each[1] if named else each, colon) for each in value]
    twice = any(found for _, found in inside)
    if not named:
        return f"[{', '.join(text for text, _ in inside)}]", twice
    names = [name for name, _ in value]
    written = (f"{json.dumps(name)}{colon}{text}" for name, (text, _) in zip(names, inside, strict=True))
    return f"{{{','.join(written)}}}", twice or len(set(names)) < len(names)
