"""A format is one file: it is found on the command line, in `Accept`, by suffix, on pages and in the documents."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service.formats.offer.known_formats import FORMATS
from tests.conftest import api_of
from tests.fixtures.stories import Chronicle
from tools.table_of_formats import PAGE, in_markdown

HERE = Path(__file__).parents[2]
RHYMES = '''"""Rhymes: a line for each fact."""

from service.formats.offer.manifest import Format


def lines(taken):
    return (f"{each.said}, oh my\\n".encode() for each in taken.items)


FORMAT = Format(
    name="rhymes", title="Rhymes", media_type="text/x-rhymes", suffix="rhyme", follows="no standard",
    loses=("all but rhymes",), writes={"facts": lines},
)
'''
ASKS = """
import json, sys
from click.testing import CliRunner
from service.app import create_app
from service.cli.main import main
from service.databases.chronology import Chronology
from service.settings import Settings
from tools.table_of_formats import in_markdown

settings = Settings(database=sys.argv[1])
client = create_app(Chronology(settings, follows=True)).test_client()
taken = CliRunner(env={"CHRONOLOGY_DATABASE": sys.argv[1]}).invoke(main, ["export", "--format", "rhymes"], catch_exceptions=False).stdout
accepted = client.get("/api/v1/facts", headers={"Accept": "text/x-rhymes"})
print(json.dumps({
    "command line": taken,
    "accept": accepted.text + accepted.content_type,
    "suffix": client.get("/api/v1/facts.rhyme").text,
    "page": client.get("/chronology").text,
    "docs": client.get("/docs").text,
    "table": in_markdown(),
}))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the house with one file more."""
    for name in ("service", "tools"):
        shutil.copytree(HERE / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "service" / "formats" / "rhymes.py").write_text(RHYMES)
    return tmp_path


def test_a_new_format_is_one_file_and_found_everywhere(copy: Path, chronicle: Chronicle) -> None:
    chronicle.report(text="They agreed.")
    chronicle.given(kind_named("SwapAgreed"), occurred="2024-01-02")
    chronicle.chronology.follower.catch_up()

    words = [sys.executable, "-c", ASKS, chronicle.chronology.settings.database]
    told = subprocess.run(words, cwd=copy, env={"PYTHONPATH": str(copy)}, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(told.stdout)

    assert found["command line"] == found["suffix"]
    assert found["suffix"].endswith(", oh my\n")
    assert found["accept"] == found["suffix"] + "text/x-rhymes; charset=utf-8"
    assert "/api/v1/facts.rhyme?" in found["page"]
    assert "all but rhymes" in found["docs"]
    assert "| rhymes | Rhymes (no standard) | text/x-rhymes, .rhyme | facts | all but rhymes |" in found["table"]


def kind_named(name: str) -> Any:
    from events.kinds.vocabulary import KINDS

    return KINDS[name]


def test_the_table_of_formats_is_that_of_the_manifests() -> None:
    assert in_markdown() in PAGE.read_text(encoding="utf-8"), "run python -m tools.table_of_formats"


def test_no_two_formats_of_a_list_share_a_name_a_suffix_or_a_media_type() -> None:
    for name in ("name", "suffix", "media_type"):
        values = [getattr(each, name) for each in FORMATS.values()]
        assert len(set(values)) == len(values), name


def test_every_format_writes_or_reads_and_says_what_it_loses() -> None:
    for each in FORMATS.values():
        assert each.writes or each.reads, each.name
        assert each.loses, each.name


def test_a_list_is_had_in_a_format_by_accept_and_by_suffix_whole_or_page_by_page(chronicle: Chronicle) -> None:
    for day in range(1, 4):
        chronicle.given(kind_named("SwapAgreed"), occurred=f"2024-01-0{day}")
    api = api_of(chronicle.chronology, None)

    whole = api.get("/facts.csv", sort="occurred")
    accepted = api.client.get(
        "/api/v1/facts?sort=occurred", headers={"Accept": "text/csv;q=0.9, application/json;q=0.5"}
    )
    pages = [api.get("/facts.csv", sort="occurred", limit=2)]
    following = pages[0].headers["Link"].partition(">")[0][1:]
    pages.append(api.client.get(following))

    assert whole.data == accepted.data
    lines = [page.text.splitlines() for page in pages]
    assert [lines[0][0], *lines[0][1:], *lines[1][1:]] == whole.text.splitlines()
    assert not any('rel="next"' in each for each in pages[1].headers.getlist("Link"))
    assert "Accept" in accepted.headers["Vary"]
    described = next(each for each in whole.headers.getlist("Link") if 'rel="describedby"' in each).partition(">")[0][
        1:
    ]
    assert api.client.get(described).get_json()["url"] == "facts.csv?sort=occurred"


@pytest.mark.parametrize(
    ("path", "accept", "status", "names"),
    [
        ("/facts.pdf", "*/*", 404, ["'.pdf'", ".csv"]),
        ("/facts", "image/png", 406, ["'image/png'", "text/csv"]),
        ("/facts.csv?kind=SwapAgreed&colour=red", "*/*", 422, ["colour"]),
        ("/facts.csv?at=yesterweek", "*/*", 422, ["yesterweek"]),
    ],
)
def test_what_is_not_written_is_refused_by_name(
    chronicle: Chronicle, path: str, accept: str, status: int, names: list[str]
) -> None:
    answer = api_of(chronicle.chronology, None).client.get(f"/api/v1{path}", headers={"Accept": accept})

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert all(name in answer.text for name in names), answer.text


def test_a_browser_that_takes_anything_is_answered_in_json(chronicle: Chronicle) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    answer = api_of(chronicle.chronology, None).client.get("/api/v1/facts", headers={"Accept": accept})

    assert answer.content_type == "application/json"
