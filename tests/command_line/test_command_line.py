"""The command line, on the two seed reports and on the sample: what a newcomer does first."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from events.log.application import Record
from events.log.proofs.verification import verify
from service.chronicle.json_limits import yaml_in
from service.cli.demo import SAMPLE
from service.cli.main import main


class Shell:
    """Runs commands on one database."""

    def __init__(self, database: str) -> None:
        self.environment = {"CHRONOLOGY_DATABASE": database}

    def run(self, *words: str) -> Result:
        return CliRunner(env=self.environment).invoke(main, [str(word) for word in words])

    def done(self, *words: Any) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def state(self, subject: str, *options: str) -> dict[str, Any]:
        return json.loads(self.done("show", subject, "--json", *options))  # type: ignore[no-any-return]


@pytest.fixture
def shell(database: str) -> Shell:
    return Shell(database)


def seeds(shared: Path, folder: Path) -> Path:
    """A copy of the seed reports that a test may change."""
    copied = folder / "seeds"
    copied.mkdir()
    for each in (shared / "seeds").iterdir():
        shutil.copyfile(each, copied / each.name)
    return copied


@pytest.fixture
def both_reports(shell: Shell, shared: Path, tmp_path: Path) -> Shell:
    """A shell whose database holds all that the two reports say of facts, amendments of facts included."""
    folder = seeds(shared, tmp_path)
    shell.done("import", folder / "istanbul.chronicle.yaml")
    second = yaml_in((folder / "istanbul-2.chronicle.yaml").read_text(encoding="utf-8"))
    second["amendments"] = [each for each in second["amendments"] if "fact" in each]
    (folder / "more.chronicle.yaml").write_text(json.dumps(second), encoding="utf-8")
    shell.done("import", folder / "more.chronicle.yaml")
    return shell


def test_in_ukraines_account_the_return_of_children_is_demanded_and_in_russias_that_is_alleged(
    both_reports: Shell,
) -> None:
    for name in ("ukraine", "Kyiv"):
        theirs = both_reports.state("return-of-children", "--reading", name)
        assert (theirs["status"]["value"], theirs["asked"]["reading"]) == ("made", "ukraine")
    sides = ("--from-reading", "Moscow", "--to-reading", "ukraine", "--subject", "return-of-children")
    found = {each["finding"]: each for each in json.loads(both_reports.done("diff", "--json", *sides))}

    assert found.keys() >= {"status", "by", "of", "alleged[children-return-demanded]"}
    assert {(each["cause"], *(event["fact"] for event in each["events"])) for each in found.values()} == {
        ("account", "children-return-demanded")
    }
    (charge,) = both_reports.state("deportation-of-children")["alleged"]
    assert charge["by"] == "ukraine"


def test_the_denial_about_russias_memorandum_is_told_as_overtaken_once_the_hand_over_is_known(
    both_reports: Shell,
) -> None:
    shown = both_reports.done("show", "memorandum-russia")
    (step,) = [
        each
        for each in json.loads(both_reports.done("understanding", "memorandum-russia", "--json"))
        if "status" in {change["finding"] for change in each["changes"]}
    ]

    assert "overtaken by russia-memorandum-exchanged" in " ".join(shown.split())
    denials = [each for each in step["changes"] if each["finding"] == "denied[russia-memorandum-not-shared]"]
    assert [each["id"] for each in step["events"]] == ["russia-memorandum-exchanged"]
    assert denials[0]["after"]["value"]["answered_by"] == [
        {"fact": "russia-memorandum-exchanged", "how": "contradicts"}
    ]
    audited = json.loads(both_reports.done("audit", "memorandum-russia", denials[0]["finding"], "--json"))
    assert audited["because"] == ["russia-memorandum-not-shared", "russia-memorandum-exchanged"]


@pytest.mark.parametrize(
    "command", [("audit", "return-of-children", "status"), ("understanding", "return-of-children"), ("replay",)]
)
def test_an_account_of_nobody_is_refused_by_name_on_the_command_line(
    both_reports: Shell, command: tuple[str, ...]
) -> None:
    refused = both_reports.run(*command, "--reading", "nobody")

    assert refused.exit_code == 2
    assert "no actor 'nobody' is named" in refused.stderr
    assert "children-return-demanded" in both_reports.done(*command, "--json", "--reading", "ukraine")


def test_the_seed_chronicle_is_taken_in_whole_and_a_second_time_adds_nothing(shell: Shell, shared: Path) -> None:
    file = shared / "seeds" / "istanbul.chronicle.yaml"

    assert "2 sources, 30 subjects, 26 facts; 58 new events, the log ends at 58" in shell.done("import", file)
    assert "0 new events, the log ends at 58" in shell.done("import", file)


def test_the_state_of_the_seed_subjects_is_what_the_reports_say(shell: Shell, shared: Path) -> None:
    shell.done("import", shared / "seeds" / "istanbul.chronicle.yaml")

    swap = shell.state("swap-1000-for-1000")
    assert swap["status"]["value"] == "completed"
    assert swap["fields"]["count_each"]["value"] == {"best": 1000}
    assert shell.state("swap-1000-for-1000", "--at", "2025-05-20")["status"]["value"] == "agreed"
    assert shell.state("istanbul-round-2")["status"]["value"] == "concluded"
    proposed = shell.state("istanbul-round-3")
    assert proposed["status"]["value"] == "proposed"
    assert proposed["fields"]["proposed_for"]["value"] == "[2025-06-21..2025-06-30]"
    assert shell.state("return-of-children")["status"]["value"] == "made"


def test_values_rest_on_the_words_of_both_reports_and_on_whose_words_they_are(shell: Shell, shared: Path) -> None:
    shell.done("import", shared / "seeds" / "istanbul.chronicle.yaml")
    grounds = json.loads(shell.done("audit", "swap-1000-for-1000", "count_each", "--json"))
    demand = json.loads(shell.done("fact", "children-return-demanded", "--json"))

    assert {citation["source"] for fact in grounds["facts"] for citation in fact["citations"]} == {
        "trt-2025-06-02-second-round-begins",
        "trt-2025-06-02-no-negative-outcome",
    }
    assert (demand["attributed_to"], demand["by"]) == ("yermak", "yermak")


def test_the_russian_memorandum_was_denied_before_it_was_handed_over(shell: Shell, shared: Path) -> None:
    shell.done("import", shared / "seeds" / "istanbul.chronicle.yaml")
    denial = 2 + 30 + 7  # the seventh fact
    before = shell.state("memorandum-russia", "--position", str(denial))

    assert before["status"]["value"] is None
    assert before["denied"] == [
        {
            "fact": "russia-memorandum-not-shared",
            "kind": "DocumentHandedOver",
            "occurred": "2025-06-02",
            "by": "zelenskyy",
            "values": {"giver": "russia", "receiver": "ukraine"},
            "answered_by": [],
        }
    ]
    now = shell.state("memorandum-russia")
    assert now["status"]["value"] == "handed over"
    assert now["denied"][0]["answered_by"] == [{"fact": "russia-memorandum-exchanged", "how": "contradicts"}]


@pytest.mark.parametrize(
    "subject",
    ["swap-1000-for-1000", "istanbul-round-2", "istanbul-round-3", "return-of-children", "memorandum-russia"],
)
def test_before_the_reports_nothing_is_known_of_any(subject: str, tmp_path: Path, shared: Path) -> None:
    shell = Shell(f"sqlite:///{tmp_path}/chronology.db")
    shell.done("import", shared / "seeds" / "istanbul.chronicle.yaml")
    state = shell.state(subject, "--reported-until", "2025-06-01")

    assert state["status"]["value"] is None
    assert set(state["fields"]) <= {"title", "part_of"}


def test_with_one_letter_of_any_quote_changed_the_whole_file_is_refused(tmp_path: Path, shared: Path) -> None:
    shell = Shell(f"sqlite:///{tmp_path}/chronology.db")
    file = seeds(shared, tmp_path) / "istanbul.chronicle.yaml"
    whole = file.read_text(encoding="utf-8")
    quotes = [line for line in whole.splitlines() if "exact: " in line]
    assert len(quotes) == 28

    for line in quotes:
        at = line.index('exact: "') + 12
        changed = line[:at] + ("q" if line[at] != "q" else "z") + line[at + 1 :]
        file.write_text(whole.replace(line, changed), encoding="utf-8")
        refusal = shell.run("import", str(file))

        assert refusal.exit_code == 2
        assert refusal.stderr.count("\n") == 1
        assert "does not stand in the text" in refusal.stderr
        assert refusal.stderr.startswith("fact '")
    assert "58 new events" in shell.done("import", shared / "seeds" / "istanbul.chronicle.yaml")


def test_the_sample_is_taken_in_and_gives_different_answers_on_each_clock(shell: Shell) -> None:
    assert "32 sources, 41 subjects, 122 facts, 17 amendments" in shell.done("import", SAMPLE)
    assert "0 new events" in shell.done("import", SAMPLE)

    def status(subject: str, *options: str) -> Any:
        return shell.state(subject, *options)["status"]["value"]

    on_the_25th = ("--at", "2025-05-25", "--reported-until")
    assert status("swap-1000-for-1000", *on_the_25th, "2025-05-25") == "partly carried out"
    assert status("swap-1000-for-1000", *on_the_25th, "2025-05-26") == "completed"
    on_12_june = ("--at", "2025-06-12", "--reported-until")
    assert status("return-of-the-dead", *on_12_june, "2025-06-12") == "postponed"
    assert status("return-of-the-dead", *on_12_june, "2025-06-16") == "partly carried out"
    assert status("istanbul-round-2", "--at", "2025-06-03", "--reported-until", "2025-06-01") == "overdue"
    assert status("june-meeting", "--at", "2025-07-01") == "lapsed"
    assert shell.state("return-of-the-dead")["fields"]["counts[5][ukraine]"]["rivals"]


def test_showing_says_what_does_not_stand(tmp_path: Path) -> None:
    shell = Shell(f"sqlite:///{tmp_path}/chronology.db")
    source = {"id": "s", "title": "S", "publisher": "P", "published": "2024-01-02"}
    fact = {"id": "f", "kind": "SwapCompleted", "subject": "swap", "occurred": "2024-01-01"}
    fact["citations"] = [{"source": "s", "exact": "Done."}]  # type: ignore[assignment]
    withdrawal = {"source": "s", "call": "withdrawals", "reason": "taken back"}
    lines = [{"source": source}, {"fact": fact}, {"amendment": withdrawal}]
    file = tmp_path / "lines.ndjson"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    shell.done("import", file)

    for words in (("show", "swap"), ("fact", "f"), ("audit", "swap", "status")):
        said = " ".join(shell.done(*words).replace("│", " ").split())
        assert "unverified" in said, words
        assert "withdrawn" in said, words


def test_showing_says_the_state_in_a_table(shell: Shell) -> None:
    shell.done("import", SAMPLE)
    shown = shell.done("show", "swap-1000-for-1000")

    assert "completed" in shown
    assert "count_each" in shown


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("import", "nowhere.yaml"), "nowhere.yaml"),
        (("show", "nobody"), "no subject 'nobody'"),
        (("show", "nobody", "--at", "soon"), "'soon' is neither a date"),
        (("show", "nobody", "--position", "9"), "beyond the log"),
        (("token", "revoke", "nothing"), "no token 'nothing'"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_2(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    result = Shell(f"sqlite:///{tmp_path}/chronology.db").run(*words)

    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHRONOLOGY_COLOUR", "blue"),
        ("CHRONOLOGY_ZONE", "Mars"),
        ("PORT", "many"),
        ("CHRONOLOGY_DATABASE", "oracle://x"),
    ],
)
def test_a_setting_that_is_not_known_or_cannot_be_read_is_an_error(tmp_path: Path, name: str, value: str) -> None:
    environment = {"CHRONOLOGY_DATABASE": f"sqlite:///{tmp_path}/chronology.db", name: value}
    result = CliRunner(env=environment).invoke(main, ["show", "nobody"])

    assert result.exit_code == 2
    assert value in result.stderr or name in result.stderr


@pytest.mark.parametrize(
    "content",
    [
        "- a list",
        "facts: {}",
        "colours: []",
        "facts: [",
        "facts: [{}]",
        "amendments: [{fact: x, call: y}]",
        "sources: [1]",
    ],
)
def test_a_file_that_is_no_chronicle_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.yaml").write_text(content, encoding="utf-8")
    result = Shell(f"sqlite:///{tmp_path}/chronology.db").run("import", str(tmp_path / "bad.yaml"))

    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_a_chronicle_may_be_lines_of_json(tmp_path: Path) -> None:
    lines = [
        {"source": {"id": "s", "title": "S", "publisher": "P", "published": "2024-01-02", "text": "Done."}},
        {"fact": {"kind": "SwapCompleted", "subject": "x", "occurred": "2024-01-01", "citations": [{"source": "s", "exact": "Done."}]}},
    ]  # fmt: skip
    file = tmp_path / "lines.ndjson"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    shell = Shell(f"sqlite:///{tmp_path}/chronology.db")

    assert "1 sources, 1 facts; 2 new events" in shell.done("import", file)
    assert "0 new events" in shell.done("import", file)


def test_lines_before_a_refused_call_are_recorded_and_running_again_goes_on_from_there(tmp_path: Path) -> None:
    source = {"source": {"id": "s", "title": "S", "publisher": "P", "published": "2024-01-02", "text": "Done."}}
    fact = {"kind": "SwapCompleted", "occurred": "2024-01-01", "citations": [{"source": "s", "exact": "Done."}]}
    lines = [source, *({"fact": {**fact, "subject": f"swap-{n}"}} for n in range(2_003))]
    wrong = {"fact": {**fact, "subject": "x", "citations": [{"source": "s", "exact": "Never."}]}}
    file = tmp_path / "lines.ndjson"
    shell = Shell(f"sqlite:///{tmp_path}/chronology.db")

    file.write_text("\n".join(map(json.dumps, [*lines, wrong])), encoding="utf-8")
    refused = shell.run("import", str(file))
    assert refused.exit_code == 2
    assert "line 2005: " in refused.stderr
    assert "nothing from line 2001 on is recorded" in refused.stderr

    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert "1 sources, 2003 facts; 4 new events" in shell.done("import", file)


def test_an_import_killed_in_the_middle_goes_on_when_it_is_run_again(tmp_path: Path) -> None:
    source = {"source": {"id": "s", "title": "S", "publisher": "P", "published": "2024-01-02", "text": "Done."}}
    fact = {"kind": "SwapCompleted", "occurred": "2024-01-01", "citations": [{"source": "s", "exact": "Done."}]}
    facts = ({"fact": {**fact, "id": f"f{n}", "subject": f"swap-{n % 40}", "note": f"{n}"}} for n in range(6_000))
    amendments = (
        {"amendment": {"fact": f"f{n}", "call": "corrections", "kind": "reassessment", "reason": "So.", "changes": {"note": "!"}}}
        for n in range(0, 1_000, 10)
    )  # fmt: skip
    file = tmp_path / "lines.ndjson"
    file.write_text("\n".join(map(json.dumps, [source, *facts, *amendments])), encoding="utf-8")
    database = f"sqlite:///{tmp_path}/chronology.db"
    environment = {**os.environ, "CHRONOLOGY_DATABASE": database}
    record = Record(database)

    command = subprocess.Popen(
        [sys.executable, "-c", "from service.cli.main import main; main()", "import", str(file)], env=environment
    )
    while not record.head() and command.poll() is None:
        time.sleep(0.005)
    command.send_signal(signal.SIGKILL)
    assert command.wait() == -signal.SIGKILL
    reached = record.head()

    assert (reached % 2_000, 0 < reached < 6_101) == (0, True)
    assert f"6000 facts, 100 amendments; {6_101 - reached} new events" in Shell(database).done("import", file)
    assert "0 new events" in Shell(database).done("import", file)
    assert [entry.position for entry in record.after(0, 20_000)] == list(range(1, 6_102))
    assert verify(record, {}).is_whole
    record.close()


def test_what_is_exported_is_taken_in_elsewhere_and_answers_alike(shell: Shell, tmp_path: Path) -> None:
    shell.done("import", SAMPLE)
    (tmp_path / "elsewhere").mkdir()
    elsewhere = Shell(f"sqlite:///{tmp_path}/elsewhere/chronology.db")
    file = tmp_path / "exported.ndjson"
    shell.done("export", file)

    assert "32 sources, 41 subjects, 122 facts, 17 amendments; 212 new events" in elsewhere.done(
        "import", "--as-recorded", file
    )
    assert "0 new events" in shell.done("import", file)
    assert elsewhere.done("values", "--json") == shell.done("values", "--json")
    assert elsewhere.done("export") == file.read_text(encoding="utf-8")


def test_a_token_is_printed_once_and_kept_hashed(tmp_path: Path) -> None:
    shell = Shell(f"sqlite:///{tmp_path}/chronology.db")
    token = shell.done("token", "create", "--role", "recorder", "--name", "desk").strip()

    assert token.startswith("chr_")
    assert token.split("_", 2)[2].encode() not in (tmp_path / "chronology.db").read_bytes()
    assert "recorder" in shell.done("token", "list")


def test_the_server_serves_follows_and_stops(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = f"sqlite:///{tmp_path}/chronology.db"
    environment = {**os.environ, "CHRONOLOGY_DATABASE": database, "PORT": str(port)}
    chronology = Path(sys.executable).parent / "chronology"
    log = (tmp_path / "log").open("w")
    server = subprocess.Popen([str(chronology), "serve"], env=environment, stdout=log, stderr=log)
    try:
        answer = fetch(f"http://127.0.0.1:{port}/readyz", patience_seconds=20)
        assert answer["status"] == "ready"
        Shell(database).done("import", SAMPLE)
        state = fetch(f"http://127.0.0.1:{port}/api/v1/subjects/swap-1000-for-1000")
        assert state["status"]["value"] == "completed"
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
        log.close()


def fetch(address: str, patience_seconds: float = 0) -> Any:
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310
                return json.load(answer)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_every_question_of_the_api_can_be_asked_at_the_terminal_too(tmp_path: Path) -> None:
    shell = Shell(f"sqlite:///{tmp_path}/chronology.db")
    shell.done("import", SAMPLE)

    assert "returns of the dead" not in shell.done("understanding", "return-of-the-dead", "--by", "reported")
    differing = ("diff", "--from-reported-until", "2025-06-12", "--to-reported-until", "2025-06-16")
    assert "new_fact" in shell.done(*differing, "--subject", "return-of-the-dead")
    told = json.loads(shell.done(*differing, "--json"))
    assert "new_fact" in {each["cause"] for each in told}
    values = json.loads(shell.done("values", "--json"))
    assert ("swap-1000-for-1000", "completed") in {(each["id"], each["status"]) for each in values}
    assert json.loads(shell.done("values", "swap-1000-for-1000", "--json")) in values
    assert "completed" in shell.done("values", "swap-1000-for-1000")
    assert "swap-1000-agreed" in shell.done("audit", "swap-1000-for-1000", "count_each")
    assert "FactRecorded" in shell.done("fact", "swap-1000-agreed")
    steps = [json.loads(line) for line in shell.done("replay", "--by", "reported", "--json").splitlines()]
    assert [step["reported_until"] or "" for step in steps] == sorted(step["reported_until"] or "" for step in steps)
    assert shell.done("replay")
