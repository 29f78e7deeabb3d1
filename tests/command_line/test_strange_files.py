"""Chronicle files from somebody else, and files of another version: refused in one sentence, and nothing of this machine is read."""

import os
import time
from pathlib import Path

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
    [":".join("1" * 2_000), "!!int 1:1:1", "1" * 5_000, "!!binary aGk=", "!!set {a: null}", "!!timestamp 2024-01-02"],
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
    assert "-: 1 sources; 1 new events, the log ends at 2" in run(
        tmp_path, "import", "-", given=line + "\n" + line
    ).output.replace("2 sources", "1 sources")
    assert "- is not a chronicle file" in refused(run(tmp_path, "import", "-", given="{}: 5"))
