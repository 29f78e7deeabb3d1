"""Releases of one table: what changed silently from one to the next is corrected, retracted, and named as a difference."""

import json
import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.command_line.test_command_line import Shell
from tests.conftest import on
from tests.fixtures.event_tables import ACLED, UCDP, Line, acled_rows, changed_silently, ucdp_rows, write_table

IS_WHOLE = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
ROWS = 5_000 if IS_WHOLE else 600
SILENT = (34, 34, 33, 33, 33, 33)
FINDINGS: dict[str, Callable[[set[str]], bool]] = {
    "date moved": lambda findings: len(findings) == 10,
    "deaths changed": lambda findings: findings == {"deaths"},
    "actor renamed": lambda findings: findings == {"side_a"},
    "type changed": lambda findings: findings == {"event_type", "sub_event_type"},
    "place changed": lambda findings: findings == {"place", "latitude"},
    "gone": lambda findings: len(findings) == 10,
}
"""Which findings of its incident differ, by how a row changed."""


class TwoReleases(NamedTuple):
    """Two releases taken in, and what the second changed."""

    how: dict[str, str]
    told: str
    differences: list[dict[str, Any]]


@pytest.fixture
def shell(database: str) -> Shell:
    return Shell(database)


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> TwoReleases:
    folder = tmp_path_factory.mktemp("releases")
    shell = Shell(on("sqlite", folder))
    rows = acled_rows(ROWS)
    second, how = changed_silently(rows, SILENT)
    shell.done(*release(folder, "2024-06-01", rows))
    told = shell.done(*release(folder, "2024-07-01", second))
    return TwoReleases(how, told, difference(shell, told))


def release(folder: Path, published: str, rows: list[Line], *options: str) -> list[Any]:
    """The command that takes in rows in the columns of ACLED as a release."""
    table = write_table(folder / f"{published}.csv", ACLED, rows)
    return ["import", table, "--map", "acled", "--release", published, *options]


def difference(shell: Shell, told: str) -> list[dict[str, Any]]:
    """What differs as the command says how to ask."""
    asked = told.splitlines()[1].split(": ")[1].split()
    return json.loads(shell.done(*asked[1:], "--json"))  # type: ignore[no-any-return]


def test_the_difference_of_two_releases_names_the_200_rows_that_changed_silently_and_no_other(
    releases: TwoReleases,
) -> None:
    incidents = {each["subject"] for each in releases.differences if each["finding"] != "title"}

    assert f"{ROWS - 33} rows, 0 new, 167 changed, 33 gone, 0 back" in releases.told
    assert len(incidents) == 200
    assert incidents == {f"acled-{row.lower()}" for row in releases.how}


def test_each_sort_of_silent_change_is_told_by_its_findings_and_its_cause(releases: TwoReleases) -> None:
    found = defaultdict(set)
    causes = defaultdict(set)
    for each in releases.differences:
        found[each["subject"]].add(each["finding"])
        causes[each["subject"]].update(each["causes"])

    for row, sort in releases.how.items():
        subject = f"acled-{row.lower()}"
        assert FINDINGS[sort](found[subject]), (row, sort, found[subject])
        assert causes[subject] == {"retraction" if sort == "gone" else "correction:source"}


def test_a_release_taken_in_again_adds_nothing_and_another_file_under_its_date_is_refused(
    shell: Shell, tmp_path: Path
) -> None:
    rows = acled_rows(12)
    second, _ = changed_silently(rows, (1,) * 6)
    commands = [release(tmp_path, "2024-06-01", rows), release(tmp_path, "2024-07-01", second)]
    for each in commands:
        shell.done(*each)

    again = [shell.done(*each) for each in commands]
    other = shell.run(*release(tmp_path, "2024-06-01", second))
    older = shell.run(*release(tmp_path, "2024-05-01", rows))

    assert [each.rpartition("; ")[2].split("\n")[0] for each in again] == ["0 new events"] * 2
    assert other.exit_code == 2
    assert "the release of 2024-06-01 of ACLED is recorded from another file" in other.stderr
    assert older.exit_code == 2
    assert "is older than that of 2024-07-01, which is recorded" in older.stderr


def test_a_row_that_comes_back_is_reinstated_and_reads_as_it_does_then(shell: Shell, tmp_path: Path) -> None:
    one, other = acled_rows(2)
    back = {**other, "fatalities": "12"}
    shell.done(*release(tmp_path, "2024-06-01", [one, other]))
    shell.done(*release(tmp_path, "2024-07-01", [one]))
    gone = shell.state("acled-lak2")["fields"]

    told = shell.done(*release(tmp_path, "2024-08-01", [one, back]))

    assert gone == {}
    assert "1 back" in told
    assert shell.state("acled-lak2")["fields"]["deaths"]["value"] == {"best": 12}
    assert shell.state("acled-lak2", "--reported-until", "2024-07-15")["fields"] == {}
    assert shell.state("acled-lak2", "--reported-until", "2024-06-15")["fields"]["deaths"]["value"]["best"] < 10


def test_a_part_of_a_release_takes_nothing_away(shell: Shell, tmp_path: Path) -> None:
    rows = acled_rows(3)
    shell.done(*release(tmp_path, "2024-06-01", rows))

    told = shell.done(*release(tmp_path, "2024-07-01", rows[:1], "--part"))

    assert "0 changed, 0 gone" in told
    assert shell.state("acled-lak3")["fields"]["country"]["value"] == "Lakeland"


def test_what_an_editor_corrected_stands_where_the_next_release_changes_another_field(
    shell: Shell, tmp_path: Path
) -> None:
    row = acled_rows(1)[0]
    shell.done(*release(tmp_path, "2024-06-01", [row]))
    ours = {"fact": "acled:LAK1", "call": "corrections", "kind": "reassessment", "reason": "counted again"}
    chronicle = tmp_path / "ours.yaml"
    chronicle.write_text(json.dumps({"amendments": [{**ours, "changes": {"deaths": 40}}]}))
    shell.done("import", chronicle)

    shell.done(*release(tmp_path, "2024-07-01", [{**row, "location": "Westferry"}]))

    fields = shell.state("acled-lak1")["fields"]
    assert (fields["deaths"]["value"], fields["place"]["value"]) == ({"best": 40}, "Westferry")


def test_a_release_that_was_refused_midway_goes_on_with_the_mended_file(shell: Shell, tmp_path: Path) -> None:
    rows = acled_rows(503)
    broken = [*rows[:502], {**rows[502], "event_date": "31 February 2024"}]

    refused = shell.run(*release(tmp_path, "2024-06-01", broken))
    told = shell.done(*release(tmp_path, "2024-06-01", rows))

    assert refused.exit_code == 2
    assert "line 504" in refused.stderr
    assert "503 rows, 503 new" in told
    assert shell.done(*release(tmp_path, "2024-06-01", rows)).rpartition("; ")[2].startswith("0 new events")


def test_a_check_says_what_is_wrong_with_every_row_and_records_nothing(shell: Shell, tmp_path: Path) -> None:
    one, two, three = acled_rows(3)
    broken = [{**one, "event_date": "someday"}, two, {**three, "fatalities": "a handful too many"}]

    checked = shell.run(*release(tmp_path, "2024-06-01", broken, "--check"))

    assert checked.exit_code == 2
    assert "line 2, /occurred: 'someday' is not an EDTF date" in checked.stderr
    assert "line 4, /deaths:" in checked.stderr
    assert shell.run("show", "acled-lak2").exit_code == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"event_id_cnty": "LAK1"}, "line 3: two rows of the table have the id 'LAK1'"),
        ({"event_id_cnty": ""}, "line 3: '' in 'event_id_cnty' is not an id of a row"),
        ({"event_id_cnty": "LAK 2"}, "line 3: 'LAK 2' in 'event_id_cnty' is not an id of a row"),
    ],
)
def test_rows_that_cannot_be_told_apart_are_refused(shell: Shell, tmp_path: Path, changed: Line, sentence: str) -> None:
    one, other = acled_rows(2)

    refused = shell.run(*release(tmp_path, "2024-06-01", [one, {**other, **changed}]))

    assert refused.exit_code == 2
    assert sentence in refused.stderr


def test_a_mapping_that_does_not_say_what_the_table_is_is_refused(shell: Shell, tmp_path: Path) -> None:
    table = write_table(tmp_path / "table.csv", ACLED, acled_rows(1))
    mapping = tmp_path / "map.yaml"
    mapping.write_text("columns: {event_id_cnty: id, event_type: event_type}\nalways: {kind: IncidentOccurred}\n")

    refused = shell.run("import", table, "--map", mapping, "--release", "2024-06-01")
    unknown = shell.run("import", table, "--map", "acledd", "--release", "2024-06-01")

    assert refused.exit_code == 2
    assert "the mapping says under `always` what the table is: it lacks source.id" in refused.stderr
    assert "mappings that come with the program are acled, ucdp-ged" in unknown.stderr


def test_tables_of_the_ucdp_give_ends_of_counts_and_days_between_which_something_was(
    shell: Shell, tmp_path: Path
) -> None:
    table = write_table(tmp_path / "ged.csv", UCDP, list(ucdp_rows(3)))

    shell.done("import", table, "--map", "ucdp-ged", "--release", "2024-06-10")

    first, third = (shell.state(f"ucdp-ged-{number}")["fields"] for number in (501, 503))
    assert third["deaths"]["value"] == {"best": 4, "low": 3, "high": 6}
    assert third["event_type"]["value"] == "State-based violence"
    assert (first["event_type"]["since"], third["event_type"]["since"]) == ("2024-03-01", "[2024-03-01..2024-03-03]")
