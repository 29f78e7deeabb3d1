"""The architecture is a test: the arrow goes one way, and breaks when provoked."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]


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
        ("projections/fold/state.py", "import sqlalchemy", "the fold is pure"),
    ],
)
def test_a_contract_breaks_when_provoked(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    answer = lint(copy)

    assert answer.returncode == 1
    assert f"{contract} BROKEN" in answer.stdout
