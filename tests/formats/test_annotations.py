"""Annotations of others: what they mark waits for a kind, on the page that it is of, until somebody says what it tells."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.command_line.test_command_line import Shell
from tests.conftest import ON_ONE_DATABASE, Api, api_of
from tests.pages.forms import Page
from tests.pages.test_acts import browser

ADDRESS = "https://news.example/ferries"
WORDS = "both sides met at the harbour"
QUOTE = {"type": "TextQuoteSelector", "exact": WORDS, "prefix": "On Monday ", "suffix": " for an hour"}
HYPOTHESIS = {
    "total": 3,
    "rows": [
        {
            "uri": ADDRESS,
            "text": "the first mention",
            "tags": ["ferry", "talks"],
            "document": {"title": ["Ferries at rest"]},
            "target": [{"source": ADDRESS, "selector": [{"type": "RangeSelector"}, QUOTE]}],
        },
        {"uri": ADDRESS, "text": "a note on the page", "target": [{"source": ADDRESS}]},
        {
            "uri": "urn:x-pdf:abc",
            "target": [{"source": "urn:x-pdf:abc", "selector": [{"type": "TextQuoteSelector", "exact": "a paper"}]}],
        },
    ],
}
STANDARD = {
    "@context": "http://www.w3.org/ns/anno.jsonld",
    "type": "Annotation",
    "body": [
        {"type": "TextualBody", "value": "the first mention"},
        {"type": "TextualBody", "purpose": "tagging", "value": "ferry"},
    ],
    "target": {"source": ADDRESS, "selector": QUOTE},
}


@pytest.fixture
def shell(database: str) -> Shell:
    return Shell(database)


def taken_in(shell: Shell, folder: Path, content: Any, *options: str) -> Any:
    path = folder / "annotations.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
    return shell.run("import", "--format", "webannotation", str(path), *options)


@pytest.fixture
def chronology(shell: Shell) -> Any:
    chronology = Chronology(Settings(database=shell.environment["CHRONOLOGY_DATABASE"]), follows=True)
    yield chronology
    chronology.close()


def uncoded(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/proposals", state="uncoded").get_json()["proposals"]
    return [each["chronicle"]["passages"][0] for each in found]


def test_passages_of_hypothesis_wait_with_their_notes_and_add_nothing_twice(
    shell: Shell, tmp_path: Path, chronology: Chronology
) -> None:
    first, again = (taken_in(shell, tmp_path, HYPOTHESIS) for _ in range(2))

    waiting = uncoded(api_of(chronology, "recorder"))
    assert "2 sources, 2 without kind; 4 new events" in first.stdout
    assert "0 new events" in again.stdout
    assert [each["citations"][0]["exact"] for each in waiting] == [WORDS, "a paper"]
    assert waiting[0]["note"] == "the first mention\nferry, talks"
    source = api_of(chronology, "reader").get(f"/sources/{waiting[0]['source']}").get_json()
    assert (source["title"], source["url"], source["publisher"]) == ("Ferries at rest", ADDRESS, "news.example")


@pytest.mark.parametrize(
    "content",
    [STANDARD, [STANDARD], {"type": "AnnotationPage", "items": [STANDARD]}, {"first": {"items": [STANDARD]}}],
    ids=["one", "list", "page", "collection"],
)
def test_annotations_of_the_standard_are_read_wherever_their_list_stands(
    shell: Shell, tmp_path: Path, chronology: Chronology, content: Any
) -> None:
    taken_in(shell, tmp_path, content)

    (passage,) = uncoded(api_of(chronology, "recorder"))
    assert passage["citations"] == [
        {"source": passage["source"], **{each: QUOTE[each] for each in QUOTE if each != "type"}}
    ]
    assert passage["note"] == "the first mention\nferry"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is no JSON"),
        ({"total": 0}, "holds no list of annotations"),
        ({"rows": [7]}, "line 3: an annotation is an object"),
        ([{**STANDARD, "target": {"source": ADDRESS, "selector": {**QUOTE, "exact": 7}}}], "7 is not text"),
    ],
)
@ON_ONE_DATABASE
def test_what_holds_no_annotations_is_refused(shell: Shell, tmp_path: Path, content: Any, sentence: str) -> None:
    refused = taken_in(shell, tmp_path, content)

    assert refused.exit_code == 2
    assert sentence in refused.stderr


def test_a_passage_becomes_a_fact_once_its_kind_is_said_and_waits_no_more(
    shell: Shell, tmp_path: Path, chronology: Chronology
) -> None:
    taken_in(shell, tmp_path, HYPOTHESIS)
    editor = api_of(chronology, "editor")
    name = editor.get("/proposals", state="uncoded").get_json()["proposals"][0]["id"]
    client: FlaskClient = browser(create_app(chronology), "recorder", "Rita")

    early = editor.post(f"/proposals/{name}/acceptance", None)
    kinds = Page(client, f"/desk/proposal/{name}/record")
    form = Page(client, f"/desk/proposal/{name}/record?kind=Occurred")
    form.recorded(subject="ferries", occurred="2025-03-03", what="Both sides met")

    assert early.status_code == 409
    assert "waits for a kind first" in early.get_json()["detail"]
    assert "What happened?" in kinds.text
    assert form.fields["citations.0.exact"] == WORDS
    assert editor.get("/subjects/ferries").get_json()["fields"]["what"]["value"] == "Both sides met"
    assert [each["citations"][0]["exact"] for each in uncoded(editor)] == ["a paper"]


def test_the_reading_desk_says_which_passages_of_its_text_wait_for_a_kind(
    shell: Shell, tmp_path: Path, chronology: Chronology
) -> None:
    taken_in(shell, tmp_path, HYPOTHESIS)
    source = uncoded(api_of(chronology, "recorder"))[0]["source"]
    revision = {"text": f"On Monday {WORDS} for an hour.", "retrieved_at": "2025-03-04T10:00:00Z"}
    api_of(chronology, "editor").posted(f"/sources/{source}/revisions", revision)

    desk = Page(browser(create_app(chronology), "recorder", "Rita"), f"/desk/sources/{source}")

    assert desk.status == 200
    assert f"Waiting for a kind {WORDS} Say what it tells" in desk.text
