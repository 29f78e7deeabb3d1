"""The pages say what is so: settings, commands, decisions, links, targets."""

import re
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import click

from service.cli.main import main
from service.settings import PREFIX, Settings

HERE = Path(__file__).parents[2]
FOLDERS = ("events", "projections", "service", "docs", "benchmarks", "tests")
README = (HERE / "README.md").read_text(encoding="utf-8")


def test_the_settings_in_the_readme_are_those_of_the_service_with_their_defaults() -> None:
    rows = re.findall(r"^\| (`.*?`) \| (.*?) \|", README[README.index("## Settings") :], re.MULTILINE)
    listed = {name: default for names, default in rows for name in re.findall(r"`(\w+)`", names) if name.isupper()}
    settings = {"PORT" if name == "port" else f"{PREFIX}{name.upper()}" for name in Settings.__dataclass_fields__}
    plain = {name: default.strip("`") for name, default in listed.items() if default.startswith("`")}

    assert set(listed) == settings
    for name, default in plain.items():
        value = getattr(Settings(), name.removeprefix(PREFIX).lower())
        assert default == (
            {True: "yes", False: "no"}[value]
            if isinstance(value, bool)
            else f"{value:g}"
            if isinstance(value, float)
            else str(value)
        ), name


def test_every_command_is_in_the_readme_and_every_one_there_exists() -> None:
    table = README[README.index("## The command line") : README.index("## Settings")]
    listed = {
        word
        for row in re.findall(r"^\| (`.*?) \| ", table, re.MULTILINE)
        for word in re.findall(r"`chronology ([a-z-]+)", row)
    }

    assert isinstance(main, click.Group)
    assert listed == set(main.commands)


def test_every_setting_that_a_page_or_a_configuration_names_exists() -> None:
    named = {
        (str(page), name) for page in told() for name in re.findall(r"\bCHRONOLOGY_[A-Z_]+[A-Z]\b", page.read_text())
    }
    no_settings = {"CHRONOLOGY_TEST_DATABASE", "CHRONOLOGY_SERVICE_HOST"}  # for tests; what Kubernetes sets
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.__dataclass_fields__} | no_settings

    assert {(page, name) for page, name in named if name not in settings} == set()


def test_every_command_that_a_page_or_a_configuration_runs_exists() -> None:
    runs = r"(?:`|bin/|\$ | web | backup | follower | -- |^ +)chronology ([a-z]+)\b|(?:command|args|test): \[(?:CMD, chronology, )?([a-z]+)\]"
    named = {
        (str(page), "".join(words))
        for page in told()
        for words in re.findall(runs, page.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert isinstance(main, click.Group)
    assert len(named) > 20
    assert {(page, name) for page, name in named if name not in main.commands} == set()


def told() -> list[Path]:
    """The pages and configurations that those who run the service read."""
    folders = [path for name in ("deploy", "docs", ".ci") for path in (HERE / name).glob("*") if path.is_file()]
    return [
        *folders,
        HERE / "README.md",
        HERE / "Dockerfile",
        HERE / "docker-compose.yml",
        HERE / "chronology.env.example",
    ]


def test_every_module_that_a_target_or_a_page_runs_exists() -> None:
    pages = [HERE / "Makefile", HERE / "README.md", *(HERE / "docs").rglob("*.md")]
    named = {
        name for page in pages for name in re.findall(r"python -m ([a-z_.]+[a-z_])", page.read_text(encoding="utf-8"))
    }

    assert {name for name in named if find_spec(name) is None} == set()


def test_every_decision_in_force_is_in_the_index_and_every_one_referred_to_exists() -> None:
    decisions = HERE / "docs" / "decisions"
    records = {path.name for path in decisions.glob("0*.md")}
    index = re.findall(r"\]\((0[^)]+\.md)\)", (decisions / "README.md").read_text(encoding="utf-8"))
    texts = [
        path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in (HERE / folder).rglob("*")
        if path.suffix in (".py", ".md")
    ]
    referred = {number for text in texts for number in re.findall(r"[Dd]ecision (\d{4})", text)}

    assert Counter(index) == Counter(records)
    assert referred <= {name[:4] for name in records}


def test_links_between_pages_of_the_docs_lead_somewhere() -> None:
    pages = [HERE / "README.md", *(HERE / "docs").rglob("*.md")]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    ]

    assert [(str(page), target) for page, target in links if not (page.parent / target).exists()] == []


def test_every_file_that_a_page_names_exists() -> None:
    pages = [HERE / "README.md", *(HERE / "docs").rglob("*.md")]
    superseded = HERE / "docs" / "decisions" / "superseded.md"
    named = {
        path
        for page in pages
        if page != superseded
        for path in re.findall(r"`([a-z_]+/[a-z_/-]+(?:\.py|/))`", page.read_text(encoding="utf-8"))
    }

    assert {path for path in named if not (HERE / path).exists()} == set()
