"""A package of one file brings a kind: what `docs/add-a-kind.md` shows is done here, and faulty packages are refused."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from events.log.application import Record
from service.cli.main import main
from tests.fixtures.servers import free_port

PAGE = (Path(__file__).parents[2] / "docs" / "add-a-kind.md").read_text(encoding="utf-8")
COMMAND = "from service.cli.main import main; main()"
CHECK = "from events.kinds.vocabulary import refuse_faulty_packages; refuse_faulty_packages()"
ASKED = """
import json, sys
from click.testing import CliRunner
from service.app import create_app
from service.cli.main import main
from service.databases.chronology import Chronology
from service.settings import Settings
addresses, commands = map(json.loads, sys.argv[2:])
chronology = Chronology(Settings(database=sys.argv[1]), follows=True)
client = create_app(chronology).test_client()
answers = [client.get(address).get_data(as_text=True) for address in addresses]
chronology.close()
results = [CliRunner().invoke(main, words) for words in commands]
print(json.dumps([answers, [result.output for result in results]]))
"""


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


class Installed:
    """A folder with one package, as pip would leave it, and programs that find it there."""

    def __init__(self, folder: Path, source: str, entry: str = "river_levels", *, database: str = "") -> None:
        self.folder, self.database = folder / "installed", database or f"sqlite:///{folder}/chronology.db"
        noted = self.folder / "river_levels-1.0.dist-info"
        noted.mkdir(parents=True)
        (self.folder / "river_levels.py").write_text(source, encoding="utf-8")
        (noted / "METADATA").write_text("Metadata-Version: 2.1\nName: river-levels\nVersion: 1.0\n", encoding="utf-8")
        (noted / "entry_points.txt").write_text(f"[chronology.kinds]\nrivers = {entry}\n", encoding="utf-8")

    def python(self, program: str, *words: Any) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "CHRONOLOGY_DATABASE": self.database}
        command = [sys.executable, "-c", program, *map(str, words)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def asked(self, addresses: list[str], commands: list[list[str]]) -> list[list[str]]:
        """What the app answers at the addresses, and what the commands print, all in one process."""
        result = self.python(ASKED, self.database, json.dumps(addresses), json.dumps(commands))
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)  # type: ignore[no-any-return]


@pytest.fixture
def rivers(tmp_path: Path, database: str) -> Installed:
    """The package of the page, and its chronicle taken in."""
    (entry,) = tomllib.loads(block("toml"))["project"]["entry-points"]["chronology.kinds"].values()
    installed = Installed(tmp_path, block("python"), entry, database=database)
    (tmp_path / "rivers.chronicle.yaml").write_text(block("yaml"), encoding="utf-8")
    taken = installed.python(COMMAND, "import", tmp_path / "rivers.chronicle.yaml")
    assert "1 sources, 2 facts" in taken.stdout, taken.stderr
    return installed


def test_a_package_of_one_file_brings_a_kind_that_page_api_command_line_and_files_know(
    rivers: Installed, tmp_path: Path
) -> None:
    api, exported = "/api/v1", str(tmp_path / "exported.ndjson")
    addresses = [f"{api}/subjects/oldford", f"{api}/kinds/LevelRead", f"{api}/openapi.json", "/subjects/oldford"]
    commands = [["kinds"], ["kinds", "LevelRead"], ["show", "oldford"], ["export", exported], ["import", exported]]
    (*answers, page), (kinds, kind, shown, _, again) = rivers.asked(addresses, commands)
    state, described, document = map(json.loads, answers)

    assert (state["status"]["value"], state["fields"]["centimetres"]["value"]) == ("warned of", 512)
    assert (described["words"], described["about"]) == ("A river level was read", "gauge")
    assert "LevelRead" in document["components"]["schemas"]["Fact"]["discriminator"]["mapping"]
    assert all(words in page for words in ("River gauge", "read 512 cm at the Ald", "Level in centimetres"))
    assert "River gauge (gauge): watched, warned of, flooded; halts: all clear" in kinds
    assert "Level in centimetres (integer, required)" in kind
    assert all(words in shown for words in ("River gauge", "warned of", "512"))
    assert "0 new events" in again


def test_a_log_with_kinds_that_the_program_lacks_is_refused_by_name_at_the_start(
    rivers: Installed, tmp_path: Path
) -> None:
    environment = {"CHRONOLOGY_DATABASE": rivers.database}
    lacks = "the log holds events of kinds that this program lacks: FloodWarned (1), LevelRead (1)"
    file = str(tmp_path / "rivers.chronicle.yaml")

    for words in (["import", file], ["show", "oldford"], ["rebuild"], ["verify"], ["migrate"], ["ready"]):
        refused = CliRunner(env=environment).invoke(main, words)
        assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1), words
        assert lacks in refused.stderr
    for words in (["serve", "--port", str(free_port())], ["follow"]):
        command = [sys.executable, "-c", COMMAND, *words]
        stopped = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)
        assert stopped.returncode == 2, words
        assert lacks in stopped.stderr


def test_the_kinds_that_a_log_holds_are_found_by_an_index(rivers: Installed) -> None:
    record = Record(rivers.database, create=False)
    with record.reading() as reader:
        assert reader.topics() == ["fact:FloodWarned", "fact:LevelRead", "source:SourceRegistered"]
        assert [reader.count_of(topic) for topic in (*reader.topics(), "fact:Other")] == [1, 1, 1, 0]
        if rivers.database.startswith("sqlite"):
            reader.cursor.execute("EXPLAIN QUERY PLAN SELECT min(topic) FROM chronology_events WHERE topic > 'fact:A'")
            assert "USING COVERING INDEX chronology_events_topic (topic>?)" in reader.cursor.fetchone()[3]
    record.close()


GOOD = block("python")
FAULTY = {
    "no such attribute": (GOOD, "river_levels:nothing", "has no attribute 'nothing'"),
    "no such module": (GOOD, "lake_levels", "No module named 'lake_levels'"),
    "a name that is taken": (
        GOOD.replace("LevelRead", "SwapAgreed"),
        "",
        "there is a kind SwapAgreed already, in events.kinds.swap",
    ),
    "the name of another event": (GOOD.replace("LevelRead", "FactCorrected"), "", "the name FactCorrected is not free"),
    "a kind of subject that is taken": (
        GOOD.replace("Gauge", "Talks"),
        "",
        "there is a kind of subject 'talks' already, in events.kinds.talks",
    ),
    "no rung": (
        GOOD.replace('reaches = "watched"', 'reaches = "seen"'),
        "",
        "LevelRead reaches 'seen', which is no rung",
    ),
    "no ladder": (
        GOOD.replace('ladder = ("watched", "warned of", "flooded")', 'ladder = "watched"'),
        "",
        "the ladder of 'gauge'",
    ),
    "no label": (GOOD.replace('labelled("River")', "None"), "", "the field 'river' of LevelRead has no label"),
    "another type": (GOOD.replace("by: ActorId", "by: Text"), "", "the field 'by' of FloodWarned is of another type"),
    "no type": (GOOD.replace("river: Text", "river: str"), "", "a field of LevelRead is of no type"),
    "a field that is not its own": (
        GOOD.replace("river: Text", "note: Text"),
        "",
        "may have no field 'note' of its own",
    ),
    "no such field": (GOOD.replace("{river}", "{stream}"), "", "LevelRead has no field 'stream'"),
}


@pytest.mark.parametrize("faulty", FAULTY)
def test_a_faulty_package_is_refused_saying_what_is_wrong_with_it(tmp_path: Path, faulty: str) -> None:
    source, entry, flaw = FAULTY[faulty]
    installed = Installed(tmp_path, source, entry or "river_levels")

    refused = installed.python(CHECK)

    assert refused.returncode == 1
    said = refused.stderr.splitlines()[-1]
    assert said.startswith("events.errors.Invalid: the kinds of river-levels (chronology.kinds: rivers = ")
    assert flaw in said


def test_a_faulty_package_ends_commands_with_one_sentence_and_exit_2_before_a_database_is_made(tmp_path: Path) -> None:
    installed = Installed(tmp_path, GOOD, "river_levels:nothing")

    for words in (["migrate"], ["kinds"], ["serve", "--port", str(free_port())]):
        refused = installed.python(COMMAND, *words)
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1), refused.stderr
        assert "has no attribute 'nothing'" in refused.stderr
    assert not (tmp_path / "chronology.db").exists()
