"""What is taken out and read again is the same, but for what the manifest says is lost, and that is lost indeed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from projections.clocks import Asked
from projections.read_models.proposals import page_of_proposals
from service.chronicle.exporting import Export
from service.databases.chronology import Chronology
from service.formats.offer.known_formats import FORMATS
from service.formats.offer.lists import CHRONICLE, Address, taken_out
from service.formats.offer.manifest import Format
from service.formats.offer.told import FactTold
from service.settings import Settings
from tests.command_line.test_command_line import Shell
from tests.conftest import on
from tests.fixtures.samples import sample_desk

HERE = Address("http://here")
READ_AND_WRITTEN = [each for each in FORMATS.values() if each.reads and each.writes]
WAITING = [each.name for each in READ_AND_WRITTEN if any("read again, each" in loss for loss in each.loses)]
AS_FACTS = [each.name for each in READ_AND_WRITTEN if each.name not in WAITING]
Fact = dict[str, Any]


def facts_of(chronology: Chronology) -> dict[str, Fact]:
    """All facts as they stand, by id; of descriptions those that say most of each subject."""
    ask = partial(chronology.ask, patiently=True)
    return {told.view["id"]: as_plain(told) for told in taken_out(ask, "facts", Asked(), {}, HERE).items}


def as_plain(told: FactTold) -> Fact:
    """What a fact says, what carries it and what is noted of it."""
    sources = [told.sources[each["source"]] for each in told.view["citations"]]
    return {
        **told.view,
        "about": tuple(told.about),
        "noted": [
            (
                each.id,
                each.title,
                each.url,
                each.published,
                each.zone,
                each.language,
                each.text_is,
                each.agency and each.agency.name,
            )
            for each in sources
        ],
        "texts": [(each.editions[0].has_text, each.derived_from) for each in sources],
    }


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chronology]:
    chronology = sample_desk(tmp_path_factory.mktemp("sample"))
    yield chronology
    chronology.close()


@pytest.fixture(scope="module", params=AS_FACTS)
def both(
    request: Any, sample: Chronology, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, Fact], dict[str, Fact]]]:
    """The facts of the sample, and those of a chronology that took in what was written of it in a format."""
    with read_again(sample, FORMATS[request.param], tmp_path_factory.mktemp("elsewhere")) as elsewhere:
        yield request.param, facts_of(sample), facts_of(elsewhere)


@contextmanager
def read_again(sample: Chronology, form: Format, folder: Path) -> Iterator[Chronology]:
    """A chronology that took in what was written of the sample."""
    file, of = folder / f"taken-out.{form.suffix}", next(iter(form.writes))
    with file.open("wb") as written:
        if of == CHRONICLE:
            written.writelines(Export(sample.record).lines())
        else:
            written.writelines(form.writes[of](taken_out(sample.ask, of, Asked(), {}, HERE)))
    Shell(address := on("sqlite", folder)).done("import", "--format", form.name, file)
    elsewhere = Chronology(Settings(database=address), follows=True)
    yield elsewhere
    elsewhere.close()


RECORDED = ("position", "recorded")
"""What every import records anew; `import --as-recorded` does not."""


def without(*names: str) -> Callable[[Fact], Fact]:
    return lambda fact: {name: value for name, value in fact.items() if name not in names}


def with_first_quote(fact: Fact) -> Fact:
    return {
        **fact,
        "citations": fact["citations"][:1],
        "noted": fact["noted"][:1],
        "texts": fact["texts"][:1],
    } | dict.fromkeys(("reports", "origins", "reported", "reported_before_occurred"))


def without_places(fact: Fact) -> Fact:
    kept = ("source", "exact", "prefix", "suffix")
    cited = [{name: each[name] for name in kept if name in each} for each in fact["citations"]]
    return {**fact, "citations": cited, "texts": None}


def without_amendments(fact: Fact) -> Fact:
    return {**without("corrected_by", "disputed_by")(fact), "retracted": None}


LOST: dict[str, Callable[[Fact], Fact]] = {
    "all quotes of a fact but the first": with_first_quote,
    "texts of sources, and what these are made from": without_places,
    "amendments: facts are as they stand, and read again they are not retracted": without_amendments,
    "who recorded what when": without(*RECORDED),
    "words that were erased": lambda fact: fact,
    "tokens and proposals": lambda fact: fact,
}
"""What a fact is compared without, for each loss that a manifest names; of the last two the sample has none."""


def compared(facts: dict[str, Fact], lost: list[str]) -> dict[str, Fact]:
    found = {name: without(*RECORDED)(fact) for name, fact in facts.items()}
    for each in lost:
        found = {name: LOST[each](fact) for name, fact in found.items()}
    return found


def test_nothing_is_lost_but_what_the_manifest_names(both: tuple[str, dict[str, Fact], dict[str, Fact]]) -> None:
    name, here, there = both

    lost = [*FORMATS[name].loses]

    assert len(here) > 100
    assert compared(there, lost) == compared(here, lost)


def test_each_loss_that_a_manifest_names_is_one(both: tuple[str, dict[str, Fact], dict[str, Fact]]) -> None:
    name, here, there = both
    for each in FORMATS[name].loses:
        if each in ("words that were erased", "tokens and proposals", "who recorded what when"):
            continue
        others = [other for other in FORMATS[name].loses if other != each]
        assert compared(there, others) != compared(here, others), each


@pytest.mark.parametrize("name", WAITING)
def test_what_others_will_say_more_of_waits_with_all_its_words(sample: Chronology, tmp_path: Path, name: str) -> None:
    told = list(taken_out(sample.ask, "facts", Asked(), {}, HERE).items)

    with read_again(sample, FORMATS[name], tmp_path) as elsewhere, elsewhere.ask(Asked()) as (snapshot, _):
        state = {"timelinejs": "unsourced", "webannotation": "uncoded"}[name]
        found, _ = page_of_proposals(snapshot, state, None, 0, 1_000)
        chronicles = [each["chronicle"] for each in found]

    if name == "timelinejs":
        headlines = {each["facts"][0]["what"] for each in chronicles}
        assert headlines == {_headline(each) for each in told if each.view["occurred"]}
    else:
        quotes = {quote["exact"] for each in chronicles for quote in each["passages"][0]["citations"]}
        assert quotes == {quote["exact"] for each in told for quote in each.view["citations"]}


def _headline(told: FactTold) -> str:
    return told.said if told.held == "actual" else f"{told.held.capitalize()}: {told.said}"


def test_a_table_that_was_not_written_here_needs_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("When,What\n2025,It rained.\n", encoding="utf-8")

    refused = Shell(on("sqlite", tmp_path)).run("import", "--format", "csv", tmp_path / "notes.csv")

    assert refused.exit_code == 2
    assert "was not written here: say by --map what its columns are" in refused.stderr
