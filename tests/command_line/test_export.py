"""Exported lines, imported into an empty chronology, give the same answers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import strategies as st

from events.commands.redact import redact
from events.kinds.any_subject import StatementMade
from events.kinds.swap import SwapAgreed, SwapCompleted
from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.subjects.states import states
from projections.store.snapshots import Snapshot
from service.chronicle.exporting import Export
from service.chronicle.file import STAMPS
from service.chronicle.importing import take_in
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import Api, on
from tests.fixtures.histories import INSTANTS, History, Reading, histories, readings, told_to
from tests.fixtures.stories import Chronicle
from tests.truth.test_properties import for_each

OURS = {"kind": "reassessment", "reason": "it turned out so"}


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Chronology]:
    (tmp_path / "elsewhere").mkdir()
    chronology = Chronology(Settings(database=on("sqlite", tmp_path / "elsewhere")), follows=True)
    yield chronology
    chronology.close()


def lines(chronology: Chronology) -> list[bytes]:
    return list(Export(chronology.record).lines())


def without_made_ids(lines: list[bytes]) -> list[Any]:
    """The lines, but for ids that an import makes for amendments without one, and for who recorded them when."""
    told = [item for line in lines if line.strip() and "event" not in (item := orjson.loads(line))]
    for each in told:
        for given in each.values():
            for stamp in STAMPS:
                given.pop(stamp, None)
        if str(each.get("amendment", {}).get("id")).startswith("amendment-"):
            del each["amendment"]["id"]
    return told


def as_the_api_has_it(history: History) -> History:
    """The history with what the API asks of a new version: when it was read."""
    steps = [
        ("revise", step[1], {"retrieved_at": INSTANTS[-1], **step[2]}) if step[0] == "revise" else step
        for step in history.steps
    ]
    return replace(history, steps=steps)


def told_again(chronology: Chronology, other: Chronology, folder: Path) -> None:
    file = folder / "chronicle.ndjson"
    file.write_bytes(b"".join(lines(chronology)))
    take_in(other, "clerk", file)


def states_of(snapshot: Snapshot, subjects: list[str], asked: Asked) -> list[dict[str, Any]]:
    clocks: Clocks = clocks_for(snapshot, asked)
    return [without_recorders(each) for each in states(snapshot, subjects, clocks)]


def without_recorders(state: Any) -> Any:
    """A state without who gave its verdicts and when, which an import does not take in."""
    for finding in (state["status"], *state["fields"].values()):
        for each in ("by", "recorded"):
            finding.get("verdict", {}).pop(each, None)
    return state


def test_any_history_told_again_is_the_same_at_all_positions(chronologies: list[Chronology], tmp_path: Path) -> None:
    one, other = chronologies
    told = []

    @for_each(share=1 / 6, history=histories(), readings=st.lists(readings(), min_size=2, max_size=2))
    def tell(history: History, readings: list[Reading]) -> None:
        told.append((told_to([one], as_the_api_has_it(history))[0][1], readings))

    told_again(one, other, tmp_path)

    assert without_made_ids(lines(other)) == without_made_ids(lines(one))
    assert other.record.head() == one.record.head() > len(told)
    with one.ask(Asked()) as (here, _), other.ask(Asked()) as (there, _):
        for history, asked in told:
            for reading in asked:
                clocks = reading.asked(history)
                if (clocks.recorded_until, clocks.reported_until) == (None, None):  # undated sources: when recorded
                    found = [states_of(each, list(history.subjects), clocks) for each in (here, there)]
                    assert found[0] == found[1]
    taken = take_in(other, "clerk", tmp_path / "chronicle.ndjson")
    assert taken.new == 0


def test_merges_splits_withdrawals_and_new_versions_are_told_again(
    chronicle: Chronicle, api: Api, chronology: Chronology, elsewhere: Chronology, tmp_path: Path
) -> None:
    chronicle.given(SwapAgreed, "east-swap", "agreed", count_each=5, reported="2024-01-02")
    chronicle.given(SwapCompleted, "west-swap", "done", occurred="2024-01-05", reported="2024-01-06")
    source = api.get("/sources").get_json()["sources"][0]["id"]
    api.posted("/subjects/west-swap/merges", {"into": "east-swap", **OURS})
    api.posted("/subjects/west-swap/regroupings/1/withdrawal", OURS)
    api.posted("/subjects/west-swap/splits", {"into": "north-swap", "facts": ["done"], **OURS})
    api.posted(f"/sources/{source}/revisions", {"text": "Other words.", "retrieved_at": "2024-02-01"})
    api.posted(
        "/facts",
        {
            "kind": "SwapCompleted",
            "subject": "east-swap",
            "occurred": "2024-01-07",
            "citations": [{"source": source, "version": 2, "exact": "Other words."}],
        },
    )
    api.posted(f"/sources/{source}/withdrawals", {"reason": "It was taken down."})

    told_again(chronology, elsewhere, tmp_path)

    assert without_made_ids(lines(elsewhere)) == without_made_ids(lines(chronology))
    with chronology.ask(Asked()) as (one, _), elsewhere.ask(Asked()) as (other, _):
        subjects = ["east-swap", "west-swap", "north-swap"]
        found = [states_of(each, subjects, Asked()) for each in (one, other)]
        assert found[0] == found[1]
        assert [each["status"]["value"] for each in found[0]] == ["completed", None, "completed"]


def test_what_rests_on_erased_words_is_left_out_and_the_rest_is_told_again(
    chronicle: Chronicle, api: Api, chronology: Chronology, elsewhere: Chronology, tmp_path: Path
) -> None:
    chronicle.given(
        StatementMade, "east-swap", "said", subject_kind="swap", by="arvenia", gist="says so", reported="2024-01-01"
    )
    chronicle.given(StatementMade, "east-swap", "heard", by="belmark", gist="says no", reported="2024-01-02")
    api.posted("/facts/heard/retractions", {**OURS, "id": "taken-back"})
    api.posted("/facts/said/retractions", {**OURS, "id": "gone"})
    api.posted("/facts/heard/amendments/1/withdrawal", OURS)
    chronology.write("clerk", lambda call: redact(call, "fact", "said", {"reason": "the law"}))
    export = Export(chronology.record)
    told = [orjson.loads(line) for line in export.lines() if line.strip()]

    assert export.left_out == 2
    assert [each["fact"]["id"] for each in told if "fact" in each] == ["heard"]
    told_again(chronology, elsewhere, tmp_path)
    assert without_made_ids(lines(elsewhere)) == without_made_ids(lines(chronology))
