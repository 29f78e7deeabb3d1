"""It is installed and started as others will: by its name on an index, as one command, in containers."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import tomllib
import urllib.request
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from packaging.requirements import Requirement

from events.kinds.swap import SwapAgreed
from service.chronicle.checkpoints import signer_in
from service.cli.main import main
from service.settings import Settings, settings_from
from tests.fixtures.databases import bundled, emptied, postgres
from tests.fixtures.servers import free_port
from tests.fixtures.stories import Chronicle

HERE = Path(__file__).parents[2]
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMMAND = [sys.executable, "-c", "from service.cli.main import main; main()"]


def needed() -> list[str]:
    """All that the project needs, with its extras."""
    return PROJECT["dependencies"] + [each for extra in PROJECT["optional-dependencies"].values() for each in extra]


def test_the_command_says_its_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).stdout == f"chronology {version('three-clocks')}\n"


@pytest.mark.parametrize("requirement", needed())
def test_every_dependency_has_a_least_and_a_greatest_version(requirement: str) -> None:
    asked = Requirement(requirement)
    if asked.name != PROJECT["name"]:
        assert {"<", ">="} <= {each.operator for each in asked.specifier}


def test_the_pins_are_versions_that_the_project_allows_each_with_its_hashes_and_from_no_index_of_ours() -> None:
    for name, extras in (("constraints.txt", ("oidc", "test", "fuzz", "lint")), ("constraints-image.txt", ("oidc",))):
        text = (HERE / name).read_text(encoding="utf-8")
        pins = dict(re.findall(r"^([a-z0-9._-]+)(?:\[\S+\])?==([^\s;]+)", text, re.MULTILINE))
        asked = [each for extra in extras for each in PROJECT["optional-dependencies"][extra]]
        for requirement in map(Requirement, [*PROJECT["dependencies"], *asked]):
            if requirement.name != PROJECT["name"]:
                assert requirement.specifier.contains(pins[requirement.name.lower()]), f"{name}: {requirement}"
        assert len(re.findall(r"==.*\\\n    --hash=sha256:[0-9a-f]{64}", text)) == len(pins) > 0
        assert not re.search(r"://|^-|/(tmp|opt|home|root|srv)/", text, re.MULTILINE)


def test_the_demonstration_shows_the_sample_and_ends_at_once_while_a_page_is_open(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "CHRONOLOGY_DATABASE": f"sqlite:///{tmp_path}/ours.db", "PORT": str(port)}
    shown = subprocess.Popen([*COMMAND, "demo"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        state = answered(f"http://127.0.0.1:{port}/api/v1/subjects/swap-1000-for-1000", shown)
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/news", timeout=10)
        shown.send_signal(signal.SIGINT)
        begun = time.monotonic()
        printed, _ = shown.communicate(timeout=9)  # seconds; an open page took ten
        page.close()
    finally:
        shown.kill()

    assert json.loads(state)["status"]["value"] == "completed"
    assert (shown.returncode, time.monotonic() - begun < 9) == (0, True)
    assert "demo.db: 32 sources" in printed
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".db") == ["demo.db"]


def answered(address: str, by: "subprocess.Popen[Any]", patience_seconds: float = 60) -> bytes:
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310
                return bytes(answer.read())
        except OSError:
            if time.monotonic() > deadline or by.poll() is not None:
                raise
            time.sleep(0.1)


def test_tables_are_made_once_the_database_answers(tmp_path: Path) -> None:
    address = emptied(postgres())
    sockets = Path(re.search(r"host=([^&]+)", address)[1])  # type: ignore[index]
    waiting = tmp_path / "s"
    waiting.mkdir()

    def begin() -> None:
        (waiting / ".s.PGSQL.5432").symlink_to(sockets / ".s.PGSQL.5432")

    threading.Timer(7, begin).start()  # seconds: longer than a connection is waited for
    result = CliRunner(env={"CHRONOLOGY_DATABASE": address.replace(str(sockets), str(waiting))}).invoke(main, "migrate")

    assert (result.exit_code, result.stdout) == (0, "the tables are there\n")


def test_a_health_check_of_followers_fails_while_views_lack_events_and_nobody_follows(
    chronicle: Chronicle, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["service.cli.main"], "_STANDS_STILL_SECONDS", 0.3)
    chronicle.given(SwapAgreed, subject="swap", occurred="2025-05-16", reported="2025-05-16")
    asked = CliRunner(env={"CHRONOLOGY_DATABASE": database})
    before = asked.invoke(main, "ready")
    chronicle.chronology.follower.catch_up()
    after = asked.invoke(main, "ready")

    assert (before.exit_code, after.exit_code) == (1, 0)
    assert re.fullmatch(r"the views stand at position (\d+) of \1\n", after.stdout)


def test_a_new_signing_key_is_called_one_and_an_old_one_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        signer_in(tmp_path / "key", "ours")

    assert [f"a new signing key was made at {tmp_path / 'key'}" in each.getMessage() for each in caplog.records] == [
        True
    ]


def test_another_users_lock_in_the_folder_for_temporary_files_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / ".lockfile").mkdir()
    script = "from tests.fixtures.databases import bundled; print(bundled().PostgresServer.lock_path)"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=HERE, capture_output=True, text=True, check=True
    )

    assert Path(ran.stdout.strip()).parent not in (tmp_path, Path("/tmp"))  # noqa: S108
    assert bundled() is bundled()


def test_an_example_of_the_services_settings_names_every_one_with_its_default() -> None:
    example = (HERE / "chronology.env.example").read_text(encoding="utf-8")
    lines = dict(re.findall(r"^#?(CHRONOLOGY_[A-Z_]+)=(.*)$", example, re.MULTILINE))
    by_compose = {"CHRONOLOGY_DATABASE", "CHRONOLOGY_READ_DATABASE", "CHRONOLOGY_HOST", "CHRONOLOGY_PROXIES"}
    names = {f"CHRONOLOGY_{name.upper()}" for name in Settings.__dataclass_fields__ if name != "port"}

    assert set(lines) == names - by_compose
    plain = {
        name: value
        for name, value in lines.items()
        if not re.search("_(HOSTS|READERS|ISSUER|ID|ROLES|KEY|ADDRESS)$", name)
    }
    assert settings_from(plain) == Settings()
