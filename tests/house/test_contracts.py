"""The architecture is a test: the arrow goes one way, and breaks when provoked."""

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


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("events", "projections", "service"):
        shutil.copytree(HERE / name, tmp_path / name, ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(HERE / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"}
    return subprocess.run(LINT, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_contracts_hold(copy: Path) -> None:
    answer = lint(copy)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 broken" in answer.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
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
    ],
)
def test_a_contract_breaks_when_provoked(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    answer = lint(copy)

    assert answer.returncode == 1
    assert f"{contract} BROKEN" in " ".join(answer.stdout.split())


def test_what_the_fold_the_questions_and_the_api_return_has_a_type() -> None:
    """JSON of any shape is called `Json` or `JsonObject`; nothing else is a dictionary of anything."""
    rooms = ("projections/fold", "projections/queries", "service/api")
    untyped = [path for room in rooms for path in (HERE / room).rglob("*.py") if "dict[str, Any]" in path.read_text()]

    assert untyped == []
