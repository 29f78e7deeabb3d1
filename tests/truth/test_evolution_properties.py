"""Over random histories: every difference has its cause, and the steps lead from nothing to the state."""

from typing import Any

from hypothesis import strategies as st

from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.history.diff import Difference, diff, with_voices_until
from projections.queries.history.evolution import understanding
from projections.queries.history.leave_one_out import MARKING, Side, changes_between, without
from projections.queries.subjects.findings_by_name import findings
from projections.queries.subjects.states import kinds_of, state
from projections.read_models.citation_warnings import Texts
from projections.read_models.histories import subject_histories
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology
from tests.fixtures.histories import History, Reading, Told, histories, readings, told_to
from tests.truth.brute import Log, made_by, state_of
from tests.truth.test_properties import clocks_of, for_each, read


def test_how_any_history_evolves(chronologies: list[Chronology]) -> None:
    """Two properties on the same examples, as to tell a history costs more than to ask of it."""
    asked_of = readings(with_accounts=True)
    pairs = st.lists(st.tuples(asked_of, asked_of), min_size=1, max_size=4)

    @for_each(
        share=1 / 3, history=histories(), pairs=pairs, reading=asked_of, by=st.sampled_from(["recorded", "reported"])
    )
    def holds(history: History, pairs: list[tuple[Reading, Reading]], reading: Reading, by: str) -> None:
        for chronology, told in told_to(chronologies, history):
            if not told.calls:
                continue
            with chronology.ask(Asked()) as (snapshot, _):
                for one, other in pairs:
                    sides = clocks_of(snapshot, one.asked(told)), clocks_of(snapshot, other.asked(told))
                    listed = every_finding_that_differs_has_a_cause_and_no_other_is_listed(snapshot, told, *sides)
                    the_events_named_are_those_without_which_a_finding_would_be_another(snapshot, told, *sides, listed)
                positions = sorted({call.position for call in told.calls})
                middle = positions[len(positions) // 2]
                what_a_plain_reading_says_made_a_difference_is_named(snapshot, told, middle, positions[-1])
                the_steps_of_a_subject_lead_to_its_state(snapshot, told, reading.asked(told), by)


def every_finding_that_differs_has_a_cause_and_no_other_is_listed(
    snapshot: Snapshot, told: Told, *sides: Clocks
) -> dict[tuple[str, str], Difference]:
    listed = {(each["subject"], each["finding"]): each for each in diff(snapshot, *sides, sorted(told.subjects))}
    known = {call.position for call in told.calls}
    for each in listed.values():
        assert each["causes"]
        assert each["events"] or each["cause"] in ("time_passed", "account")
        assert all(event["position"] in known for event in each["events"])
    for subject in told.subjects:
        before, after = (findings_at(snapshot, subject, clocks) for clocks in sides)
        for name in {**before, **after}:
            if before.get(name) != after.get(name):
                assert (subject, name) in listed
    return listed


def the_events_named_are_those_without_which_a_finding_would_be_another(
    snapshot: Snapshot, told: Told, one: Clocks, other: Clocks, listed: dict[tuple[str, str], Difference]
) -> None:
    """Each event is left out of the whole history, and all of it is folded again."""
    latest, texts = max(one.position, other.position), Texts(snapshot)
    one, other = (with_voices_until(snapshot, clocks, latest) for clocks in (one, other))
    for subject, history in subject_histories(snapshot, told.subjects, latest).items():
        found = {gained: Side(texts, history, clocks).findings for gained, clocks in ((False, one), (True, other))}
        changes = [each for each in changes_between(history, one, other) if each.entry.name not in MARKING]
        lacking = [(each, Side(texts, *without(history, each)).findings) for each in changes]
        for (about, name), each in listed.items():
            without_it = [(change, less.get(name)) for change, less in lacking if about == subject]
            made = {change.entry.position for change, less in without_it if less != found[change.gained].get(name)}
            events = [
                event for event in each["events"] if event["event"] not in MARKING and event["cause"] != "account"
            ]
            if made:
                assert {event["position"] for event in events} == made, (subject, name, told.calls)


def what_a_plain_reading_says_made_a_difference_is_named(
    snapshot: Snapshot, told: Told, before: int, after: int
) -> None:
    sides = (clocks_for(snapshot, Asked(position=position)) for position in (before, after))
    listed = {(each["subject"], each["finding"]): each for each in diff(snapshot, *sides, sorted(told.subjects))}
    calls = [call for call in told.calls if call.position <= after]
    later = {call.position for call in calls if call.position > before}
    for subject, kind in kinds_of(snapshot, told.subjects, after).items():
        if kind is None:
            continue

        def find(log: Log, subject: str = subject, kind: str = kind) -> dict[str, Any]:
            return {k: v[:5] for k, v in read(state_of(log, subject, kind, None, None))["findings"].items()}

        for name, made in made_by(calls, later, find).items():
            if (each := listed.get((subject, name))) is not None:
                assert made <= {event["position"] for event in each["events"]}, (subject, name, calls)


def findings_at(snapshot: Snapshot, subject: str, clocks: Any) -> dict[str, Any]:
    if subject not in kinds_of(snapshot, [subject], clocks.position):
        return {}
    return {name: plain(each) for name, each in findings(state(snapshot, subject, clocks)).items()}


def plain(finding: Any) -> Any:
    """A finding without the count of its reports, which histories do not tell."""
    return {name: each for name, each in finding.items() if name not in ("reports", "origins")}


def the_steps_of_a_subject_lead_to_its_state(snapshot: Snapshot, told: Told, asked: Asked, by: str) -> None:
    clocks = clocks_of(snapshot, asked)
    for subject in kinds_of(snapshot, told.subjects, clocks.position):
        reached: dict[str, Any] = {}
        for step in understanding(snapshot, subject, clocks, by):
            for change in step["changes"]:
                assert reached.get(change["finding"]) == change["before"]
                reached[change["finding"]] = change["after"]
        assert {name: each for name, each in reached.items() if each is not None} == findings_at(
            snapshot, subject, clocks
        )
