"""What amendments do to a state, on each of the clocks."""

from typing import Any

import pytest

from events.errors import Conflict, Invalid
from events.kinds.swap import SwapAgreed, SwapCompleted, SwapPostponed
from events.kinds.talks import MeetingProposed, TalksBegan
from tests.fixtures.stories import Chronicle


def test_a_retracted_fact_is_gone_and_a_reinstated_one_is_back(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, count_each=5)
    before = chronicle.head
    chronicle.amend(agreed, "retractions")
    retracted = chronicle.head
    chronicle.amend(agreed, "reinstatements")

    assert chronicle.state(position=before).status == "agreed"
    assert chronicle.state(position=retracted).status is None
    assert chronicle.state().status == "agreed"


def test_retracting_twice_and_reinstating_what_stands_are_conflicts(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed)
    with pytest.raises(Conflict, match="is not retracted"):
        chronicle.amend(agreed, "reinstatements")
    chronicle.amend(agreed, "retractions")
    with pytest.raises(Conflict, match="retracted already"):
        chronicle.amend(agreed, "retractions")


def test_a_publisher_that_retracts_takes_its_words_away_and_anothers_bring_the_fact_back(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, publisher="Gazette", reported="2024-01-02")
    chronicle.amend(agreed, "retractions", reported="2024-01-05", publisher="Gazette")
    alone = chronicle.head
    chronicle.amend(agreed, "corroborations", reported="2024-01-03", publisher="Courier")

    assert chronicle.state(position=alone).status is None
    assert chronicle.state(position=alone, reported_until="2024-01-04").status == "agreed"
    assert chronicle.state().status == "agreed"


def test_a_fact_that_stands_on_another_publisher_is_not_to_be_reinstated(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, publisher="Gazette", reported="2024-01-02")
    chronicle.amend(agreed, "corroborations", reported="2024-01-03", publisher="Courier")
    chronicle.amend(agreed, "retractions", reported="2024-01-05", publisher="Gazette")

    with pytest.raises(Conflict, match="is not retracted"):
        chronicle.amend(agreed, "reinstatements")


def test_an_older_report_recorded_later_moves_the_first_report_back_for_the_later_t_only(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, reported="2024-01-10")
    before = chronicle.head
    chronicle.amend(agreed, "corroborations", reported="2024-01-03", publisher="Courier")

    assert chronicle.state(reported_until="2024-01-05", position=before).status is None
    assert chronicle.state(reported_until="2024-01-05").status == "agreed"


def test_corrections_apply_misreadings_first_then_sources_then_judgements(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, count_each=1, reported="2024-01-02")
    chronicle.amend(agreed, "corrections", changes={"count_each": 4})
    chronicle.amend(agreed, "corrections", reported="2024-01-06", changes={"count_each": 3})
    chronicle.amend(agreed, "corrections", kind="transcription_error", reason="slip", changes={"count_each": 2})

    assert chronicle.state().value("count_each") == {"best": 4}
    chronicle.amend(agreed, "withdrawal", withdraws=1)
    assert chronicle.state().value("count_each") == {"best": 3}
    assert chronicle.state(reported_until="2024-01-05").value("count_each") == {"best": 2}


def test_a_withdrawal_may_be_withdrawn_and_withdrawing_twice_is_a_conflict(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, count_each=1)
    correction = chronicle.amend(agreed, "corrections", changes={"count_each": 2})
    withdrawal = chronicle.amend(agreed, "withdrawal", withdraws=correction.n)
    with pytest.raises(Conflict, match="withdrawn already"):
        chronicle.amend(agreed, "withdrawal", withdraws=correction.n)

    chronicle.amend(agreed, "withdrawal", withdraws=withdrawal.n)
    assert chronicle.state().value("count_each") == {"best": 2}


def test_a_correction_moves_a_fact_to_another_subject(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, "first-swap", count_each=5)
    chronicle.amend(agreed, "corrections", changes={"subject": "second-swap"})

    assert chronicle.state("first-swap").status is None
    assert chronicle.state("second-swap").status == "agreed"
    assert chronicle.state("second-swap").raw["kind"] == "swap"


def test_a_misclassified_fact_becomes_one_of_another_kind(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, count_each=5, categories=["wounded"])
    _reclassify(chronicle, agreed, kind="SwapCompleted", categories=None)

    assert chronicle.state().status == "completed"
    assert (chronicle.state().value("count_each"), chronicle.state().value("categories")) == ({"best": 5}, None)


def _reclassify(chronicle: Chronicle, fact: str, **changes: Any) -> int:
    return chronicle.amend(fact, "corrections", kind="misclassification", reason="misread", changes=changes).n


def test_a_change_of_kind_that_would_drop_fields_in_silence_is_refused_and_names_each(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, count_each=5, categories=["wounded"], parties=["arvenia", "belmark"])
    before = chronicle.head

    with pytest.raises(Invalid) as refused:
        _reclassify(chronicle, agreed, kind="SwapCompleted", announced_by=["arvenia"], venue=None)

    assert [(fault.pointer, fault.sentence) for fault in refused.value.faults] == [
        ("/changes/parties", "SwapCompleted has no field 'parties', which the fact has: say null for it"),
        ("/changes/categories", "SwapCompleted has no field 'categories', which the fact has: say null for it"),
        ("/changes/venue", "SwapCompleted has no field 'venue'"),
    ]
    assert chronicle.head == before


def test_a_change_of_kind_that_gives_a_value_to_a_field_of_the_old_kind_is_refused(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, categories=["wounded"])

    with pytest.raises(Invalid, match="SwapCompleted has no field 'categories'"):
        _reclassify(chronicle, agreed, kind="SwapCompleted", categories=["sick"])


def test_null_may_name_a_field_of_any_kind_that_the_fact_had_and_of_no_other(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, categories=["wounded"])
    _reclassify(chronicle, agreed, kind="SwapCompleted", categories=None)

    chronicle.amend(agreed, "corrections", changes={"categories": None, "count_each": 4})
    with pytest.raises(Invalid, match="SwapCompleted has no field 'reason'"):
        chronicle.amend(agreed, "corrections", changes={"reason": None})

    assert chronicle.state().value("count_each") == {"best": 4}


def test_what_a_change_of_kind_removed_is_back_when_the_change_is_withdrawn(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, categories=["wounded"])
    n = _reclassify(chronicle, agreed, kind="SwapCompleted", categories=None)

    chronicle.amend(agreed, "withdrawal", withdraws=n)

    assert chronicle.state().status == "agreed"
    assert chronicle.state().value("categories") == ["wounded"]


def test_a_kind_said_again_drops_nothing_and_needs_no_nulls(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, categories=["wounded"])
    _reclassify(chronicle, agreed, kind="SwapAgreed", count_each=3)

    assert chronicle.state().value("categories") == ["wounded"]


def test_a_correction_in_the_terms_of_the_kind_that_the_fact_has_now_is_recognised_when_sent_again(
    chronicle: Chronicle,
) -> None:
    postponed = chronicle.given(SwapPostponed, reason="snow")
    _reclassify(chronicle, postponed, kind="SwapCompleted", reason=None)
    first = chronicle.amend(postponed, "corrections", id="count", changes={"count_each": 4})

    assert chronicle.amend(postponed, "corrections", id="count", changes={"count_each": 4}).n == first.n


def test_a_dispute_puts_a_rival_beside_the_value_and_the_status(chronicle: Chronicle) -> None:
    done = chronicle.given(SwapCompleted, count_each=5)
    chronicle.amend(
        done, "disputes", reported="2024-01-09", publisher="Courier", changes={"count_each": 4, "status": "agreed"}
    )
    state = chronicle.state()

    assert (state.value("count_each"), state.rivals("count_each")) == ({"best": 5}, [{"best": 4}])
    assert state.rivals("status") == ["agreed"]
    assert state.raw["status"]["rivals"][0] == {"value": "agreed", "because": [f"{done}#1"], "by": "Courier"}
    assert chronicle.state(reported_until="2024-01-05").contested == set()


def test_a_wrong_publication_date_is_repaired_from_its_recorded_instant_on(chronicle: Chronicle) -> None:
    citation = chronicle.report(reported="2024-03-01")
    chronicle.given(SwapAgreed, citations=[citation])
    before = chronicle.head
    chronicle.correct_source(citation["source"], published="2024-01-03")

    assert chronicle.state(reported_until="2024-01-05", position=before).status is None
    assert chronicle.state(reported_until="2024-01-05").status == "agreed"


def test_words_of_a_revision_count_from_the_revision(chronicle: Chronicle) -> None:
    citation = chronicle.report(reported="2024-01-02")
    chronicle.revise(citation["source"], text="Now they say more.", retrieved_at="2024-02-01T10:00:00Z")
    chronicle.given(SwapAgreed, citations=[{"source": citation["source"], "exact": "Now they say more."}])

    assert chronicle.state(reported_until="2024-01-15").status is None
    assert chronicle.state(reported_until="2024-02-01").status == "agreed"


def test_a_source_without_a_date_counts_as_published_when_it_was_recorded(chronicle: Chronicle) -> None:
    citation = chronicle.report(reported=None)
    chronicle.given(SwapAgreed, citations=[citation])

    assert chronicle.state(reported_until="2025-12-31").status is None
    assert chronicle.state(reported_until="2026-01-01").status == "agreed"


def test_what_has_happened_happened_before_its_report(chronicle: Chronicle) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01", reported="2024-01-10")

    assert chronicle.state(at="2024-01-09").status is None
    assert chronicle.state(at="2024-01-10").status == "agreed"


def test_a_report_before_the_deed_leaves_the_bounds_and_flags_the_fact(chronicle: Chronicle) -> None:
    chronicle.given(SwapAgreed, occurred="2024-05-05", reported="2024-01-10")

    assert chronicle.state(at="2024-02-01").status is None
    assert chronicle.state(at="2024-05-05").status == "agreed"


def test_a_correction_does_not_move_the_zone_unless_it_names_one(chronicle: Chronicle) -> None:
    began = chronicle.given(TalksBegan, occurred="2024-06-01", zone="Asia/Tokyo", reported="2024-07-01")
    chronicle.amend(began, "corrections", changes={"occurred": "2024-06-02"})
    assert chronicle.state(at="2024-06-02T15:00:00Z").status == "under way"

    chronicle.amend(began, "corrections", changes={"zone": "UTC"})
    assert chronicle.state(at="2024-06-02T15:00:00Z").status is None


def test_two_reports_of_one_day_are_ordered_by_what_they_do(chronicle: Chronicle) -> None:
    chronicle.given(SwapCompleted, occurred="2024-01-01")
    chronicle.given(SwapAgreed, occurred="2024-01-01")

    assert chronicle.state().status == "completed"


def test_overdue_is_read_in_the_zone_of_the_fact_that_set_the_time(chronicle: Chronicle) -> None:
    chronicle.given(
        MeetingProposed, proposed_for="2024-01-15", zone="Europe/Kyiv", occurred="2024-01-02", reported="2024-01-03"
    )

    assert chronicle.state(at="2024-01-15T21:59:59.999999Z").status == "lapsed"
    assert chronicle.state(at="2024-01-15T21:59:59Z").status == "proposed"
