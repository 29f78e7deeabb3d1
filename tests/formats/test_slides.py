"""Timelines of TimelineJS: each slide becomes a fact that waits for words, with its dates, and adds nothing twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from projections.clocks import Asked
from projections.read_models.proposals import page_of_proposals
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.command_line.test_command_line import Shell
from tests.conftest import ON_ONE_DATABASE

TIMELINE = {
    "title": {"text": {"headline": "The ferry dispute"}},
    "events": [
        {
            "start_date": {"year": "2025", "month": 3, "day": "3"},
            "end_date": {"year": 2025, "month": 3, "day": 5},
            "text": {"headline": "<b>Talks</b> at the harbour", "text": "<p>Both sides met &amp; ate.</p>"},
            "media": {"url": "https://news.example/a.jpg", "caption": "The harbour", "credit": "Harbour News"},
            "group": "Ferries",
        },
        {"start_date": {"year": "-44", "month": "3"}, "text": {"headline": "An older dispute"}},
        {"start_date": {"year": 2025, "month": 3, "day": 7, "hour": 9, "minute": 5}, "text": {"headline": "A signal"}},
    ],
    "eras": [{"start_date": {"year": 2025}, "end_date": {"year": 2026}, "text": {"headline": "The long year"}}],
}
SHEET = """\
Year,Month,Day,Time,End Year,End Month,End Day,End Time,Display Date,Headline,Text,Media,Media Credit,Media Caption,Type,Group
,,,,,,,,,The ferry dispute,,,,,title,
2025,3,3,,2025,3,5,,,Talks at the harbour,Both sides met & ate.,https://news.example/a.jpg,Harbour News,The harbour,,Ferries
-44,3,,,,,,,,An older dispute,,,,,,
2025,3,7,9:05,,,,,,A signal,,,,,,
2025,,,,2026,,,,,The long year,,,,,era,
"""
OCCURRED = ["2025-03-03/2025-03-05", "-0044-03", "2025-03-07T09:05"]


@pytest.fixture
def shell(database: str) -> Shell:
    return Shell(database)


def file_of(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
    return path


def waiting(shell: Shell) -> list[dict[str, Any]]:
    """What waits for words."""
    chronology = Chronology(Settings(database=shell.environment["CHRONOLOGY_DATABASE"]), follows=True)
    with chronology.ask(Asked()) as (snapshot, _):
        found, _ = page_of_proposals(snapshot, "unsourced", None, 0, 100)
    chronology.close()
    return [each["chronicle"]["facts"][0] for each in found]


@pytest.mark.parametrize(("name", "content"), [("a.json", TIMELINE), ("a.csv", SHEET)], ids=["json", "sheet"])
def test_slides_wait_for_words_with_their_dates_and_say_where_their_pictures_are_from(
    shell: Shell, tmp_path: Path, name: str, content: Any
) -> None:
    told = shell.done("import", "--format", "timelinejs", file_of(tmp_path, name, content))

    facts = waiting(shell)
    assert "3 without words" in told
    assert [each["occurred"] for each in facts] == OCCURRED
    assert [each["what"] for each in facts] == ["Talks at the harbour", "An older dispute", "A signal"]
    note = "Both sides met & ate.\nThe harbour\nHarbour News\nhttps://news.example/a.jpg\nFerries"
    assert facts[0]["note"] == note


def test_the_same_timeline_as_json_and_as_a_sheet_adds_nothing_twice(shell: Shell, tmp_path: Path) -> None:
    shell.done("import", "--format", "timelinejs", file_of(tmp_path, "a.json", TIMELINE))

    told = shell.done("import", "--format", "timelinejs", file_of(tmp_path, "a.csv", SHEET))

    assert "0 new events" in told
    assert len(waiting(shell)) == 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"events": [{"start_date": {"year": "soon"}, "text": {"headline": "A"}}]}, "'soon' is not an EDTF date"),
        (
            {"events": [{"start_date": {"year": 2025, "month": 14}, "text": {"headline": "A"}}]},
            "'2025-14' names a month that does not exist",
        ),
        ({"events": [{"text": {"headline": "A"}}]}, "Occurred needs occurred"),
        ({"events": [{"start_date": {"year": 2025}}]}, "Occurred needs what"),
        ({"events": [7]}, "line 3: a slide is an object"),
        ({"slides": []}, "it has no list of events"),
        ('{"events": ', "is no JSON"),
        ("Date,What\n2025,A\n", "it lacks the columns Year and Headline"),
    ],
)
@ON_ONE_DATABASE
def test_what_is_no_timeline_is_refused_in_one_sentence_and_nothing_of_it_waits(
    shell: Shell, tmp_path: Path, content: Any, sentence: str
) -> None:
    refused = shell.run("import", "--format", "timelinejs", file_of(tmp_path, "a.json", content))

    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert waiting(shell) == []
