"""The sample as it was recorded: sittings, offices, accounts, denials, a verdict and what opened it anew."""

from collections.abc import Iterator
from typing import Any

import pytest

from events.log.proofs.verification import verify
from service.app import create_app
from service.auth.roles import COMMAND_LINE
from service.chronicle.as_recorded import take_in_as_recorded
from service.chronicle.exporting import Export
from service.chronicle.file import chronicle_in
from service.chronicle.importing import take_in
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import SORTS, Api, on
from tests.fixtures.samples import SAMPLE
from tests.fixtures.stories import Ticking

SITTINGS = ("2025-05-27", "2025-06-03", "2025-06-17", "2025-07-05", "2025-07-25", "2025-11-13")
VERDICT = "round-1-nearly-two-hours"


@pytest.fixture(scope="module", params=SORTS)
def sample(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chronology]:
    settings = Settings(database=on(request.param, tmp_path_factory.mktemp("sample")))
    chronology = Chronology(settings, now=Ticking(), follows=True)
    take_in_as_recorded(chronology, COMMAND_LINE, SAMPLE)
    yield chronology
    chronology.close()


@pytest.fixture
def ask(sample: Chronology) -> Any:
    api = Api(create_app(sample).test_client(), None)

    def asked(path: str, **query: Any) -> Any:
        answer = api.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    return asked


def test_it_was_recorded_in_six_sittings_and_recorded_until_means_something(sample: Chronology, ask: Any) -> None:
    recorded = {entry.recorded for entry in sample.record.after(0, sample.record.head())}
    subjects = [len(ask("/subjects", recorded_until=day, limit=1000)["subjects"]) for day in SITTINGS]
    states = [ask("/subjects/swap-1000-for-1000", recorded_until=day)["status"]["value"] for day in SITTINGS]

    assert len(recorded) == len(SITTINGS)
    assert subjects == sorted(set(subjects))
    assert set(states) == {"completed"}
    second = [ask("/subjects/swap-wounded-and-young", recorded_until=day)["status"]["value"] for day in SITTINGS[1:]]
    assert second == ["in preparation", "partly carried out", "partly carried out", "completed", "completed"]
    assert ask("/subjects/return-of-children", recorded_until="2025-07-24")["status"]["value"] == "acknowledged"
    assert ask("/subjects/return-of-children", recorded_until="2025-07-25")["status"]["value"] == "partly met"


def test_umerov_holds_the_ministry_in_june_and_not_on_23_july(ask: Any) -> None:
    def holds(at: str) -> dict[str, bool]:
        fields = ask("/subjects/umerov", at=at)["fields"]
        return {name: each["value"] for name, each in fields.items() if name.startswith("holds")}

    assert holds("2025-06-02") == {"holds[minister of defence]": True}
    assert holds("2025-07-23") == {"holds[minister of defence]": False, "holds[secretary]": True}


def test_everybody_with_a_party_speaks_for_a_side_and_each_side_counts_its_own(ask: Any) -> None:
    actors = ask("/subjects", kind="actor", limit=1000)["subjects"]
    parties = {each["id"]: each["fields"]["party"]["value"] for each in actors if "party" in each["fields"]}
    counted = {
        side: ask("/subjects/return-of-the-dead", reading=side)["fields"]["counts[5][ukraine]"]
        for side in ("Kyiv", "Moscow")
    }

    assert set(parties.values()) == {"russia", "ukraine", "turkiye"}
    assert {each["id"] for each in actors} == parties.keys() | {"russia", "ukraine", "turkiye"}
    assert {side: each["value"]["best"] for side, each in counted.items()} == {"Kyiv": 1245, "Moscow": 1248}
    assert [each["rivals"] for each in counted.values()] == [[], []]


def test_the_second_round_overtakes_what_was_denied_of_the_russian_memorandum(ask: Any) -> None:
    denied = ask("/subjects/memorandum-russia")["denied"]
    before = ask("/subjects/memorandum-russia", recorded_until="2025-06-03")["denied"]

    assert {each["fact"] for each in denied} == {"russian-memorandum-awaited", "russian-memorandum-not-with-kyiv"}
    assert {answer["how"] for each in denied for answer in each["answered_by"]} == {"overtakes"}
    assert {answer["how"] for each in before for answer in each["answered_by"]} == {"overtakes", "contradicts"}


def test_how_long_the_first_round_took_is_judged_in_june_and_opened_anew_in_november(ask: Any) -> None:
    told = [ask("/subjects/istanbul-round-1", recorded_until=day)["fields"]["duration"] for day in SITTINGS]

    assert [each["value"] for each in told] == ["less than two hours", *["about two hours"] * 4, "nearly two hours"]
    assert ["verdict" in each for each in told] == [False, *[True] * 5]
    assert [each["verdict"].get("reopened_by") for each in told[1:]] == [None] * 4 + [VERDICT]


def test_reports_of_one_agency_are_one_origin(ask: Any) -> None:
    (alone,) = (each for each in ask("/sources", limit=1000)["sources"] if each["id"] == "trt-2025-06-02-begins")
    memoranda = ask("/facts/office-umerov")

    assert alone["agency"] == "Anadolu Agency"
    assert (memoranda["reports"], memoranda["origins"]) == (2, 2)
    third = ask("/subjects/swap-1200")["fields"]["count_each"]
    assert third["origins"] == 1


def test_every_text_is_our_digest(ask: Any) -> None:
    sources = ask("/sources", limit=1000)["sources"]

    assert len(sources) == 32
    assert {each["text_is"] for each in sources} == {"digest"}


def test_it_holds_is_exported_as_it_was_recorded_and_imported_once(sample: Chronology, tmp_path: Any) -> None:
    head, lines = sample.record.head(), b"".join(Export(sample.record).lines())
    other = Chronology(Settings(database=on("sqlite", tmp_path)), now=Ticking(), follows=True)
    (tmp_path / "exported.ndjson").write_bytes(lines)
    take_in_as_recorded(other, COMMAND_LINE, tmp_path / "exported.ndjson")
    again = take_in(other, COMMAND_LINE, SAMPLE)
    exported = b"".join(Export(other.record).lines())
    other.close()

    assert head == sum(len(items) for items in chronicle_in(SAMPLE, SAMPLE.read_bytes()).values())
    assert verify(sample.record, {}).flaws == []
    assert exported == lines
    assert again.new == 0
