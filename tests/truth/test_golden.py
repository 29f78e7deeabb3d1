"""What the service answered over the sample before its parts moved, it answers still: 300 questions at random clocks.

`golden.jsonl.gz` holds each question with its answer. Where a fault that was mended changes an answer, the answer in the
file is the mended one, and `docs/decisions/` says which fault. `python -m tests.truth.test_golden` writes the answers
of today in the place of those recorded: read the difference before you keep it.
"""

import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from service.app import create_app
from service.chronicle.file import LISTS, ParsedChronicle, chronicle_in
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.samples import SAMPLE
from tests.fixtures.stories import Ticking

FILE = Path(__file__).with_name("golden.jsonl.gz")


def questions() -> list[dict[str, Any]]:
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def client_of(chronology: Chronology) -> tuple[FlaskClient, dict[str, str]]:
    """A client of a chronology to which the sample was told, each item in a call and at an instant of its own."""
    lists = chronicle_in(SAMPLE, SAMPLE.read_bytes())
    for name in LISTS:
        for item in lists[name]:
            chronology.write("desk", ParsedChronicle({**{each: [] for each in LISTS}, name: [item]}).record)
    token = chronology.keyring.issue("the editor", "editor", "test")[1]
    return create_app(chronology).test_client(), {"Authorization": f"Bearer {token}"}


def asked(client: FlaskClient, headers: dict[str, str], question: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/v1{question['path']}"
    answer = client.get(path, query_string=question["query"], headers=headers, buffered=True)
    text = answer.get_data(as_text=True)
    lines = answer.mimetype == "application/x-ndjson"
    return {
        "path": question["path"],
        "query": question["query"],
        "status": answer.status_code,
        "answer": [json.loads(line) for line in text.splitlines()] if lines else json.loads(text),
    }


def test_three_hundred_answers_over_the_sample_are_those_of_before_the_move(chronology: Chronology) -> None:
    client, headers = client_of(chronology)

    for question in questions():
        assert asked(client, headers, question) == question


def write() -> None:
    """Write today's answers into the file."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database=f"sqlite:///{folder}/chronology.db", rate=0)
        chronology = Chronology(settings, now=Ticking(), follows=True)
        client, headers = client_of(chronology)
        answers = [asked(client, headers, question) for question in questions()]
        chronology.close()
    lines = [json.dumps(each, ensure_ascii=False, sort_keys=True) + "\n" for each in answers]
    FILE.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))


if __name__ == "__main__":
    sys.exit(write())
