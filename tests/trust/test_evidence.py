"""The auditor's commands: verify, checkpoint, redact."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.command_line.test_command_line import SAMPLE, Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(f"sqlite:///{tmp_path}/c.db")
    shell.done("import", SAMPLE)
    return shell


def tampered(shell: Shell, statement: str) -> None:
    with create_engine(shell.environment["CHRONOLOGY_DATABASE"]).begin() as connection:
        connection.execute(text(statement))


def test_a_log_verifies_and_begins_with_every_checkpoint_kept(shell: Shell, tmp_path: Path) -> None:
    note = tmp_path / "old.note"
    note.write_text(shell.done("checkpoint"), encoding="utf-8")
    shell.done("redact", "source", "ap-2025-05-23", "--reason", "an order", "--yes")
    said = shell.done("verify", "--against", note)

    assert said.startswith("213 events, 3 with redacted words, root ")
    assert "begins with the 212 of the checkpoint" in said
    assert "the views follow from the log up to position 213" in said
    assert said.endswith("\nthe log is what it was\n")


def test_without_a_checkpoint_of_somebody_else_it_says_that_it_goes_by_its_own_word(shell: Shell) -> None:
    assert "the log is what it was, by its own word only" in shell.done("verify")


def test_a_changed_event_is_named_and_the_command_fails(shell: Shell) -> None:
    tampered(
        shell,
        "UPDATE chronology_events SET state = CAST(replace(state, 'command line', 'command lane') AS BLOB) "
        "WHERE rowid = 50",
    )
    result = shell.run("verify")

    assert result.exit_code == 1
    assert "the view 'entries' does not follow from the log at 50" in result.stderr
    assert "the event at position 50 is recorded by 'command lane' without a token" in result.stderr


def test_what_is_no_checkpoint_is_refused_in_one_sentence(shell: Shell, tmp_path: Path) -> None:
    note = tmp_path / "forged.note"
    note.write_text(shell.done("checkpoint").replace("212", "211"), encoding="utf-8")

    for path, sentence in ((note, "is not signed by the key"), (tmp_path / "none", "No such file")):
        result = shell.run("verify", "--against", str(path))
        assert result.exit_code == 2
        assert sentence in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1


def test_erasing_asks_first(shell: Shell) -> None:
    result = shell.run("redact", "source", "ap-2025-05-23", "--reason", "an order")

    assert result.exit_code == 1
    assert shell.done("verify").startswith("212 events, ")


def test_a_redaction_that_somebody_who_reads_keeps_from_the_disk_is_no_success(shell: Shell) -> None:
    redact = ("redact", "source", "ap-2025-05-23", "--reason", "an order", "--yes")
    with closing(sqlite3.connect(shell.environment["CHRONOLOGY_DATABASE"].removeprefix("sqlite:///"))) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM chronology_keys").fetchone()
        result = shell.run(*redact)

    assert result.exit_code == 1
    assert "is redacted, at position 213" in result.stdout
    assert "still to be removed from the database file and its write-ahead log on the disk" in result.stderr
    assert shell.done(*redact).endswith("is redacted, at position 213\n")
