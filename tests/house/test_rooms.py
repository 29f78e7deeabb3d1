"""The house stays one that a stranger finds his way in: a map that is complete, small rooms, files read at once."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import SLOWEST, TOGETHER

HERE = Path(__file__).parents[2]
PACKAGES = ("events", "projections", "service")
MOST_MODULES, MOST_LINES = 12, 250


def modules() -> list[str]:
    paths = [path.relative_to(HERE) for package in PACKAGES for path in (HERE / package).rglob("*.py")]
    return sorted(map(str, (path for path in paths if path.name != "__init__.py")))


def mapped(text: str) -> list[str]:
    """The modules that a map names, each in a line with what it does."""
    return re.findall(r"^- `([a-z0-9_/]+\.py)`: \S.*\.$", text, re.MULTILINE)


def test_the_map_names_every_module_once_and_none_that_is_gone() -> None:
    listed = mapped((HERE / "docs" / "rooms.md").read_text(encoding="utf-8"))

    assert Counter(listed) == Counter(modules())


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("- `events/facts.py`: Facts.\n", ["events/facts.py"]),
        ("- `events/facts.py`: Facts.\n- `events/facts.py`: Facts.\n", ["events/facts.py"] * 2),
        ("- `events/facts.py`:\n", []),
    ],
)
def test_a_line_without_a_sentence_does_not_count_and_two_lines_count_twice(line: str, found: list[str]) -> None:
    assert mapped(line) == found


def test_no_room_has_more_than_a_dozen_modules() -> None:
    rooms = Counter(str(Path(module).parent) for module in modules())

    assert {room: count for room, count in rooms.items() if count > MOST_MODULES} == {}


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    lengths = {module: (HERE / module).read_text(encoding="utf-8").count("\n") for module in modules()}

    assert {module: length for module, length in lengths.items() if length > MOST_LINES} == {}


def test_an_init_file_holds_one_sentence() -> None:
    for path in [path for package in PACKAGES for path in (HERE / package).rglob("__init__.py")]:
        assert path.read_text(encoding="utf-8").count("\n") == 1, path


def test_tests_that_are_handed_out_first_or_together_exist() -> None:
    there = {path.stem for path in (HERE / "tests").rglob("test_*.py")}

    assert {*SLOWEST, *TOGETHER} <= there
