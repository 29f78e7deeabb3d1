"""What is measured is what users call, and answers that are timed are right."""

import ast
import random
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.__main__ import MEASUREMENTS
from benchmarks.asked import ROADS, Questions
from benchmarks.comparison import _asked
from benchmarks.peers.histories import fold
from benchmarks.peers.ours import Ours
from benchmarks.peers.rectangles import rectangles
from benchmarks.peers.rows import EVER, bound, changes, versions
from benchmarks.questions import Asking, answer, askings
from benchmarks.reference import NOTHING, Reference
from benchmarks.scale import Workload
from service.app import create_app

HERE = Path(__file__).parents[2]
SMALL = Workload(500, subjects=100)
ASKED = ("projections.queries", "events.commands")
"""Where the functions live that routes and commands call."""


def imported(text: str) -> set[tuple[str, str]]:
    """The names that a module imports, each with the module it comes from."""
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom))
    return {(str(node.module), alias.name) for node in nodes for alias in node.names}


def imported_under(folder: str) -> set[tuple[str, str]]:
    return {name for path in (HERE / folder).rglob("*.py") for name in imported(path.read_text(encoding="utf-8"))}


def test_every_function_that_is_timed_is_called_by_a_route_or_a_command():
    timed = {each for each in imported_under("benchmarks") if each[0].startswith(ASKED) and each[1].islower()}

    assert timed - imported_under("service") == set()
    assert timed


def test_every_road_has_a_route_of_its_own(sqlite_chronology):
    routes = create_app(sqlite_chronology).url_map.bind("here")
    question = next(Questions(Workload(2_000, subjects=100), head=2_100).fresh())

    endpoints = [routes.match(road.path(question).partition("?")[0])[0] for road in ROADS]

    assert len(set(endpoints)) == len({road.address for road in ROADS})


def test_every_measurement_that_is_named_has_its_module_and_every_place_to_write_to_has_its_measurement():
    page = (HERE / "docs" / "performance.md").read_text(encoding="utf-8")
    places = [line.split("benchmarks ")[1].split()[0] for line in page.splitlines() if line.startswith("<!-- written")]

    assert all((HERE / f"{module.replace('.', '/')}.py").exists() for module in MEASUREMENTS.values())
    assert set(places) <= set(MEASUREMENTS)


def test_probes_have_exactly_their_number_of_facts_and_every_run_tells_the_same():
    workload = Workload(20_000)

    told = list(workload.calls())

    counted = Counter(each.body["subject"] for each in told if each.call == "facts")
    assert {name: counted[name] for name in workload.probes} == workload.probes
    assert {workload.probes[f"swap-probe-{number}"] for number in range(5)} == {200}
    assert told == list(Workload(20_000).calls())


def test_the_service_answers_every_question_of_the_comparison_as_the_reference_does(tmp_path):
    ours, reference = Ours(tmp_path), Reference(SMALL)
    ours.load(SMALL)

    for asking in askings(SMALL, ours.chronology.record.head()):
        for arguments in asking.arguments[:4]:
            given = getattr(ours, asking.question)(*arguments)
            assert given == answer(reference, asking.question, arguments), (asking.title, arguments)
    ours.close()


def test_rectangles_hold_at_every_pair_of_clocks_what_a_fold_of_the_rows_gives():
    held, kept = list(rectangles(changes(SMALL))), versions(SMALL)
    chance = random.Random(3)
    subjects = [*SMALL.probes, *SMALL.names()[:20]]

    for subject in subjects * 3:
        at, known = bound(f"{chance.randrange(2000, 2026)}-06-06"), chance.randrange(100, 600)
        there = [each.row for each in kept if each.since <= known < each.until and each.row.subject == subject]
        certain = sorted(
            (row for row in there if row.actual and row.hi <= at), key=lambda row: (row.lo, row.rung, row.number)
        )
        folded = fold((row.subject, row.step, row.does, row.says, row.settings) for row in certain)
        names = set(folded["fields"]) | ({"status"} if folded["status"] else set())
        found = [
            each.finding
            for each in held
            if each.subject == subject
            and each.known_from <= known < each.known_to
            and each.valid_from <= at < each.valid_to
        ]
        assert sorted(found) == sorted(names)


class Lying:
    """A peer that says nothing happened."""

    name = "lying"
    answers = ("state",)

    def warm(self):
        """There is nothing to read."""

    def ask(self, question, arguments):
        return [(NOTHING, 0.1) for _ in arguments]


def test_a_wrong_answer_ends_the_run_and_names_the_question():
    reference = Reference(SMALL)
    subject = SMALL.names()[0]
    assert reference.state(subject, EVER) != NOTHING

    with pytest.raises(SystemExit, match=rf"(?s)lying is wrong: one subject.*{subject}.*must be"):
        _asked(Asking("one subject", "state", [(subject, None, 2_000)]), {"lying": Lying()}, reference)
