"""Where lists are taken out: menus of pages whose every link answers, and a command that refuses what it cannot write."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from service.databases.chronology import Chronology
from service.formats.offer.known_formats import FORMATS
from tests.command_line.test_command_line import Shell
from tests.conftest import Api, api_of
from tests.fixtures.samples import sample_desk

PAGES = {
    "/": {"values", "facts", "agenda"},
    "/chronology?kind=SwapAgreed&held=actual": {"facts"},
    "/chronology?held=retracted": {"facts"},
    "/subjects/swap-1000-for-1000?at=2025-05-24": {"facts", "audit"},
    "/actors/ukraine": {"facts"},
    "/sources/ap-2025-05-23?position=100": {"facts"},
}
MENU = re.compile(r"<summary>Take out</summary>(.*?)</details>", re.DOTALL)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chronology]:
    chronology = sample_desk(tmp_path_factory.mktemp("sample"))
    yield chronology
    chronology.close()


@pytest.fixture(scope="module")
def reader(sample: Chronology) -> Api:
    return api_of(sample, None)


def links_of(reader: Api, path: str) -> list[str]:
    (menu,) = MENU.findall(reader.client.get(path).get_data(as_text=True))
    return [unescape(each) for each in re.findall(r'href="(/api/v1/[^"]+)"', menu)]


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_menu_answers_in_its_format(reader: Api, path: str) -> None:
    links = links_of(reader, path)

    kinds = {f".{each.suffix}": each.media_type for each in FORMATS.values()}
    assert {re.match(r"/api/v1/(\w+)", each)[1] for each in links} == PAGES[path]  # type: ignore[index]
    for each in links:
        answer = reader.client.get(each, buffered=True)
        ending = max((end for end in kinds if each.partition("?")[0].endswith(end)), key=len)
        assert answer.status_code == 200, (each, answer.get_data(as_text=True)[:300])
        assert answer.content_type.startswith(kinds[ending]), each
        assert answer.data or ending == ".ndjson"


def test_a_list_that_is_filtered_by_disputes_is_not_offered_without_that_filter(reader: Api) -> None:
    page = reader.client.get("/chronology?only=disputed").get_data(as_text=True)

    assert MENU.findall(page) == []


def test_a_menu_leaves_out_what_is_not_installed_and_its_address_says_what_to_install(
    reader: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FORMATS["parquet"].__dict__, "needs", "no_such_module")

    assert not any(".parquet" in each for each in links_of(reader, "/"))
    answer = reader.get("/facts.parquet")
    assert answer.status_code == 422
    assert "pip install 'three-clocks[parquet]'" in answer.get_json()["detail"]


@pytest.fixture
def shell(sample: Chronology) -> Shell:
    return Shell(sample.settings.database)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "ics", "--of", "facts"], "facts are not written as ics, which writes agenda"),
        (["--format", "csv", "--status", "agreed"], "--status is given, by which facts are not asked for"),
        (["--at", "2025-05-20"], "--at is given, by which chronicle are not asked for"),
        (["--format", "prov", "--subject", "return-of-children"], "name its subject and its finding"),
        (["--of", "spans", "--format", "csv", "--position", "9"], "spans hold every clock, and are asked for at none"),
        (["--format", "csv", "--subject", "nobody", "--at", "yesteryear"], "yesteryear"),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_sentence(shell: Shell, words: list[str], said: str) -> None:
    result: Any = shell.run("export", *words)

    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_refused_export_leaves_the_file_as_it_was(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "agenda.ics"
    file.write_text("before", encoding="utf-8")

    result = shell.run("export", "--format", "ics", "--reading", "nobody-at-all", file)

    assert result.exit_code == 2
    assert file.read_text(encoding="utf-8") == "before"


def test_a_list_on_the_command_line_is_that_of_the_api(shell: Shell, reader: Api) -> None:
    file = shell.done(
        "export", "--format", "csv", "--kind", "SwapAgreed", "--at", "2025-06-01", "--address", "http://localhost"
    )

    answer = reader.get("/facts.csv", kind="SwapAgreed", at="2025-06-01", sort="recorded")

    assert file.splitlines() == answer.text.splitlines()
    assert len(file.splitlines()) > 2
