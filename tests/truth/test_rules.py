"""An answer to a stored history changes only with the number of the rules, `RULES` of `projections/fold/answer_types.py`.

`rules/history.ndjson.gz` holds a history as `export` writes it, in words of our own: facts of every kind of subject,
amendments, verdicts, merges, splits, offices, stages of swaps, denials, plans, accounts and origins.
`rules/answers.ndjson.gz` begins with the number of the rules, and holds questions with their answers.
`python -m tests.truth.test_rules` writes the answers of today in their place, if the number was raised.
"""

import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from projections.fold.answer_types import RULES
from service.app import create_app
from service.auth.roles import COMMAND_LINE
from service.chronicle.as_recorded import take_in_as_recorded
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.truth.test_golden import asked

FOLDER = Path(__file__).with_name("rules")
HISTORY, ANSWERS = FOLDER / "history.ndjson.gz", FOLDER / "answers.ndjson.gz"
TAKEN_IN_AT = 1_900_000_000_000_000  # later than all of the history
RAISE = (
    "an answer to the stored history is another now, so the rules are others: if that is meant, raise RULES in "
    "projections/fold/answer_types.py by one, run `python -m tests.truth.test_rules`, and say in a decision what changed"
)
WRITE = "the stored answers are those of other rules: run `python -m tests.truth.test_rules` and read what differs"


def stored() -> tuple[int, list[dict[str, Any]]]:
    """The rules of the stored answers, and the questions with their answers."""
    with gzip.open(ANSWERS, "rt", encoding="utf-8") as lines:
        first, *rest = map(json.loads, lines)
    return first["rules"], rest


def answered(chronology: Chronology, folder: Path, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The questions with their answers over the stored history, taken in as it was recorded."""
    file = folder / "history.ndjson"
    file.write_bytes(gzip.decompress(HISTORY.read_bytes()))
    chronology.now = lambda: TAKEN_IN_AT
    take_in_as_recorded(chronology, COMMAND_LINE, file)
    token = chronology.keyring.issue("the editor", "editor", "test")[1]
    client, headers = create_app(chronology).test_client(), {"Authorization": f"Bearer {token}"}
    return [asked(client, headers, question) for question in questions]


def test_answers_to_the_stored_history_change_only_with_the_number_of_the_rules(
    chronology: Chronology, tmp_path: Path
) -> None:
    rules, questions = stored()
    assert rules == RULES, WRITE

    found = answered(chronology, tmp_path, questions)

    assert len(questions) >= 300
    for question, answer in zip(questions, found, strict=True):
        assert answer == question, RAISE


def test_every_stored_answer_says_the_rules_it_was_folded_by() -> None:
    rules, questions = stored()
    answers = [each["answer"] for each in questions if each["status"] == 200 and not each["path"].startswith("/replay")]

    assert len(answers) >= 250
    assert {answer["rules"] for answer in answers} == {rules}


def write(questions: list[dict[str, Any]]) -> str | None:
    """Write today's answers into the file; what is wrong, if the number of the rules was not raised for them."""
    with tempfile.TemporaryDirectory() as folder:
        chronology = Chronology(Settings(database=f"sqlite:///{folder}/chronology.db", rate=0), follows=True)
        answers = answered(chronology, Path(folder), questions)
        chronology.close()
    if ANSWERS.exists() and stored()[0] == RULES and answers != stored()[1]:
        return RAISE
    lines = [json.dumps(each, ensure_ascii=False, sort_keys=True) + "\n" for each in ({"rules": RULES}, *answers)]
    ANSWERS.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    return None


if __name__ == "__main__":
    sys.exit(write(stored()[1]))
