"""A whole chronicle over HTTP: taken in as one call, checked with all its faults, given back, taken in again."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from events.commands.record_sources import register_source
from events.commands.redact import redact
from service.chronicle.checking import faults
from service.cli.main import main
from service.databases.chronology import Chronology
from tests.conftest import ON_ONE_DATABASE, Api
from tests.fixtures.samples import SAMPLE

SOURCE = {"id": "paper", "title": "Paper", "publisher": "Gazette", "published": "2024-01-02", "text": "It is done."}
CITED = [{"source": "paper", "exact": "It is done."}]


def fact(name: str, **values: Any) -> dict[str, Any]:
    body = {"id": name, "kind": "SwapAgreed", "subject": "first-swap", "occurred": "2024-01-01", "citations": CITED}
    return body | values


SOUND = {"sources": [SOURCE], "facts": [fact("agreed", parties=["arvenia"])]}
FAULTY = """\
sources:
- {id: paper, title: Paper, publisher: Gazette, published: 2024-01-02, text: It is done.}
- id: other
  titel: Other
  title: Other
  publisher: Herald
facts:
- id: one
  kind: SwapAgred
  subject: first-swap
  occurred: 2024-01-01
  citations: [{source: paper, exact: It is done.}]
- id: two
  kind: SwapAgreed
  subject: first-swap
  occurred: 2024-01-01
  partys: [arvenia]
  citations:
  - {source: paper, exact: It is done.}
- id: three
  kind: SwapAgreed
  subject: first-swap
  occurred: 2024-01-01
  parties: [arvenia]
  citations:
  - source: papre
    exact: It is done.
- id: four
  kind: SwapAgreed
  subject: first-swap
  occurred: 2024-01-01
  parties: [arvenia, belmark]
  citations: [{source: paper, exact: It is done.}]
- id: five
  kind: SwapCompleted
  subject: first-swap
  occurred: 2024-01-05
  announced_by: [belmrak]
  citations: [{source: other, exact: It is done.}, {source: paper, exact: It is not done.}]
- id: six
  kind: SwapCompleted
  subject: first-swap
  occurred: 2024-01-05
  announced_by: [belmrak]
  citations: [{source: paper, exact: It is done.}]
- id: seven
  kind: StatementMade
  subject: frst-swap
  by: arvenia
  gist: so
  occurred: 2024-01-05
  citations: [{source: paper, exact: It is done.}]
amendments:
- {fact: for, call: retractions, kind: reassessment, reason: so}
- {fact: four, call: retractionss, kind: reassessment, reason: so}
- {fact: four, call: retractions, kind: reasessment, reason: so}
"""
FAULTS = [
    (4, "/sources/1/titel", "title"),
    (9, "/facts/0/kind", "SwapAgreed"),
    (17, "/facts/1/partys", "parties"),
    (26, "/facts/2/citations/0/source", "paper"),
    (46, "/facts/6/subject_kind", "first-swap"),
    (54, "/amendments/0", "four"),
    (55, "/amendments/1/call", "retractions"),
    (56, "/amendments/2/kind", "reassessment"),
]


def sent(api: Api, content: Any, media: str = "application/json", query: str = "") -> Any:
    data = content if isinstance(content, (str, bytes)) else json.dumps(content)
    return api.client.post(f"/api/v1/chronicle{query}", data=data, headers=api.headers | {"Content-Type": media})


def lines(api: Api) -> list[bytes]:
    answer = api.get("/chronicle")
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
    return [line for line in answer.get_data().splitlines(keepends=True) if line.strip()]


@pytest.mark.parametrize("media", ["application/json", "application/yaml", "application/x-ndjson"])
def test_a_chronicle_is_taken_in_once_whatever_its_media_type(api: Api, chronology: Chronology, media: str) -> None:
    as_lines = "".join(json.dumps({name[:-1]: each}) + "\n" for name, items in SOUND.items() for each in items)
    content = as_lines if media.endswith("ndjson") else json.dumps(SOUND)

    first, again = sent(api, content, media), sent(api, content, media)

    assert (first.status_code, first.get_json()) == (
        201,
        {"items": {"sources": 1, "facts": 1}, "new": 2, "position": 2},
    )
    assert (again.status_code, again.get_json()["new"]) == (200, 0)
    assert first.headers["Location"] == "/api/v1/chronicle"
    assert chronology.record.head() == 2


def test_what_is_given_back_is_taken_in_again_and_changes_nothing(api: Api, chronology: Chronology) -> None:
    assert sent(api, SAMPLE.read_bytes(), "application/yaml").status_code == 201
    head, exported = chronology.record.head(), lines(api)

    answer = sent(api, b"".join(exported), "application/x-ndjson")

    assert (answer.status_code, answer.get_json()["new"]) == (200, 0)
    assert len(exported) == head == chronology.record.head()


def test_readers_are_given_no_pseudonyms_and_nothing_of_what_was_erased(api: Api, chronology: Chronology) -> None:
    sent(api, SOUND)
    chronology.write("admin", lambda unit: redact(unit, "fact", "agreed", {"reason": "the law"}))

    assert [next(iter(orjson.loads(line))) for line in lines(api)] == ["source"]
    assert not any(b"pseudonym" in line for line in lines(api))


def test_a_refused_chronicle_leaves_nothing_and_points_at_the_value(api: Api, chronology: Chronology) -> None:
    wrong = {**SOUND, "facts": [*SOUND["facts"], fact("second", count_each=-1)]}
    answer = sent(api, wrong)
    as_lines = sent(
        api,
        "\n".join([json.dumps({"source": SOURCE}), json.dumps({"fact": wrong["facts"][1]})]),
        "application/x-ndjson",
    )

    assert (answer.status_code, as_lines.status_code, chronology.record.head()) == (422, 422, 0)
    assert [each["pointer"] for each in answer.get_json()["errors"]] == ["/facts/1/count_each/best"]
    assert [each["pointer"] for each in as_lines.get_json()["errors"]] == ["/fact/count_each/best"]
    assert as_lines.get_json()["errors"][0]["detail"].startswith("line 2: ")


def test_no_file_of_the_server_is_read_for_a_chronicle_over_http(api: Api, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("It is done.")
    source = {name: value for name, value in SOURCE.items() if name != "text"}

    answer = sent(api, {"sources": [{**source, "text_file": str(tmp_path / "secret.txt")}]})

    assert answer.status_code == 422
    assert answer.get_json()["errors"] == [
        {"pointer": "/sources/0/text_file", "detail": "there is no field or parameter 'text_file'"}
    ]


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        ("{}", "text/plain", 415),
        ("", "application/yaml", 422),
        ("a: [", "application/yaml", 422),
        ('{"facts": 1}', "application/json", 422),
        ('{"fact": {}}\nno', "application/x-ndjson", 422),
        ('{"others": []}', "application/json", 422),
        (b"\xff", "application/yaml", 422),
    ],
)
@pytest.mark.parametrize("query", ["", "?check=yes"])
@ON_ONE_DATABASE
def test_what_is_no_chronicle_is_refused(api: Api, content: Any, media: str, status: int, query: str) -> None:
    answer = sent(api, content, media, query)

    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_a_check_tells_all_faults_with_line_place_and_nearest_name_and_records_nothing(
    api: Api, chronology: Chronology
) -> None:
    answer = sent(api, FAULTY, "application/yaml", "?check=yes")
    found = answer.get_json()

    assert answer.status_code == 200
    assert [(each["line"], each["pointer"], each.get("nearest")) for each in found["faults"]] == FAULTS
    assert found["unchecked"] == 1  # the fifth fact cites a source that is refused
    assert [(each["line"], each["detail"], each["nearest"]) for each in found["doubts"]] == [
        (34, "'belmrak' is named here for the first time", "belmark")
    ]
    assert (found["more"], found["new"], chronology.record.head()) == (0, 3, 0)


def test_a_check_knows_the_names_that_are_recorded_and_says_lines_of_ndjson(api: Api, chronology: Chronology) -> None:
    sent(api, SOUND)
    wrong = [fact("second", citations=[{"source": "papr", "exact": "It is done."}]), fact("third", parties=["arvenja"])]

    content = "\n" + "\n".join(json.dumps({"fact": each}) for each in wrong)
    found = sent(api, content, "application/x-ndjson", "?check=yes").get_json()

    assert [(each["line"], each["pointer"], each["nearest"]) for each in found["faults"]] == [
        (2, "/fact/citations/0/source", "paper")
    ]
    assert [(each["line"], each["nearest"]) for each in found["doubts"]] == [(3, "arvenia")]
    assert (found["new"], chronology.record.head()) == (1, 2)


def test_others_write_while_a_chronicle_is_checked(
    api: Api, chronology: Chronology, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = faults._Checking.run

    def run(checking: Any, unit: Any) -> None:
        decide(checking, unit)
        chronology.write("another", lambda other: register_source(other, {**SOURCE, "id": "meanwhile"}))

    monkeypatch.setattr(faults._Checking, "run", run)
    found = sent(api, SOUND, query="?check=yes").get_json()

    assert (found["faults"], found["new"], chronology.record.head()) == ([], 2, 1)


def test_a_sound_chronicle_has_no_faults_and_names_that_differ_in_numbers_are_no_slips(api: Api) -> None:
    rounds = [fact(f"a{n}", subject=f"swap-{n}", parties=["arvenia"]) for n in range(3)]
    found = sent(api, {"sources": [SOURCE], "facts": rounds}, query="?check=yes").get_json()

    assert found == {"faults": [], "more": 0, "unchecked": 0, "doubts": [], "new": 4}


def test_a_fact_without_an_id_that_was_edited_is_doubted_as_a_second_one(api: Api) -> None:
    told, other = (fact("-", occurred=day) for day in ("2024-01-01", "2024-03-01"))
    for each in (told, other):
        del each["id"]
    sent(api, {"sources": [SOURCE], "facts": [told, other]})

    edited = {"sources": [SOURCE], "facts": [told | {"occurred": "2024-01-02"}, other]}
    found = sent(api, edited, query="?check=yes").get_json()["doubts"]
    again = sent(api, {"sources": [SOURCE], "facts": [told, other]}, query="?check=yes").get_json()["doubts"]
    added = sent(api, {"facts": [told, other, told | {"occurred": "2024-05-01"}]}, query="?check=yes").get_json()

    recorded = api.get("/facts", sort="occurred").get_json()["facts"][0]["id"]
    assert [(each["nearest"], each["detail"]) for each in found] == [
        (
            recorded,
            f"a second fact beside {recorded!r}, as it differs only in when it happened; was that one to be corrected?",
        )
    ]
    assert (again, added["doubts"], added["new"]) == ([], [], 1)


def test_the_command_line_checks_a_file_and_exits_with_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHRONOLOGY_DATABASE", f"sqlite:///{tmp_path}/c.db")
    (tmp_path / "faulty.yaml").write_text(FAULTY)
    (tmp_path / "sound.yaml").write_text(json.dumps(SOUND))

    faulty, sound = (
        CliRunner().invoke(main, ["import", "--check", str(tmp_path / name)]) for name in ("faulty.yaml", "sound.yaml")
    )

    assert (faulty.exit_code, sound.exit_code) == (2, 0)
    assert "line 9, /facts/0/kind: 'SwapAgred' is not a kind of fact (the nearest is 'SwapAgreed')" in faulty.output
    assert "0 faults; 2 new events if it were taken in" in sound.output
