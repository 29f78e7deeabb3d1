"""Chronicle files from somebody else, and files of another version: refused in one sentence, and nothing of this machine is read."""

import hashlib
import os
import sqlite3
import stat
import time
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from service.chronicle.body_fields import LONGEST_SOURCE
from service.chronicle.json_limits import yaml_in
from service.cli.main import main

SOURCE = "sources:\n  - {{id: paper, title: Paper, publisher: Gazette, {0}}}\n"


def run(folder: Path, *words: str, given: str | bytes | None = None) -> Result:
    environment = {"CHRONOLOGY_DATABASE": f"sqlite:///{folder}/log.db"}
    return CliRunner(env=environment).invoke(main, list(words), input=given)


def imported(folder: Path, text: str) -> Result:
    file = folder / "theirs" / "story.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return run(folder, "import", str(file))


def refused(result: Result) -> str:
    """The one sentence with which a command was refused."""
    assert (result.exit_code, type(result.exception)) == (2, SystemExit), result.output
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_text_beside_the_file_or_below_its_folder_is_taken_in(tmp_path: Path) -> None:
    (tmp_path / "theirs" / "texts").mkdir(parents=True)
    (tmp_path / "theirs" / "texts" / "paper.txt").write_text("It is done.")
    (tmp_path / "theirs" / "linked.txt").symlink_to("texts/paper.txt")

    assert imported(tmp_path, SOURCE.format("text_file: texts/paper.txt")).exit_code == 0
    assert imported(tmp_path, SOURCE.format("text_file: linked.txt")).exit_code == 0


@pytest.mark.parametrize("name", ["/etc/passwd", "../secret.txt", "out.txt", "texts/../../secret.txt", "/dev/zero"])
def test_a_text_from_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "theirs" / "texts").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("the private key")
    (tmp_path / "theirs" / "out.txt").symlink_to(tmp_path / "secret.txt")

    assert "it does not lie in the folder of the chronicle file" in refused(
        imported(tmp_path, SOURCE.format(f"text_file: {name}"))
    )


def test_a_text_that_is_no_file_or_too_long_or_not_there_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    (folder / "bytes").write_bytes(b"\xff\xfe")
    with (folder / "long").open("wb") as long:
        long.truncate(4 * LONGEST_SOURCE + 1)
    said = {
        name: refused(imported(tmp_path, SOURCE.format(f"text_file: {name}")))
        for name in ("pipe", "folder", "long", "bytes", "nothing")
    }

    assert "it is no file" in said["pipe"]
    assert "it is no file" in said["folder"]
    assert "it is longer than any source may be" in said["long"]
    assert "can't decode" in said["bytes"]
    assert "No such file" in said["nothing"]


def test_a_text_file_in_lines_is_held_to_the_same(tmp_path: Path) -> None:
    (tmp_path / "story.ndjson").write_text(
        '{"source": {"id": "a", "title": "A", "publisher": "B", "text_file": "/etc/passwd"}}\n'
    )

    assert "it does not lie in the folder" in refused(run(tmp_path, "import", str(tmp_path / "story.ndjson")))


@pytest.mark.parametrize(
    "value",
    [
        ":".join("1" * 2_000),
        "!!int 1:1:1",
        "1" * 5_000,
        "!!binary aGk=",
        "!!set {a: null}",
        "!!timestamp 2024-01-02",
        "!!bool maybe",
        "!!float 1:" + ":".join("1" * 2_000),
    ],
)
def test_values_that_only_yaml_has_are_text_or_refused(tmp_path: Path, value: str) -> None:
    refused(imported(tmp_path, f"subjects:\n  - {{id: it, kind: {value}}}\n"))


def test_yaml_has_the_values_of_json() -> None:
    written = "[12:30, 0o17, 0x1F, 1_000, yes, on, 2024-01-02, .5, =, 12, -3, 1.5, 2e3, true, null, ~, '5']"

    assert yaml_in(written) == [
        *("12:30", "0o17", "0x1F", "1_000", "yes", "on", "2024-01-02", ".5", "="),
        *(12, -3, 1.5, 2000.0, True, None, None, "5"),
    ]


def test_a_mapping_of_very_many_keys_is_refused_soon(tmp_path: Path) -> None:
    begun = time.monotonic()
    many = "".join(f"  k{number}: 1\n" for number in range(100_000))

    assert "an object of 100000 members is too large" in refused(
        imported(tmp_path, f"sources:\n- x:\n{many}".replace("  k", "    k"))
    )
    assert "stands twice" in refused(imported(tmp_path, f"facts:\n{many}  k99999: 2\n"))
    assert time.monotonic() - begun < 60  # a minute for each, where each key is looked for among those before it


def test_import_takes_yaml_and_lines_from_standard_input(tmp_path: Path) -> None:
    yaml = SOURCE.format("text: It is done.")
    line = '{"source": {"id": "other", "title": "Other", "publisher": "Gazette", "text": "It is done."}}\n'

    assert "-: 1 sources; 1 new events, the log ends at 1" in run(tmp_path, "import", "-", given=yaml).output
    lines = run(tmp_path, "import", "-", given=f"{line}\n{line}").output
    assert "-: 2 sources; 1 new events, the log ends at 2" in lines
    assert "- is not a chronicle file" in refused(run(tmp_path, "import", "-", given="other: []"))


def test_a_backup_goes_to_standard_output_and_is_restored_from_standard_input(tmp_path: Path) -> None:
    run(tmp_path, "import", "-", given=SOURCE.format("text: It is done."))
    made = run(tmp_path, "backup", "-")
    other = tmp_path / "other"
    other.mkdir()
    restored = run(other, "restore", "-", given=made.stdout_bytes)

    assert made.stdout.splitlines()[0] == '{"form":"chronology backup","version":3}'
    assert "SHA-256" in made.stderr
    assert "-: 1 events restored" in restored.output
    assert not Path("-").exists()
    assert "standard input is not a whole backup" in refused(
        run(tmp_path / "other", "restore", "-", given=made.stdout_bytes[:-9])
    )


def without(content: bytes, table: str, column: str) -> bytes:
    """A whole backup, as a program made it whose table lacked the column."""
    lines, within, at = [], False, 0
    for line in map(orjson.loads, content.splitlines()[:-1]):
        if isinstance(line, dict) and "table" in line:
            within = line["table"] == table
            at = line["columns"].index(column) if within else 0
            line = {**line, "columns": [each for each in line["columns"] if not (within and each == column)]}
        elif within:
            line = [*line[:at], *line[at + 1 :]]
        lines.append(orjson.dumps(line) + b"\n")
    whole = b"".join(lines)
    return whole + orjson.dumps({"sha256": hashlib.sha256(whole).hexdigest()}) + b"\n"


def test_a_backup_of_an_older_layout_is_refused_in_a_sentence(tmp_path: Path) -> None:
    run(tmp_path, "import", "-", given=SOURCE.format("text: It is done."))
    older = without(run(tmp_path, "backup", "-").stdout_bytes, "chronology_turn", "frontier")
    (tmp_path / "other").mkdir()

    said = refused(run(tmp_path / "other", "restore", "-", given=older))
    assert "chronology_turn lacks frontier" in said


def test_a_database_of_an_older_version_is_told_as_such(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "log.db") as connection:
        connection.execute(
            "CREATE TABLE chronology_events (originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB, "
            "PRIMARY KEY (originator_id, originator_version)) WITHOUT ROWID"
        )
    connection.close()

    assert refused(run(tmp_path, "show", "it")).startswith("the database was made by another version of this program: ")


def test_the_files_of_a_database_of_sqlite_are_read_by_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        run(tmp_path, "import", "-", given=SOURCE.format("text: It is done."))
        with sqlite3.connect(tmp_path / "log.db") as held:  # so that the files beside it stay
            held.execute("SELECT * FROM chronology_events").fetchall()
            run(tmp_path, "import", "-", given=SOURCE.format("text: It is done.").replace("paper", "other"))
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.glob("log.db*")}
        held.close()
    finally:
        os.umask(before)

    assert modes == {"log.db": 0o600, "log.db-wal": 0o600, "log.db-shm": 0o600}
