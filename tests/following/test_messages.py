"""What changed, as messages: which kind each is, that none is left out, and that whoever asks is told the same."""

from collections.abc import Iterator

import pytest

from events.commands.acts_on_subjects import judge
from events.dates.calendar import instant_written
from events.kinds.swap import SwapAgreed, SwapCompleted
from events.kinds.talks import MeetingProposed
from projections.clocks import Asked
from projections.queries.following.followed import CitedAddress, Followed
from projections.queries.following.messages import Message, messages, newest_messages
from projections.queries.following.promises import promises_passed
from projections.queries.history.evolution import understanding
from projections.read_models.histories import entries_between
from service.databases.chronology import Chronology
from service.settings import Settings
from service.web.addresses.permalinks import cited_by
from service.wording.message_wording import told
from tests.fixtures.samples import matters
from tests.fixtures.stories import Chronicle, Ticking

EVERYTHING = Followed()


def all_messages(chronology: Chronology, followed: Followed = EVERYTHING, after: int = 0) -> list[Message]:
    with chronology.ask(Asked()) as (snapshot, _):
        found = entries_between(snapshot, after, snapshot.position)
        return [each for entries in found for each in messages(snapshot, followed, entries)]


@pytest.fixture(scope="module")
def told_story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Chronology, dict[str, int]]]:
    """A story with an act of each sort, and after which position each was recorded."""
    chronology = Chronology(
        Settings(database=f"sqlite:///{tmp_path_factory.mktemp('m')}/m.db"), now=Ticking(), follows=True
    )
    chronicle, acts = Chronicle(chronology), {}

    def act(name: str) -> None:
        acts[name] = chronicle.head

    act("new")
    chronicle.given(SwapAgreed, id="agreed", occurred="2024-01-05", reported="2024-01-06", count_each=5)
    act("late")
    chronicle.given(SwapCompleted, id="done", occurred="2024-01-02", reported="2024-01-03")
    act("contested")
    chronicle.given(SwapAgreed, id="rival", occurred="2024-01-05", reported="2024-01-07", count_each=9)
    act("judged")
    body = {"finding": "count_each", "prefers": "rival", "reason": "nearer"}
    chronology.write("editor", lambda call: judge(call, "it", body))
    act("corrected")
    chronicle.amend("done", "corrections", changes={"occurred": "2024-01-08"})
    act("retracted")
    chronicle.amend("done", "retractions")
    act("source edited")
    chronicle.withdraw_source("report-1")
    act("end")
    yield chronology, acts
    chronology.close()


@pytest.mark.parametrize("kind", ["new", "late", "contested", "judged", "corrected", "retracted", "source edited"])
def test_each_act_is_told_by_one_message_of_its_kind(told_story: tuple[Chronology, dict[str, int]], kind: str) -> None:
    chronology, acts = told_story
    until = [*acts.values()][[*acts].index(kind) + 1]

    found = [each for each in all_messages(chronology, after=acts[kind]) if each["position"] <= until]

    assert [(each["kind"], each["subject"]) for each in found] == [(kind, "it")]


def test_a_message_says_what_it_was_and_what_it_is_in_words_with_an_address(
    told_story: tuple[Chronology, dict[str, int]],
) -> None:
    chronology, acts = told_story
    with chronology.ask(Asked()) as (snapshot, _):
        contested = next(each for each in all_messages(chronology, after=acts["contested"]))
        said = told(snapshot, contested, "https://desk.example")

    change = said["changes"][0]
    assert (change["finding"], change["words"]) == ("count_each", "Number, each side: 9 or 5 (before: 5)")
    assert said["words"].startswith("New fact. Number, each side: 9 or 5 (before: 5).")
    position = contested["position"]
    assert said["permalink"] == (
        f"https://desk.example/compare?from_position={position - 1}&to_position={position}&subject=it"
    )


def test_the_messages_of_a_subject_are_the_steps_of_its_understanding(sample: Chronology) -> None:
    for subject in matters(sample)[:12]:
        found = all_messages(sample, Followed({"subject": subject}))

        with sample.ask(Asked()) as (snapshot, clocks):
            steps = understanding(snapshot, subject, clocks, "recorded")
            newest = newest_messages(snapshot, Followed({"subject": subject}), 1_000)
        assert [each["position"] for each in found] == [step["position"] for step in steps]
        assert newest == found[::-1]


@pytest.mark.parametrize("size", [1, 7, 500])
def test_messages_are_the_same_however_many_events_are_read_at_once(sample: Chronology, size: int) -> None:
    with sample.ask(Asked()) as (snapshot, _):
        entries = [each for some in entries_between(snapshot, 0, snapshot.position) for each in some]
        found = [
            each
            for at in range(0, len(entries), size)
            for each in messages(snapshot, EVERYTHING, entries[at : at + size])
        ]

        assert found == all_messages(sample)
        assert len({each["id"] for each in found}) == len(found)
        assert newest_messages(snapshot, EVERYTHING, 40) == found[::-1][:40]


def test_a_filter_follows_what_passes_it_and_a_finding_that_alone(sample: Chronology) -> None:
    by_kind = all_messages(sample, Followed({"kind": "SwapAgreed"}))
    counts = all_messages(sample, Followed({"subject": "swap-wounded-and-young"}, "count_each"))

    recorded = [each["event"] for each in by_kind if each["event"] and each["event"]["event"] == "FactRecorded"]
    assert {event["kind"] for event in recorded} == {"SwapAgreed"}
    assert 0 < len(by_kind) < len(all_messages(sample))
    assert counts
    assert {change["finding"] for each in counts for change in each["changes"]} == {"count_each"}


def test_a_retracted_fact_is_followed_by_the_filter_that_it_passed(
    chronology: Chronology, chronicle: Chronicle
) -> None:
    chronicle.given(SwapAgreed, id="agreed", count_each=5)
    chronicle.given(SwapAgreed, "other", id="other-agreed", count_each=5)
    chronicle.amend("agreed", "corrections", changes={"attributed_to": "belmark"})
    chronicle.amend("agreed", "retractions")

    found = all_messages(chronology, Followed({"actor": "belmark"}))

    assert [each["kind"] for each in found] == ["retracted"]


def test_of_what_was_cited_only_what_reads_otherwise_is_told(chronology: Chronology, chronicle: Chronicle) -> None:
    for name in ("a", "b"):
        chronicle.given(SwapAgreed, name, f"{name}-agreed", count_each=5)
    addresses = [f"/{page}?position={chronicle.head}" for page in ("facts/a-agreed", "facts/b-agreed", "subjects/b")]
    cited = Followed(cited=tuple(CitedAddress(each, cited_by(each)) for each in addresses))
    chronicle.given(SwapAgreed, "c", "c-agreed", count_each=5)
    chronicle.amend("a-agreed", "corrections", changes={"count_each": 6})

    (message,) = all_messages(chronology, cited)

    assert (message["kind"], message["address"]) == ("corrected", addresses[0])
    assert message["changes"] == [{"finding": "count_each", "before": {"best": 5}, "after": {"best": 6}}]
    with chronology.ask(Asked()) as (snapshot, _):
        assert newest_messages(snapshot, cited, 10) == [message]
        assert told(snapshot, message, "")["permalink"] == f"/facts/a-agreed?position={chronicle.head}"


def test_what_was_promised_is_told_when_it_is_due_and_when_it_is_overdue_once_each(
    chronology: Chronology, chronicle: Chronicle
) -> None:
    chronicle.given(MeetingProposed, "talks", "proposed", proposed_for="2024-03-05/2024-03-06")
    noon = {day: instant_written(f"2024-03-0{day}T12:00:00Z") for day in range(4, 9)}

    with chronology.ask(Asked()) as (snapshot, _):
        days = [promises_passed(snapshot, EVERYTHING, noon[day], noon[day + 1]) for day in range(4, 8)]
        again = promises_passed(snapshot, Followed({"subject": "talks"}), noon[4], noon[5])

    assert [[each["kind"] for each in day] for day in days] == [["due"], [], ["overdue"], []]
    assert days[0] == again
    assert days[0][0]["moment"] == "2024-03-05T00:00:00Z"
    (change,) = days[2][0]["changes"]
    assert (change["before"]["value"], change["after"]["value"]) == ("proposed", "lapsed")  # type: ignore[index,call-overload]
