"""A spreadsheet is taken in on the page: its columns matched, its faults put right in their cells, recorded once."""

import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from service.app import create_app
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import Api, api_of
from tests.fixtures.stories import Ticking
from tests.fixtures.tables import SLIPS, WITHOUT_WORDS, table_of_rows
from tests.pages.forms import Page
from tests.pages.test_acts import browser

ADDRESS = "/desk/table"
ROWS = 5_000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 60
MENDED = {8: "4 July 2015", 23: "2015-07-04"}


@pytest.fixture
def recorder(sqlite_chronology: Chronology) -> FlaskClient:
    return browser(create_app(sqlite_chronology), "recorder", "Rita")


def chosen(client: FlaskClient, table: str) -> Page:
    """The page on which the columns of a pasted table are matched, with what was suggested."""
    return Page(client, ADDRESS).sent("", pasted=table)


def matched(client: FlaskClient, table: str) -> Page:
    """The same with the one column that no heading suggests."""
    page = chosen(client, table)
    page.fields["column.8"] = "count_each"
    return page


def timed(what: str, done: Any) -> Any:
    began = time.perf_counter()
    found = done()
    sys.stdout.write(f"{ROWS} rows, {what}: {time.perf_counter() - began:.1f} s\n")
    return found


def test_a_table_in_two_languages_and_three_styles_of_dates_is_taken_in_and_adds_nothing_twice(
    recorder: FlaskClient, sqlite_chronology: Chronology
) -> None:
    table = table_of_rows(ROWS)

    match = timed("columns suggested", lambda: matched(recorder, table))
    looked = timed("looked at", lambda: match.sent("check"))

    assert [match.fields[f"column.{at}"] for at in range(5)] == [
        *("occurred", "kind", "subject", "exact", "source.title"),
    ]
    assert {name.split(".")[1] for name in looked.fields if name.startswith("cell.")} == {str(each) for each in SLIPS}
    assert f"{ROWS - len(SLIPS):,} of {ROWS:,} rows can be taken in" in looked.text
    assert "is not an EDTF date" in looked.text
    assert looked.sent("record").status == 200
    assert sqlite_chronology.record.head() == 0

    mended = {f"cell.{row}.0": words for row, words in MENDED.items()}
    again = timed("mended and looked at again", lambda: looked.sent("check", **mended))
    assert "What is wrong" not in again.text
    taken = timed("recorded", lambda: again.sent("record"))
    waiting = ROWS // WITHOUT_WORDS
    assert f"{ROWS - waiting:,} facts" in taken.text
    assert f"{waiting:,} rows that wait for a source" in taken.text
    head = sqlite_chronology.record.head()
    api = api_of(sqlite_chronology, "reader")
    assert api.get("/subjects/boats-4").get_json()["status"]["since"] == "2015-07-04"

    second = timed("looked at a second time", lambda: again.sent("check"))
    assert "0 entries would be new" in second.text
    last = timed("recorded a second time", lambda: second.sent("record"))
    assert "Nothing is new" in last.text
    assert sqlite_chronology.record.head() == head


def test_rows_left_out_a_mapping_downloaded_and_what_is_no_table(recorder: FlaskClient) -> None:
    looked = matched(recorder, table_of_rows(8)).sent("check")

    mapping = yaml.safe_load(looked.sent("mapping").answer.text)
    without = looked.sent("check", **{"without.8": "yes"})
    twice = looked.sent("check", **{"column.8": "occurred"})
    nothing = Page(recorder, ADDRESS).sent("", pasted=" ")
    no_table = Page(recorder, ADDRESS).sent("", pasted="a,a\n1,2\n")
    long = looked.sent("check", table="Date\n" + "2025-01-01\n" * 10_001)
    strange = looked.sent("check", **{"cell.x.y": "a", "cell.7.999": "b", "always": "so"})

    assert mapping["columns"]["Number each"] == "count_each"
    assert mapping["values"]["kind"]["Swap agreed"] == "SwapAgreed"
    assert "7 of 7 rows can be taken in" in without.text
    assert (twice.status, "Two columns are &#39;occurred&#39;" in twice.text) == (422, True)
    assert (nothing.status, no_table.status, strange.status, long.status) == (422, 422, 422, 422)
    assert (strange.fields["always"], strange.fields["table"]) == ("so", looked.fields["table"])


def said_until(sending: Any, words: str) -> str:
    """What an answer that is still being written says, up to the words."""
    said = ""
    for each in sending.iter_encoded():
        said += each.decode()
        if words in said:
            break
    return said.partition(words)[0] + words


def test_what_is_recorded_is_said_part_by_part_and_an_interrupted_table_loses_nothing(
    recorder: FlaskClient, sqlite_chronology: Chronology
) -> None:
    table = re.sub("35.13.2025|the other day", "2015-01-04", table_of_rows(300))
    looked = matched(recorder, table).sent("check")

    sending = recorder.post(ADDRESS, data={**looked.fields, "step": "record"}, buffered=False)
    said = said_until(sending, "entries in the record")
    sending.close()
    part = sqlite_chronology.record.head()
    again = looked.sent("record")

    assert said.endswith(f"rows are done: {part} new entries in the record")
    assert 0 < part < sqlite_chronology.record.head()
    assert f"300 of 300 rows are done: {sqlite_chronology.record.head() - part} new entries" in again.text
    assert "Nothing is new" in looked.sent("record").text


def test_a_table_that_is_refused_midway_says_what_is_recorded_and_is_looked_at_again(
    recorder: FlaskClient, sqlite_chronology: Chronology
) -> None:
    table = re.sub("35.13.2025|the other day", "2015-01-04", table_of_rows(300))
    looked = matched(recorder, table).sent("check")
    api_of(sqlite_chronology, "editor").posted("/subjects", {"id": "boats-150", "kind": "demand", "title": "Boats"})

    stopped = looked.sent("record")

    assert stopped.status == 200
    assert re.search("[1-9][0-9]* of 300 rows are done", stopped.text)
    assert "boats-150" in stopped.text.partition("It stopped")[2]
    assert "What is wrong" in stopped.sent("check").text


@pytest.fixture
def four_eyes(tmp_path: Path) -> Iterator[Chronology]:
    settings = Settings(database=f"sqlite:///{tmp_path}/desk.db", signing_key=f"{tmp_path}/key")
    chronology = Chronology(replace(settings, four_eyes="facts,sources"), now=Ticking(), follows=True)
    yield chronology
    chronology.close()


def test_under_four_eyes_the_rows_wait_a_few_in_each_proposal(four_eyes: Chronology) -> None:
    app = create_app(four_eyes)
    recorder, editor = browser(app, "recorder", "Rita"), browser(app, "editor", "Edda")
    table = re.sub("35.13.2025|the other day", "2015-01-04", table_of_rows(30))

    looked = matched(recorder, table).sent("check")
    sent = looked.sent("record")
    again = looked.sent("record")

    assert "2 proposals wait for an editor" in sent.text
    assert "2 proposals wait for an editor" in again.text
    api = api_of(four_eyes, "editor")
    waiting = [each["id"] for each in api.get("/proposals").get_json()["proposals"]]
    assert len(waiting) == 2
    queue = Page(editor, "/proposals")
    accepted = editor.post("/proposals", data={"csrf_token": queue.fields["csrf_token"], "chosen": waiting})
    assert "2 proposals are accepted" in accepted.text
    facts = api.get("/facts", limit=100).get_json()["facts"]
    assert sum(each["kind"] != "SubjectDescribed" for each in facts) == 27
    assert "Nothing was recorded at once" not in looked.sent("record").text


WITHOUT = {
    "kind": "SwapAgreed",
    "subject": "boats",
    "occurred": "2025-03-03",
    "count_each": {"best": 2},
    "source": "paper",
    "subjects": [{"id": "boats", "kind": "swap", "title": "Boats"}],
}
PAPER = {
    "id": "paper",
    "title": "Paper",
    "publisher": "Harbour News",
    "text": "They agreed on two boats. Nothing more.",
}


@pytest.fixture
def api(sqlite_chronology: Chronology) -> Api:
    api = api_of(sqlite_chronology, "editor")
    api.posted("/sources", PAPER)
    return api


def unsourced(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/proposals", state="unsourced").get_json()["proposals"]
    return found


def test_a_fact_without_words_waits_until_somebody_gives_it_those_of_a_source(
    api: Api, recorder: FlaskClient, sqlite_chronology: Chronology
) -> None:
    first, again = api.post("/proposals", WITHOUT), api.post("/proposals", WITHOUT)
    name = first.get_json()["proposal"]

    assert (first.status_code, again.status_code, again.get_json()["proposal"]) == (201, 200, name)
    assert api.get("/subjects/boats").status_code == 404
    assert api.post(f"/proposals/{name}/acceptance", None).status_code == 409
    assert "Waiting for a source" in Page(recorder, "/proposals").text

    form = Page(recorder, f"/desk/proposal/{name}/record")
    assert (form.fields["occurred"], form.fields["count_each"]) == ("2025-03-03", "2")
    assert form.fields["citations.0.source"] == "paper"
    refused = form.sent("check", citations__0__exact="They never did.")
    assert (refused.status, "citations-0-exact" in refused.faults()) == (422, True)
    form.recorded(citations__0__exact="They agreed on two boats.")

    found = api.get("/subjects/boats").get_json()
    assert (found["title"], found["status"]["value"]) == ("Boats", "agreed")
    assert unsourced(api) == []
    assert api.post("/proposals", WITHOUT).status_code == 200
    assert unsourced(api) == []
    late = form.sent("check", citations__0__exact="Nothing more.")
    assert (late.status, late.fields["citations.0.exact"]) == (200, "Nothing more.")
    assert late.sent("record").status == 409


def test_words_are_given_by_the_api_and_what_is_rejected_stays_so(api: Api) -> None:
    name = api.posted("/proposals", WITHOUT)["proposal"]
    other = api.posted("/proposals", {**WITHOUT, "occurred": "2025-03-04"})["proposal"]
    words = {"citations": [{"source": "paper", "exact": "They agreed on two boats."}]}

    given = api.post(f"/proposals/{name}/words", words)
    api.posted(f"/proposals/{other}/rejection", {"reason": "Nobody says so."})

    assert given.status_code == 201
    assert api.post(f"/proposals/{name}/words", words).status_code == 409
    assert unsourced(api) == []
    assert api.post("/proposals", {**WITHOUT, "occurred": "2025-03-04"}).status_code == 200
    assert unsourced(api) == []


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"occurred": "soon"}, "/occurred"),
        ({"citations": [{"source": "paper", "exact": "They agreed"}]}, "/citations"),
        ({"kind": "Nothing"}, "/kind"),
        ({"subjects": [{"id": "boats"}]}, "/subjects/0/kind"),
        ({"source": "a b"}, "/source"),
    ],
)
def test_what_is_wrong_with_a_fact_without_words_is_refused(api: Api, wrong: dict[str, Any], pointer: str) -> None:
    refused = api.post("/proposals", {**WITHOUT, **wrong})

    assert refused.status_code == 422
    assert pointer in [each["pointer"] for each in refused.get_json()["errors"]]
