"""The record: what enters the log, once, whole, in order."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from events.commands.amend_facts import amend
from events.commands.record_sources import register_source, revise_source
from events.commands.redact import redact
from events.errors import Conflict, Invalid, NotFound, QuoteNotFound
from events.kinds.any_subject import StatementMade
from events.kinds.swap import SwapAgreed, SwapCompleted
from events.kinds.talks import MeetingProposed, TalksBegan
from events.log.application import Record
from events.log.proofs.verification import verify
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from service.databases.chronology import Chronology
from tests.fixtures.recording import record_facts
from tests.fixtures.stories import Chronicle

SOURCE = {
    "id": "paper",
    "title": "Paper",
    "publisher": "Gazette",
    "published": "2024-01-02",
    "text": "They agreed. It is done.",
}


def fact(name: str, **values: Any) -> dict[str, Any]:
    body = {"id": name, "kind": "SwapAgreed", "subject": "swap", "occurred": "2024-01-01"}
    return body | {"citations": [{"source": "paper", "exact": "They agreed."}]} | values


def record(chronology: Chronology, *bodies: dict[str, Any]) -> list[Receipt]:
    pointers = [f"/{index}" for index in range(len(bodies))]
    return chronology.write("clerk", lambda call: record_facts(call, bodies, pointers))


@pytest.fixture
def papered(chronology: Chronology) -> Chronology:
    chronology.write("clerk", lambda call: register_source(call, SOURCE))
    return chronology


def test_the_same_fact_again_is_the_same_event(papered: Chronology) -> None:
    first = record(papered, fact("a"))[0]
    again = record(papered, fact("a"))[0]

    assert (first.created, again.created) == (True, False)
    assert first.position == again.position == papered.record.head()


def test_the_same_id_with_other_content_is_a_conflict(papered: Chronology) -> None:
    record(papered, fact("a"))

    with pytest.raises(Conflict, match="'a' is recorded with other content"):
        record(papered, fact("a", occurred="2024-01-02"))


def test_a_fact_without_id_sent_twice_is_one_fact(papered: Chronology) -> None:
    body = {name: value for name, value in fact("a").items() if name != "id"}

    assert record(papered, body)[0].id == record(papered, body)[0].id
    assert papered.record.head() == 2


@pytest.mark.parametrize(
    "said",
    [
        {"modality": "actual"},
        {"credibility": "F6"},
        {"subject_kind": "swap"},
        {"citations": [{"source": "paper", "exact": "They agreed.", "version": 1}]},
    ],
)
def test_a_fact_without_id_is_one_fact_whether_what_goes_without_saying_is_said_or_not(
    papered: Chronology, said: dict[str, Any]
) -> None:
    plain = {name: value for name, value in fact("a").items() if name != "id"}

    first = record(papered, plain)[0]
    again = record(papered, plain | said, plain)

    assert {first.id} == {receipt.id for receipt in again}
    assert [receipt.created for receipt in (first, *again)] == [True, False, False]


def test_facts_without_id_that_cite_different_versions_are_two_and_each_is_known_again(papered: Chronology) -> None:
    papered.write("clerk", lambda unit: revise_source(unit, "paper", {"text": "They agreed. At last."}))
    plain = {name: value for name, value in fact("a").items() if name != "id"}
    bodies = [plain | {"citations": [{**plain["citations"][0], "version": version}]} for version in (1, 2)]

    first, second = record(papered, *bodies)
    papered.write("clerk", lambda unit: revise_source(unit, "paper", {"text": "They agreed. So they say."}))

    assert first.created
    assert second.created
    assert first.id != second.id
    assert [(each.id, each.created) for each in record(papered, *bodies, plain)] == [
        (first.id, False),
        (second.id, False),
        (first.id, False),
    ]


def test_a_bare_count_and_its_best_are_the_same_fact(papered: Chronology) -> None:
    record(papered, fact("a", count_each=5))

    assert not record(papered, fact("a", count_each={"best": 5}))[0].created


def test_of_a_refused_array_nothing_is_recorded(papered: Chronology) -> None:
    bad = fact("b", citations=[{"source": "paper", "exact": "They quarrelled."}])

    with pytest.raises(QuoteNotFound) as refusal:
        record(papered, fact("a"), bad)

    assert refusal.value.faults[0].pointer == "/1/citations/0/exact"
    assert papered.record.head() == 1


def test_each_fact_of_an_array_has_its_own_position_and_all_share_one_instant(papered: Chronology) -> None:
    receipts = record(papered, fact("a"), fact("b"), fact("c"))

    assert [receipt.position for receipt in receipts] == [2, 3, 4]
    assert len({entry.recorded for entry in papered.record.after(1, 10)}) == 1


def test_recorded_instants_never_go_back_when_the_clock_does(papered: Chronology) -> None:
    record(papered, fact("a"))
    papered.now.at -= 3_600_000_000  # type: ignore[attr-defined]
    record(papered, fact("b"))

    instants = [entry.recorded for entry in papered.record.after(0, 10)]
    assert instants == sorted(instants)


def test_a_source_again_is_the_same_and_with_other_content_a_conflict(papered: Chronology) -> None:
    again = papered.write("clerk", lambda call: register_source(call, SOURCE))
    assert (again.created, again.position) == (False, 1)

    with pytest.raises(Conflict, match="/revisions"):
        papered.write("clerk", lambda call: register_source(call, SOURCE | {"text": "Other words."}))


def test_a_citation_names_the_latest_version_unless_it_says_which(papered: Chronology) -> None:
    chronicle = Chronicle(papered)
    chronicle.revise("paper", text="They agreed on 5 May.", retrieved_at="2024-02-01T00:00:00Z")

    record(papered, fact("a", citations=[{"source": "paper", "exact": "on 5 May"}]))
    record(papered, fact("b", citations=[{"source": "paper", "exact": "It is done.", "version": 1}]))
    with pytest.raises(QuoteNotFound):
        record(papered, fact("c", citations=[{"source": "paper", "exact": "It is done."}]))


def test_words_of_a_source_without_text_are_recorded_as_unverified(chronology: Chronology) -> None:
    without = {name: value for name, value in SOURCE.items() if name != "text"}
    chronology.write("clerk", lambda call: register_source(call, without))
    record(chronology, fact("a"))

    assert chronology.record.after(1, 1)[0].data["citations"][0]["verified"] is False


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"kind": "SwapForgotten"}, "/0/kind"),
        ({"colour": "blue"}, "/0/colour"),
        ({"occurred": "2025-02-29"}, "/0/occurred"),
        ({"occurred": None}, "/0/occurred"),
        ({"zone": "Europe/Atlantis"}, "/0/zone"),
        ({"count_each": {"low": 5, "high": 3}}, "/0/count_each"),
        ({"parties": ["russia", "russia"]}, "/0/parties"),
        ({"parties": "russia"}, "/0/parties"),
        ({"modality": "rumoured"}, "/0/modality"),
        ({"credibility": "G7"}, "/0/credibility"),
        ({"citations": []}, "/0/citations"),
        ({"citations": [{"source": "nowhere", "exact": "x"}]}, "/0/citations/0/source"),
        ({"citations": [{"source": "paper", "exact": "They agreed.", "version": 2}]}, "/0/citations/0/version"),
        ({"subject": "Not A Slug"}, "/0/subject"),
    ],
)
def test_a_value_that_no_record_can_take_is_named_and_leaves_nothing(
    papered: Chronology, values: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        record(papered, fact("a", **values))

    assert pointer in [fault.pointer for fault in refusal.value.faults]
    assert papered.record.head() == 1


def test_a_subject_is_opened_by_its_first_naming_and_keeps_its_kind(chronicle: Chronicle) -> None:
    chronicle.given(SwapAgreed, "thing", parties=["arvenia"])

    with pytest.raises(Conflict, match="'thing' is of kind swap, not talks"):
        chronicle.given(TalksBegan, "thing")
    with pytest.raises(Conflict, match="'arvenia' is of kind actor, not swap"):
        chronicle.given(SwapAgreed, "arvenia")


def test_what_is_said_of_a_new_subject_says_its_kind(chronicle: Chronicle) -> None:
    with pytest.raises(Invalid, match="subject_kind"):
        chronicle.given(StatementMade, "unheard-of", by="ada", gist="all is well")
    chronicle.given(StatementMade, "unheard-of", by="ada", gist="all is well", subject_kind="process")

    assert chronicle.state("unheard-of").raw["kind"] == "process"


def test_within_one_call_another_fact_may_say_the_kind(papered: Chronology) -> None:
    said = fact("a", kind="StatementMade", by="ada", gist="fine")

    assert len(record(papered, said, fact("b"))) == 2


def test_a_completion_is_accepted_before_any_agreement(chronicle: Chronicle) -> None:
    chronicle.given(SwapCompleted, "swap")

    assert chronicle.state("swap").status == "completed"


def test_amending_what_is_not_there_is_not_found(chronicle: Chronicle) -> None:
    proposal = chronicle.given(MeetingProposed)

    with pytest.raises(NotFound, match="no fact 'nothing'"):
        chronicle.amend("nothing", "retractions")
    with pytest.raises(NotFound, match="no amendment 3"):
        chronicle.amend(proposal, "withdrawal", withdraws=3)


def test_an_amendment_rests_on_a_source_or_on_a_kind_of_ours_with_a_reason(chronicle: Chronicle) -> None:
    proposal = chronicle.given(MeetingProposed)

    for body, pointer in (
        ({}, "/citations"),
        ({"kind": "whim", "reason": "so"}, "/kind"),
        ({"kind": "reassessment"}, "/reason"),
        ({"kind": "reassessment", "reason": "so", "changes": {"place": "here"}}, "/changes"),
    ):
        with pytest.raises(Invalid) as refusal:
            amend_with(chronicle.chronology, proposal, "retractions", body)
        assert refusal.value.faults[0].pointer == pointer


def amend_with(chronology: Chronology, fact: str, call: str, body: dict[str, Any]) -> Receipt:
    return chronology.write("clerk", lambda writing: amend(writing, fact, call, body))


def test_an_amendment_with_an_id_is_recorded_once(chronicle: Chronicle) -> None:
    proposal = chronicle.given(MeetingProposed)
    first = chronicle.amend(proposal, "corrections", id="c", changes={"place": "here"})
    again = chronicle.amend(proposal, "corrections", id="c", changes={"place": "here"})

    assert (first.n, again.n, again.created) == (1, 1, False)
    with pytest.raises(Conflict, match="'c'"):
        chronicle.amend(proposal, "corrections", id="c", changes={"place": "there"})


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"colour": "blue"}, "/changes/colour"),
        ({"proposed_for": "never"}, "/changes/proposed_for"),
        ({"occurred": None}, "/changes/occurred"),
        ({"kind": "TalksBegan"}, "/changes/kind"),
        ({"to": "belmark"}, "/changes/to"),
        ({}, "/changes"),
    ],
)
def test_a_correction_must_leave_the_fact_whole(chronicle: Chronicle, changes: Any, pointer: str) -> None:
    proposal = chronicle.given(MeetingProposed)
    head = chronicle.head

    with pytest.raises(Invalid) as refusal:
        chronicle.amend(proposal, "corrections", changes=changes)

    assert refusal.value.faults[0].pointer == pointer
    assert chronicle.head == head


def test_writers_at_once_record_each_fact_once_and_agree_on_its_position(papered: Chronology) -> None:
    bodies = [fact(f"f{number}") for number in range(20)]

    with ThreadPoolExecutor(4) as writers:
        receipts = list(writers.map(lambda _: record(papered, *bodies), range(4)))

    positions = [[receipt.position for receipt in each] for each in receipts]
    assert all(each == positions[0] for each in positions)
    assert papered.record.head() == 21


def test_of_racing_amendments_one_wins_and_the_rest_are_refused(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, "swap")

    def retract(_: int) -> bool:
        try:
            chronicle.amend(agreed, "retractions")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as writers:
        assert sorted(writers.map(retract, range(4))) == [False, False, False, True]


def test_an_amendment_sent_again_with_a_bare_count_is_the_same(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, count_each=1)

    for _ in range(2):
        receipt = chronicle.amend(agreed, "corrections", id="c", changes={"count_each": 12})
    assert not receipt.created


def test_revisions_sent_again_in_order_add_nothing(chronicle: Chronicle) -> None:
    source = chronicle.report()["source"]
    versions = [{"text": f"Text {n}.", "retrieved_at": f"2024-0{n}-01T00:00:00Z"} for n in (1, 2)]
    first = [chronicle.revise(source, **version).edition for version in versions]
    head = chronicle.head

    assert [chronicle.revise(source, **version).edition for version in versions] == first == [2, 3]
    assert chronicle.head == head


def test_what_another_process_did_to_a_source_is_seen_though_it_was_kept(papered: Chronology) -> None:
    record(papered, fact("a"))
    revised = {"text": "They disagreed.", "retrieved_at": "2024-02-01T00:00:00Z"}
    other = Record(papered.settings.database)
    other.write("another", lambda call: revise_source(call, "paper", revised))

    with pytest.raises(QuoteNotFound):
        record(papered, fact("b"))
    record(papered, fact("c", citations=[{"source": "paper", "exact": "They disagreed."}]))

    other.write("another", lambda call: redact(call, "source", "paper", {"reason": "asked by a court"}))
    with pytest.raises(Invalid, match="version 2 of source 'paper' is redacted"):
        record(papered, fact("d", citations=[{"source": "paper", "exact": "They disagreed."}]))
    other.close()


def test_a_refused_call_leaves_nothing_of_a_source_behind(papered: Chronology) -> None:
    record(papered, fact("a"))
    revised = {"text": "They disagreed.", "retrieved_at": "2024-02-01T00:00:00Z"}

    def revise_and_fail(call: UnitOfWork) -> None:
        revise_source(call, "paper", revised)
        raise Conflict("not so")

    with pytest.raises(Conflict, match="not so"):
        papered.write("clerk", revise_and_fail)

    with pytest.raises(QuoteNotFound):
        record(papered, fact("b", citations=[{"source": "paper", "exact": "They disagreed."}]))
    assert record(papered, fact("c"))[0].position == 3


def test_a_call_of_many_facts_is_recorded_in_order_with_keys_of_their_own(papered: Chronology) -> None:
    receipts = record(papered, *(fact(f"f{n}", subject=f"swap-{n % 7}", note=f"note {n}") for n in range(1_200)))

    assert [receipt.position for receipt in receipts] == list(range(2, 1_202))
    assert verify(papered.record, {}).is_whole
    with papered.record.reading() as reader:
        keys = reader.keys([each.originator_id.hex for each in papered.record.stored_after(0, 2_000)])
    assert len(keys) == len(set(keys.values())) == 1_201
    assert [entry.data["note"] for entry in papered.record.after(1, 2_000)] == [f"note {n}" for n in range(1_200)]


def test_a_writer_in_line_waits_for_the_one_before_as_long_as_for_the_file(sqlite_chronology: Chronology) -> None:
    def slowly(unit: UnitOfWork) -> Receipt:
        time.sleep(5.5)
        return register_source(unit, SOURCE)

    with ThreadPoolExecutor(2) as writers:
        first = writers.submit(sqlite_chronology.write, "clerk", slowly)
        time.sleep(0.2)
        second = writers.submit(
            sqlite_chronology.write, "clerk", lambda unit: register_source(unit, {**SOURCE, "id": "other"})
        )

    assert [first.result().position, second.result().position] == [1, 2]
