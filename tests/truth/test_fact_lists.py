"""Lists of facts, in three orders and with filters: page by page they hold what the plain reading of the rules gives."""

from typing import Any

import pytest
from hypothesis import strategies as st

from events.dates.bounds import Bounds
from events.kinds.actor import ActorNamed
from events.kinds.swap import SwapAgreed, SwapCompleted
from projections.clocks import Asked, clocks_for
from projections.queries.evidence import fact_pages
from projections.queries.evidence.fact_pages import page_of_facts
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology
from tests.conftest import Api
from tests.fixtures.histories import History, Reading, Told, histories, readings, told_to
from tests.fixtures.stories import Chronicle
from tests.truth.brute import EVER, FactAsOf, Log
from tests.truth.test_properties import for_each

SORTS = ("recorded", "occurred", "reported")


def listed(snapshot: Snapshot, asked: Asked, size: int, filters: dict[str, Any], within: Bounds) -> list[Any]:
    clocks, found = clocks_for(snapshot, asked), []
    after: Any = 0 if filters.get("sort", "recorded") == "recorded" else b""
    while after is not None:
        page, after = page_of_facts(snapshot, clocks, filters, within, after, size)
        assert len(page) <= size
        found += page
    return found


def expected(told: Told, reading: Reading, snapshot: Snapshot, sort: str, within: Bounds, undated: str) -> list[Any]:
    """Section 3 read plainly: all facts, sorted, filtered."""
    clocks = clocks_for(snapshot, reading.asked(told))
    log = Log(told.calls, clocks.position)
    reported = EVER if clocks.reported is None else clocks.reported
    facts = [each for each in log.standings(reported) if each.visible]
    orders: dict[str, Any] = {
        "recorded": lambda fact: fact.recording.position,
        "occurred": lambda fact: (fact.lo, fact.rung, fact.recorded, fact.id),
        "reported": lambda fact: (fact.first_report()[0], fact.recording.position),
    }
    lo = -EVER if within.lo is None else within.lo
    hi = EVER if within.hi is None else within.hi

    def passes(fact: FactAsOf) -> bool:
        if (lo, hi) == (-EVER, EVER):
            return True
        return fact.lo < hi and lo < fact.hi if fact.values.get("occurred") else undated == "yes"

    return [
        (
            fact.id,
            fact.first_report()[1],
            "certain" if fact.certain(clocks.at) else "possible" if fact.possible(clocks.at) else "not yet",
            not fact.stands,
            fact.flagged,
        )
        for fact in sorted(facts, key=orders[sort])
        if passes(fact)
    ]


def shown(page: list[Any]) -> list[Any]:
    return [
        (
            each["id"],
            each["reported"] and (each["reported"]["published"], each["reported"]["source"]),
            each["certainty"],
            each["retracted"],
            each["reported_before_occurred"],
        )
        for each in page
    ]


SPANS = [Bounds(None, None)] * 2 + [
    Bounds(1_748_736_000_000_000, 1_748_822_400_000_000),
    Bounds(None, 1_748_865_600_000_000),
    Bounds(1_748_822_400_000_000, None),
]


def test_lists_of_any_history_at_any_clocks_in_every_order(chronologies: list[Chronology]) -> None:
    @for_each(
        share=1 / 5,
        history=histories(),
        asked=st.lists(readings(), min_size=2, max_size=4),
        size=st.integers(1, 4),
        within=st.sampled_from(SPANS),
        undated=st.sampled_from(["yes", "no"]),
    )
    def holds(history: History, asked: list[Reading], size: int, within: Bounds, undated: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fact_pages, "_AT_ONCE", 3)
            for chronology, told in told_to(chronologies, history):
                with chronology.ask(Asked()) as (snapshot, _):
                    for reading in asked:
                        for sort in SORTS:
                            filters = {"sort": sort, "undated": undated}
                            found: dict[str, Any] = {}
                            for subject in told.subjects:
                                page = listed(
                                    snapshot, reading.asked(told), size, {**filters, "subject": subject}, within
                                )
                                assert shown(page) == [
                                    each
                                    for each in expected(told, reading, snapshot, sort, within, undated)
                                    if each[0] in {one["id"] for one in page}
                                ]
                                found |= {each["id"]: each for each in page}
                            ours = expected(told, reading, snapshot, sort, within, undated)
                            by_others = {each[0] for each in ours if "-v" in each[0]}  # about those who speak
                            assert set(found) - by_others == {each[0] for each in ours} - by_others


def test_a_list_without_filters_has_every_fact_once_in_each_order(chronology: Chronology, chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "arvenia", "named", name="Arvenia", reported="2024-03-01")
    chronicle.given(SwapAgreed, "swap", "late", occurred="2024-01-05", reported="2024-01-20")
    chronicle.given(SwapAgreed, "swap", "early", occurred="2024-01-02/..", reported="2024-02-01")
    chronicle.given(SwapCompleted, "swap", "undated", occurred="[..2024-01-09]", reported=None)
    chronicle.amend("late", "corrections", changes={"occurred": "2024-01-01"})
    chronicle.amend("early", "corroborations", reported="2024-01-03", publisher="Herald", kind=None)

    with chronology.ask(Asked()) as (snapshot, _):
        for size in (1, 2, 3, 4, 5):
            found = {
                sort: [each["id"] for each in listed(snapshot, Asked(), size, {"sort": sort}, Bounds(None, None))]
                for sort in SORTS
            }
            assert found["recorded"] == ["named", "late", "early", "undated"]
            assert found["occurred"] == ["named", "undated", "late", "early"]
            assert found["reported"] == ["early", "late", "named", "undated"]


def test_a_list_pinned_by_its_cursor_stays_as_it_was_whatever_is_recorded_meanwhile(
    chronicle: Chronicle, api: Api
) -> None:
    for number in range(4):
        chronicle.given(SwapAgreed, "swap", f"fact-{number}", occurred=f"2024-01-0{8 - number}", reported="2024-02-01")
    first = {sort: api.get("/facts", sort=sort, limit=2).get_json() for sort in SORTS}
    chronicle.amend("fact-0", "corrections", changes={"occurred": "2023-01-01"})
    chronicle.given(SwapAgreed, "swap", "fact-9", occurred="2024-01-06", reported="2024-01-07")
    rest = {sort: api.get("/facts", sort=sort, limit=5, cursor=first[sort]["next"]).get_json() for sort in SORTS}

    ids = {sort: [each["id"] for page in (first, rest) for each in page[sort]["facts"]] for sort in SORTS}
    assert ids["recorded"] == ids["reported"] == [f"fact-{number}" for number in range(4)]
    assert ids["occurred"] == [f"fact-{number}" for number in (3, 2, 1, 0)]
    assert api.get("/facts", sort="occurred", cursor=first["reported"]["next"]).status_code == 422


def test_facts_say_whether_they_had_happened_by_at(chronicle: Chronicle, api: Api) -> None:
    chronicle.given(SwapAgreed, "swap", "before", occurred="2024-01-05", reported="2024-02-01")
    chronicle.given(SwapAgreed, "swap", "about", occurred="[2024-01-05..2024-01-15]", reported="2024-02-01")
    chronicle.given(SwapCompleted, "swap", "after", occurred="2024-01-15", reported="2024-02-01")

    def certainties(**clocks: str) -> dict[str, str]:
        return {each["id"]: each["certainty"] for each in api.get("/facts", **clocks).get_json()["facts"]}

    assert certainties(at="2024-01-10") == {"before": "certain", "about": "possible", "after": "not yet"}
    assert set(certainties().values()) == {"certain"}
    assert api.get("/facts/after", at="2024-01-10").get_json()["certainty"] == "not yet"


def test_facts_are_filtered_by_what_became_of_them(chronicle: Chronicle, api: Api) -> None:
    chronicle.given(SwapAgreed, "swap", "ten", occurred="2024-01-05", count_each=10, reported="2024-02-01")
    chronicle.given(SwapAgreed, "swap", "twelve", occurred="2024-01-05", count_each=12, reported="2024-02-02")
    chronicle.given(SwapAgreed, "other", "gone", occurred="2024-01-05", reported="2024-02-01", credibility="B2")
    chronicle.given(SwapAgreed, "third", "foretold", occurred="2024-03-01", reported="2024-02-01")
    chronicle.given(SwapAgreed, "fourth", "denied", occurred="2024-01-05", modality="denied")
    chronicle.amend("gone", "retractions")

    def ids(**filters: str) -> set[str]:
        return {each["id"] for each in api.get("/facts", **filters).get_json()["facts"]}

    assert ids(contested="yes") == {"ten", "twelve"}
    assert ids(contested="no") == {"gone", "foretold", "denied"}
    assert ids(retracted="yes") == {"gone"}
    assert ids(reported_before_occurred="yes") == {"foretold"}
    assert ids(modality="denied") == {"denied"}
    assert ids(credibility="B2") == {"gone"}
    for wrong in ({"retracted": "true"}, {"sort": "newest"}, {"credibility": "Z9"}, {"modality": "true"}):
        answer = api.get("/facts", **wrong)
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["pointer"] == f"/{next(iter(wrong))}"


def test_facts_of_a_subject_are_those_merged_into_it_and_not_those_split_from_it(
    chronicle: Chronicle, api: Api
) -> None:
    ours = {"kind": "reassessment", "reason": "it turned out so"}
    chronicle.given(SwapAgreed, "east-swap", "east", occurred="2024-01-05")
    chronicle.given(SwapAgreed, "west-swap", "west", occurred="2024-01-06")
    chronicle.given(SwapCompleted, "west-swap", "moved", occurred="2024-01-07")
    before = api.get("/events", after=0).data.count(b"\n")
    api.posted("/subjects/west-swap/splits", {"into": "north-swap", "facts": ["moved"], **ours})
    api.posted("/subjects/west-swap/merges", {"into": "east-swap", **ours})

    def ids(**asked: Any) -> list[str]:
        return [each["id"] for each in api.get("/facts", **asked).get_json()["facts"]]

    for sort in SORTS:
        assert ids(subject="east-swap", sort=sort) == ids(subject="west-swap", sort=sort) == ["east", "west"]
        assert ids(subject="north-swap", sort=sort) == ["moved"]
        assert ids(subject="west-swap", sort=sort, position=before) == ["west", "moved"]
