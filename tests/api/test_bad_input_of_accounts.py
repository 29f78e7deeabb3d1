"""What may not be asked or said of accounts, verdicts, origins, instants and times: a problem that names the value.

Nothing is written. A party that speaks for itself in a ring does no harm.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from events.errors import ChronologyError
from events.kinds.actor import ActorNamed
from events.kinds.swap import SwapAgreed
from service.auth.roles import COMMAND_LINE
from service.chronicle.as_recorded import take_in_as_recorded
from service.databases.chronology import Chronology
from tests.conftest import Api
from tests.fixtures.stories import Chronicle

OURS = {"kind": "reassessment", "reason": "we judge anew"}
VERDICT = {"finding": "count_each", "prefers": None, "reason": "we think so"}
Case = tuple[str, Any, int, str]


@pytest.fixture
def told(chronicle: Chronicle, api: Api) -> Api:
    """Two people of one name, a contested swap, one that is not, and a client that may edit."""
    for actor in ("oda", "odo"):
        chronicle.given(ActorNamed, actor, name="Od", party="rivermark")
    chronicle.given(ActorNamed, "rivermark", name="Rivermark")
    chronicle.given(SwapAgreed, "contested", "first", count_each=5)
    chronicle.given(SwapAgreed, "contested", "second", count_each=6, publisher="Courier")
    chronicle.given(SwapAgreed, "settled", "third", count_each=7)
    return api


def is_refused(answer: Any, status: int, value: str) -> bool:
    body = answer.get_json()
    said = json.dumps([body["detail"], body.get("errors")], ensure_ascii=False)
    return (answer.status_code, answer.mimetype, value in said) == (status, "application/problem+json", True)


@pytest.mark.parametrize(
    "path", ["/subjects/contested", "/subjects/contested/understanding", "/subjects", "/values", "/agenda"]
)
@pytest.mark.parametrize("name", ["nobody", "Od", "contested"])
def test_an_account_of_nobody_or_of_an_ambiguous_name_is_refused(told: Api, path: str, name: str) -> None:
    assert is_refused(told.get(path, reading=name), 422, repr(name))


def test_neither_side_of_a_difference_takes_an_account_of_nobody(told: Api) -> None:
    for side in ("from_reading", "to_reading"):
        answer = told.get("/diff", **{side: "nobody"})
        assert is_refused(answer, 422, "'nobody'")
        assert answer.get_json()["errors"][0]["pointer"] == f"/{side}"


def test_parties_that_speak_for_each_other_in_a_ring_are_heard_and_do_no_harm(chronicle: Chronicle, api: Api) -> None:
    for actor, party in (("arvenia", "belmark"), ("belmark", "arvenia"), ("corland", "corland")):
        chronicle.given(ActorNamed, actor, name=actor.title(), party=party)
    chronicle.given(SwapAgreed, "swap", count_each=5, attributed_to="belmark")

    for party, value in (("arvenia", {"best": 5}), ("belmark", {"best": 5}), ("corland", None)):
        fields = api.get("/subjects/swap", reading=party).get_json()["fields"]
        assert fields.get("count_each", {}).get("value") == value


WRITES: list[Case] = [
    ("/subjects/settled/verdicts", VERDICT, 409, "count_each"),
    ("/subjects/contested/verdicts", {**VERDICT, "prefers": "third"}, 422, "'third'"),
    ("/subjects/contested/verdicts", {**VERDICT, "prefers": "first#9"}, 422, "'first#9'"),
    ("/subjects/contested/verdicts/7/withdrawal", OURS, 404, "7"),
    ("/sources", {"id": "new", "title": "N", "publisher": "G", "derived_from": ["new"]}, 422, "'new'"),
    ("/sources", {"id": "new", "title": "N", "publisher": "G", "derived_from": ["report-1", "none"]}, 422, "'none'"),
    ("/sources/report-1/corrections", {**OURS, "changes": {"derived_from": ["report-1"]}}, 422, "'report-1'"),
    ("/sources/report-1/corrections", {**OURS, "changes": {"derived_from": ["none"]}}, 422, "'none'"),
    ("/facts/first/corrections", {**OURS, "changes": {"occurred": "2024-01-01T10:60"}}, 422, "2024-01-01T10:60"),
    ("/facts/first/corrections", {**OURS, "changes": {"kind": "SwapCompleted"}}, 422, "misclassification"),
    (
        "/facts/first/corrections",
        {**OURS, "kind": "misclassification", "changes": {"kind": "SwapPostponed"}},
        422,
        "'count_each'",
    ),
]


@pytest.mark.parametrize(("path", "body", "status", "value"), WRITES)
def test_what_may_not_be_said_is_refused_by_name_and_leaves_nothing(
    told: Api, chronology: Chronology, path: str, body: Any, status: int, value: str
) -> None:
    head = chronology.record.head()

    assert is_refused(told.post(path, body), status, value)
    assert chronology.record.head() == head


def test_minutes_of_60_are_refused_on_every_clock(told: Api) -> None:
    for name in ("at", "reported_until", "recorded_until"):
        assert is_refused(
            told.get("/subjects/contested", **{name: "2024-01-01T10:60:00Z"}), 422, "2024-01-01T10:60:00Z"
        )


def test_a_stale_if_match_is_412_and_records_nothing(told: Api, chronology: Chronology) -> None:
    seen = told.get("/facts/first").headers["ETag"]
    told.posted("/facts/first/corrections", {**OURS, "changes": {"note": "seen"}})
    head = chronology.record.head()

    body = {**OURS, "changes": {"note": "unseen"}}
    answer = told.client.post("/api/v1/facts/first/corrections", json=body, headers=told.headers | {"If-Match": seen})

    assert is_refused(answer, 412, "'first'")
    assert chronology.record.head() == head


def _lines(*instants: str) -> str:
    stamped = [{"recorded": each, "recorded_by": "ada"} for each in instants]
    sources = [{"id": f"s{n}", "title": "S", "publisher": "G", **stamp} for n, stamp in enumerate(stamped)]
    return "".join(json.dumps({"source": each}) + "\n" for each in sources)


@pytest.mark.parametrize(
    ("instants", "value", "stand"),
    [
        (("2025-06-02T10:00:00Z", "2025-06-01T10:00:00Z"), "2025-06-01T10:00:00Z", 1),
        (("2999-06-02T10:00:00Z",), "2999-06-02T10:00:00Z", 0),
        (("2025-06-02T10:60:00Z",), "2025-06-02T10:60:00Z", 0),
    ],
)
def test_instants_that_decrease_lie_ahead_or_do_not_exist_are_refused_with_all_from_there_on(
    chronology: Chronology, tmp_path: Path, instants: tuple[str, ...], value: str, stand: int
) -> None:
    file = tmp_path / "elsewhere.ndjson"
    file.write_text(_lines(*instants))

    with pytest.raises(ChronologyError, match=value):
        take_in_as_recorded(chronology, COMMAND_LINE, file)

    assert chronology.record.head() <= stand


def test_no_history_is_taken_in_as_recorded_into_a_log_in_use(
    told: Api, chronology: Chronology, tmp_path: Path
) -> None:
    file, head = tmp_path / "elsewhere.ndjson", chronology.record.head()
    file.write_text(_lines("2025-06-02T10:00:00Z"))

    with pytest.raises(ChronologyError, match="its own clock"):
        take_in_as_recorded(chronology, COMMAND_LINE, file)

    assert chronology.record.head() == head
