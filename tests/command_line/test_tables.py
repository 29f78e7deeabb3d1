"""Tables on the command line: three styles of dates, two languages of headings, a mapping made from the headings."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.command_line.test_command_line import Shell
from tests.conftest import ON_ONE_DATABASE

ENGLISH = """\
Date,What happened,Matter,Quote,Headline,Publisher,Published,Full text,Number each
2025-03-03,Swap agreed,Boats,they agreed to exchange two boats,Ferrymen and city,Harbour News,3 March 2025,"On Monday they agreed to exchange two boats.",2
05.03.2025,The swap was completed,Boats,the boats are back,Boats,Harbour Post,5 March 2025,"By Wednesday the boats are back.",two
"March 7, 2025",a meeting was proposed,Third meeting,the city proposed to meet again,A third time,Harbour News,2025-03-07,"On Friday the city proposed to meet again.",
"""
UKRAINIAN = """\
Дата;Подія;Справа;Цитата;Заголовок;Видання;Опубліковано;Текст;За словами
3 березня 2025;SwapAgreed;Човни;домовилися обміняти два човни;Човни;Портова газета;03.03.2025;У понеділок домовилися обміняти два човни.;Місто
"""
COLUMNS = {"Number each": "count_each"}


@pytest.fixture
def shell(database: str) -> Shell:
    return Shell(database)


def mapping_of(shell: Shell, table: Path, **changed: Any) -> Path:
    """The mapping that the headings suggest, with some of it changed by hand."""
    file = table.with_suffix(".yaml")
    shell.done("new", file, "--for", table)
    suggested = yaml.safe_load(file.read_text())
    suggested["columns"] |= changed
    file.write_text(yaml.safe_dump(suggested, allow_unicode=True))
    return file


def table_of(folder: Path, content: str, name: str = "notes.csv") -> Path:
    table = folder / name
    table.write_text(content, encoding="utf-8-sig")
    return table


def test_a_table_is_taken_in_by_a_mapping_that_its_headings_suggest_and_adds_nothing_twice(
    shell: Shell, tmp_path: Path
) -> None:
    table = table_of(tmp_path, ENGLISH)
    mapping = mapping_of(shell, table, **COLUMNS)

    first = shell.done("import", table, "--map", mapping)
    second = shell.done("import", table, "--map", mapping)

    assert "3 facts" in first
    assert "0 new events" in second
    boats = shell.state("boats")
    assert (boats["status"]["value"], boats["status"]["since"]) == ("completed", "2025-03-05")
    assert boats["fields"]["count_each"]["value"] == {"best": 2}
    assert shell.state("third-meeting", "--at", "2025-03-08")["status"]["since"] == "2025-03-07"


def test_headings_and_dates_in_another_language_are_read_too(shell: Shell, tmp_path: Path) -> None:
    table = table_of(tmp_path, UKRAINIAN)
    mapping = mapping_of(shell, table)

    shell.done("import", table, "--map", mapping)

    boats = shell.state("chovni")
    assert (boats["title"], boats["status"]["since"]) == ("Човни", "2025-03-03")
    assert shell.state("misto")["title"] == "Місто"


def test_a_check_names_every_row_at_fault_by_its_line_and_records_nothing(shell: Shell, tmp_path: Path) -> None:
    broken = ENGLISH.replace("they agreed to exchange two boats,", "they agreed on three boats,").replace(
        "05.03", "35.03"
    )
    table = table_of(tmp_path, broken)
    mapping = mapping_of(shell, table, **COLUMNS)

    checked = shell.run("import", table, "--map", mapping, "--check")

    assert checked.exit_code == 2
    assert "line 2, /citations/0/exact: the quote 'they agreed on three boats'" in checked.stderr
    assert "line 3, /occurred: '35.03.2025' is not an EDTF date" in checked.stderr
    assert "new events if it were taken in" in checked.stdout
    assert shell.run("show", "boats").exit_code == 2


def test_rows_without_words_wait_for_a_source_and_documents_need_no_title(shell: Shell, tmp_path: Path) -> None:
    content = """\
Date,What happened,Matter,Quote,Publisher,Published,Address
2025-03-03,Swap agreed,Boats,they agreed,Harbour News,2025-03-04,https://news.example/a
2025-03-05,The swap was completed,Boats,,Harbour News,2025-03-06,https://news.example/b
2025-03-07,Swap agreed,Ferries,,,,
"""
    table = table_of(tmp_path, content)
    mapping = mapping_of(shell, table, Address="source.url")

    checked = shell.done("import", table, "--map", mapping, "--check")
    first = shell.done("import", table, "--map", mapping)
    second = shell.done("import", table, "--map", mapping)

    assert "0 faults; 6 new events if it were taken in" in checked
    assert "2 sources, 1 subjects, 1 facts, 2 without words; 6 new events" in first
    assert "2 rows quote no words of a source, and wait for one" in first
    assert "0 new events" in second
    assert shell.state("boats")["status"]["value"] == "agreed"
    assert shell.run("show", "ferries").exit_code == 2
    export = tmp_path / "all.ndjson"
    shell.done("export", export)
    assert '"title":"Harbour News, 2025-03-04"' in export.read_text().replace(": ", ":")


def test_a_row_without_words_is_checked_as_far_as_it_can_be(shell: Shell, tmp_path: Path) -> None:
    table = table_of(tmp_path, "Date,What happened,Matter\n35.03.2025,Swap agreed,Boats\n")
    mapping = mapping_of(shell, table)

    refused = shell.run("import", table, "--map", mapping)

    assert refused.exit_code == 2
    assert "line 2: '35.03.2025' is not an EDTF date" in refused.stderr
    assert shell.run("show", "boats").exit_code == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"columns": {"Nothing": "note"}}, "has no column 'Nothing'"),
        ({"columns": {"Date": "ocurred"}}, "(the nearest is 'occurred')"),
        ({"columns": {"Date": "occurred", "Published": "occurred"}}, "two columns are 'occurred'"),
        ({"colums": {}}, "cannot be read"),
        ({"columns": {}, "zone": "Mars/Olympus"}, "Mars/Olympus"),
    ],
)
@ON_ONE_DATABASE
def test_a_mapping_at_fault_is_refused_in_a_sentence(
    shell: Shell, tmp_path: Path, changed: dict[str, Any], sentence: str
) -> None:
    table, mapping = table_of(tmp_path, ENGLISH), tmp_path / "map.yaml"
    mapping.write_text(yaml.safe_dump(changed))

    refused = shell.run("import", table, "--map", mapping)

    assert (refused.exit_code, sentence in refused.stderr) == (2, True), refused.stderr


def test_a_file_to_begin_with_is_taken_in_as_it_is(shell: Shell, tmp_path: Path) -> None:
    begun = tmp_path / "mine.yaml"

    shell.done("new", begun)
    taken = shell.done("import", begun)

    assert "3 facts" in taken
    assert shell.run("new", begun).exit_code == 2
