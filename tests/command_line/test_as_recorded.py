"""What was recorded elsewhere keeps its instants and its recorders: exported, taken in and exported again it is the same."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import strategies as st

from events.commands.record_facts import describe_subject
from events.commands.redact import redact
from events.commands.review import accept, propose, reject
from events.errors import ChronologyError, Conflict, Invalid
from events.kinds.any_subject import StatementMade
from events.kinds.swap import SwapAgreed, SwapCompleted
from events.log.proofs.verification import LogCheck, verify
from projections.clocks import Asked, clocks_for
from projections.queries.subjects.states import states
from service.auth.rights import read_tokens
from service.auth.roles import COMMAND_LINE
from service.chronicle.as_recorded import take_in_as_recorded
from service.chronicle.exporting import Export
from service.chronicle.file import LISTS, ParsedChronicle
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.command_line.test_export import as_the_api_has_it
from tests.conftest import Api, api_of, on
from tests.fixtures.histories import NOON, History, histories, readings, told_to
from tests.fixtures.histories import Reading as Asking
from tests.fixtures.stories import Chronicle, Ticking
from tests.truth.test_properties import for_each

OURS = {"kind": "reassessment", "reason": "it turned out so"}
LATER = 1_800_000_000_000_000


@pytest.fixture
def elsewhere(database: str, tmp_path: Path) -> Iterator[Chronology]:
    """A chronology on the other database."""
    (tmp_path / "elsewhere").mkdir()
    other = "postgres" if database.startswith("sqlite") else "sqlite"
    settings = Settings(database=on(other, tmp_path / "elsewhere"), signing_key=str(tmp_path / "its-key"))
    chronology = Chronology(settings, now=Ticking(LATER), follows=True)
    yield chronology
    chronology.close()


def exported(chronology: Chronology) -> bytes:
    return b"".join(Export(chronology.record).lines())


def taken_in(chronology: Chronology, other: Chronology, folder: Path) -> None:
    file = folder / "exported.ndjson"
    file.write_bytes(exported(chronology))
    take_in_as_recorded(other, COMMAND_LINE, file)


def flaws(chronology: Chronology) -> list[str]:
    """What `verify` finds wrong with the log, who recorded each event included."""
    found = LogCheck(of="log of tokens")
    rights = partial(read_tokens, chronology.keyring, found, {})
    return [*verify(chronology.record, {}, rights=rights).flaws, *found.flaws]


def states_of(chronology: Chronology, subjects: list[str], asked: Asked) -> Any:
    with chronology.ask(Asked()) as (snapshot, _):
        return states(snapshot, subjects, clocks_for(snapshot, asked))


def test_any_history_taken_in_as_it_was_recorded_is_the_same_log(
    chronologies: list[Chronology], tmp_path: Path
) -> None:
    (one, elsewhere), numbers = chronologies, count()
    elsewhere.now = Ticking(LATER)
    told: list[tuple[Any, list[Asking]]] = []

    @for_each(
        share=1 / 6, history=histories(), asked=st.lists(readings(), min_size=2, max_size=2), erased=st.integers(0, 3)
    )
    def tell(history: History, asked: list[Asking], erased: int) -> None:
        ((_, accepted),) = told_to([one], as_the_api_has_it(history))
        told.append((accepted, asked))
        kind = ("fact", "source")[next(numbers) % 2]
        names = [call.of for call in accepted.calls if call.call == kind and not call.of.startswith("subject:")]
        if erased == 0 and names:
            one.write("admin", lambda unit: redact(unit, kind, names[0], {"reason": "the law"}))

    taken_in(one, elsewhere, tmp_path)

    assert elsewhere.record.head() == one.record.head() > 60
    assert exported(elsewhere) == exported(one)
    compared = 0
    for history, asked in told:
        for reading in asked:
            found = [states_of(each, list(history.subjects), reading.asked(history)) for each in (one, elsewhere)]
            assert found[0] == found[1]
            compared += 1
    assert compared == 2 * len(told) >= 20
    assert flaws(elsewhere) == []


def test_redactions_proposals_and_regroupings_are_taken_in_as_they_were(
    chronicle: Chronicle, api: Api, chronology: Chronology, elsewhere: Chronology, tmp_path: Path
) -> None:
    chronicle.given(
        StatementMade, "east", "said", subject_kind="swap", by="arvenia", gist="says so", publisher="Herald"
    )
    chronicle.given(SwapAgreed, "east", "agreed", count_each=5, publisher="Herald")
    chronicle.given(SwapCompleted, "west", "done", occurred="2024-01-05", reported="2024-01-06")
    api.posted("/facts/said/corrections", {**OURS, "changes": {"gist": "says that"}})
    api.posted("/facts/agreed/disputes", {**OURS, "changes": {"count_each": 6}})
    api.posted("/facts/agreed/corrections", {**OURS, "changes": {"note": "erased later"}})
    api.posted("/facts/agreed/amendments/1/withdrawal", OURS)
    api.posted("/subjects/west/splits", {"into": "north", "facts": ["done"], **OURS})
    api.posted("/subjects/west/regroupings/1/withdrawal", OURS)
    api.posted("/sources/report-3/withdrawals", {"reason": "It was taken down."})
    api.posted("/sources/report-3/withdrawals/1/withdrawal", OURS)

    def propose_and(decide: Any, number: int) -> None:
        described = {"id": f"told-{number}", "kind": "swap", "title": f"Told {number}"}
        lists: dict[str, Any] = {**{name: [] for name in LISTS}, "subjects": [described]}
        made, _ = chronology.write("clerk", lambda unit: propose(unit, lists, ParsedChronicle(lists).record))
        assert made is not None
        name = made.id
        if decide is accept:
            chronology.write(
                "editor",
                lambda unit: accept(
                    unit, name, lambda given: ParsedChronicle({**lists, **given}).record, lambda each: each.name
                ),
            )
        elif decide is reject:
            chronology.write("editor", lambda unit: reject(unit, name, {"reason": "No."}))

    for number, decide in enumerate((accept, reject, None)):
        propose_and(decide, number)
    chronicle.given(SwapAgreed, "east", "nine", count_each=9, publisher="Courier")
    judged = {"finding": "count_each", "prefers": "agreed", "reason": "It has seen the paper."}
    api.posted("/subjects/east/verdicts", judged)
    api.posted("/subjects/east/verdicts/1/withdrawal", OURS)
    chronology.write("admin", lambda unit: redact(unit, "fact", "said", {"reason": "the law"}))
    chronology.write("admin", lambda unit: redact(unit, "source", "report-2", {"reason": "the law"}))
    chronicle.amend("agreed", "retractions", reported="2024-02-01", publisher="Herald")
    api.posted("/facts/agreed/amendments/4/withdrawal", OURS)

    taken_in(chronology, elsewhere, tmp_path)

    assert exported(elsewhere) == exported(chronology)
    for position in range(3, chronology.record.head() + 1):
        for subject in ("east", "west", "north", "told-0"):
            found = []
            for each in (chronology, elsewhere):
                try:
                    found.append(states_of(each, [subject], Asked(position=position)))
                except ChronologyError as error:
                    found.append(error.sentence)
            assert found[0] == found[1]
    assert flaws(elsewhere) == []
    assert b"says so" not in exported(elsewhere)


def test_each_event_keeps_when_and_by_whom_it_was_taken_in(
    chronicle: Chronicle, chronology: Chronology, elsewhere: Chronology, tmp_path: Path
) -> None:
    fact = chronicle.given(SwapAgreed, count_each=5)
    taken_in(chronology, elsewhere, tmp_path)

    (here,) = api_of(chronology, "reader").get(f"/facts/{fact}").get_json()["stream"]
    (there,) = api_of(elsewhere, "reader").get(f"/facts/{fact}").get_json()["stream"]

    assert there["imported"]["by"] == COMMAND_LINE
    assert there["imported"]["at"] > "2027"
    assert {**there, "imported": None} == {**here, "imported": None}
    assert here["recorded_by"] == "teller"
    assert b"imported" not in exported(elsewhere)


def test_publishers_stay_the_same_for_what_is_recorded_afterwards(
    chronicle: Chronicle, chronology: Chronology, elsewhere: Chronology, tmp_path: Path
) -> None:
    fact = chronicle.given(SwapAgreed, count_each=5, publisher="Herald")
    taken_in(chronology, elsewhere, tmp_path)
    afterwards = Chronicle(elsewhere)
    afterwards._told = 10

    afterwards.amend(fact, "retractions", reported="2024-02-01", publisher="Herald")

    assert afterwards.state().status is None


def test_outlets_of_one_agency_are_one_origin_also_where_one_is_erased(
    chronicle: Chronicle, chronology: Chronology, elsewhere: Chronology, tmp_path: Path
) -> None:
    citations = [chronicle.report(each, agency="Wire") for each in ("Gazette", "Herald", "Courier")]
    citations.append(chronicle.report("Observer"))
    chronicle.correct_source("report-4", agency="Wire")
    chronicle.given(SwapAgreed, count_each=5, citations=citations)
    chronology.write("admin", lambda unit: redact(unit, "source", "report-1", {"reason": "the law"}))
    taken_in(chronology, elsewhere, tmp_path)

    for each in (chronology, elsewhere):
        (found,) = states_of(each, ["it"], Asked())
        assert (found["status"]["reports"], found["status"]["origins"]) == (4, 1)


Line = Callable[..., bytes]


@pytest.fixture
def line() -> Line:
    def made(name: str, recorded: str | None = "2025-05-02T10:00:00Z", by: str | None = "Ada", **given: Any) -> bytes:
        stamps = {k: v for k, v in (("recorded", recorded), ("recorded_by", by)) if v is not None}
        body = {"id": name, "kind": "swap", "title": "It", **given, **stamps}
        return orjson.dumps({"subject": body}, option=orjson.OPT_APPEND_NEWLINE)

    return made


def refusal(chronology: Chronology, folder: Path, *lines: bytes) -> str:
    file = folder / "lines.ndjson"
    file.write_bytes(b"".join(lines))
    before = chronology.record.head()
    with pytest.raises((Invalid, Conflict)) as refused:
        take_in_as_recorded(chronology, "clerk", file)
    assert chronology.record.head() <= before + len(lines) - 1
    return refused.value.sentence


def test_instants_that_decrease_lie_ahead_or_are_missing_are_refused_by_their_line(
    elsewhere: Chronology, tmp_path: Path, line: Line
) -> None:
    assert "line 2: recorded 2025-05-01T00:00:00Z is before" in refusal(
        elsewhere, tmp_path, line("one"), line("two", "2025-05-01T00:00:00Z")
    )
    (tmp_path / "one.ndjson").write_bytes(line("one"))
    take_in_as_recorded(elsewhere, "clerk", tmp_path / "one.ndjson")
    assert "recorded 2025-05-01T00:00:00Z, but the log has come to 2025-05-02T10:00:00Z" in refusal(
        elsewhere, tmp_path, line("two", "2025-05-01T00:00:00Z")
    )
    assert "line 1: recorded 2999-01-01T00:00:00Z lies ahead" in refusal(
        elsewhere, tmp_path, line("three", "2999-01-01T00:00:00Z")
    )
    assert "line 1: it does not say when" in refusal(elsewhere, tmp_path, line("three", None))
    assert "line 1: it does not say when" in refusal(elsewhere, tmp_path, line("three", by=None))
    assert "'yesterday' is not an RFC 3339 instant" in refusal(elsewhere, tmp_path, line("three", "yesterday"))
    event = orjson.dumps(
        {"event": {"event": "Nothing", "data": {}, "recorded": "2026-01-01T00:00:00Z", "recorded_by": "A"}}
    )
    assert "'Nothing' is no event" in refusal(elsewhere, tmp_path, event)


def test_a_log_in_use_takes_nothing_as_recorded(chronology: Chronology, tmp_path: Path, line: Line) -> None:
    chronology.write("teller", lambda unit: describe_subject(unit, {"id": "it", "kind": "swap", "title": "It"}))

    assert "its own clock" in refusal(chronology, tmp_path, line("other"))


def test_a_yaml_file_is_taken_in_by_its_sittings(elsewhere: Chronology, tmp_path: Path) -> None:
    file = tmp_path / "sittings.yaml"
    file.write_text(
        """
subjects:
  - {id: later, kind: swap, title: Later, recorded: "2025-07-01T09:00:00Z", recorded_by: Bea}
  - {id: first, kind: swap, title: First, recorded: "2025-05-01T09:00:00Z", recorded_by: Ada}
sources:
  - {id: paper, title: A paper, publisher: Gazette, text: Agreed., recorded: "2025-05-01T09:00:00Z", recorded_by: Ada}
"""
    )

    taken = take_in_as_recorded(elsewhere, "clerk", file)

    entries = elsewhere.record.after(0, 10)
    assert [(each.data["id"], each.data["recorded_by"]) for each in entries] == [
        ("paper", "Ada"),
        ("subject:first", "Ada"),
        ("subject:later", "Bea"),
    ]
    assert (taken.new, entries[0].recorded < NOON < entries[2].recorded) == (3, True)
    elsewhere.write("teller", lambda unit: describe_subject(unit, {"id": "own", "kind": "swap", "title": "Own"}))
    assert elsewhere.record.after(3, 1)[0].recorded >= LATER
