"""The architecture is a test: the arrow goes one way, and breaks when provoked."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
EVENTS = "inside events, commands stand above the log, and kinds above dates"
PROJECTIONS = "inside projections, questions and the follower stand above views, and views above the fold"
DRIVERS = "drivers stand only where databases are reached"
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]
SERVICE = "inside the service, who asks stands above what is asked"

PROVOKED = [
    ("events/dates/edtf.py", "import projections.store", "service asks projections, projections read events"),
    (
        "projections/read_models/ledger.py",
        "import service.settings",
        "service asks projections, projections read events",
    ),
    ("events/facts.py", "import flask", "events know nothing of the web or of tables"),
    ("events/log/reader.py", "import events.commands.quotes", EVENTS),
    ("events/dates/bounds.py", "import events.facts", EVENTS),
    ("projections/read_models/ledger.py", "import projections.queries.subjects.states", PROJECTIONS),
    ("projections/bitemporal/index.py", "import projections.read_models.ledger", PROJECTIONS),
    ("service/cli/main.py", "import sqlite3", DRIVERS),
    ("projections/queries/subjects/values.py", "import psycopg", DRIVERS),
    ("projections/fold/state.py", "import sqlalchemy", "the fold is pure"),
    ("service/auth/roles.py", "import service.web.access", SERVICE),
    ("service/chronicle/schemas.py", "import service.api.facts", SERVICE),
    ("service/settings.py", "import service.auth.roles", SERVICE),
    ("service/auth/roles.py", "import flask", "flask stands only where requests are answered"),
    ("service/chronicle/file.py", "import flask", "flask stands only where requests are answered"),
    ("service/web/access.py", "import marshmallow", "marshmallow stands only where requests are read"),
    ("service/pages/fact.py", "import marshmallow", "marshmallow stands only where requests are read"),
]


def copied(folder: Path) -> Path:
    for name in ("events", "projections", "service"):
        shutil.copytree(HERE / name, folder / name, ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(HERE / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200"}
    return subprocess.run(LINT, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of a copy with all the lines that each break a contract."""
    copy = copied(tmp_path_factory.mktemp("broken"))
    for file, line, _ in PROVOKED:
        path = copy / file
        path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    answer = lint(copy)
    assert answer.returncode == 1
    return " ".join(answer.stdout.partition("Broken contracts")[2].split())


def test_the_contracts_hold(tmp_path: Path) -> None:
    answer = lint(copied(tmp_path))

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 broken" in answer.stdout


@pytest.mark.parametrize(("file", "line", "contract"), PROVOKED)
def test_a_contract_breaks_when_provoked(broken: str, file: str, line: str, contract: str) -> None:
    breaks = f"- {file.removesuffix('.py').replace('/', '.')} -> {line.removeprefix('import ')} (l."

    said = re.search(rf"{re.escape(contract)} -{{9,}}(.*?)(?: -{{9,}}|$)", broken)

    assert said
    assert breaks in said[1]


def test_what_the_fold_the_questions_and_the_api_return_has_a_type() -> None:
    """JSON of any shape is called `Json` or `JsonObject`; nothing else is a dictionary of anything."""
    rooms = ("projections/fold", "projections/queries", "service/api")
    untyped = [path for room in rooms for path in (HERE / room).rglob("*.py") if "dict[str, Any]" in path.read_text()]

    assert untyped == []
