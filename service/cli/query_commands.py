"""What the command line can be asked: states, facts, differences, and how the understanding evolved."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import click
import orjson

from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.evidence.audit import audit as audit_of
from projections.queries.evidence.facts import fact as fact_of
from projections.queries.history.diff import diff as diff_of
from projections.queries.history.evolution import replay as replay_of
from projections.queries.history.evolution import understanding as steps_of
from projections.queries.history.value_changes import changes as changes_between
from projections.queries.subjects.states import state
from projections.queries.subjects.values import values, values_of
from projections.store.snapshots import Snapshot
from service.cli import tables
from service.databases.chronology import Chronology
from service.settings import settings_from

_CLOCKS = (
    ("at", "what had happened by: a date or an instant"),
    ("reported-until", "as reported by"),
    ("recorded-until", "as recorded by"),
    ("zone", "IANA zone of those days; UTC if not given"),
)


@contextmanager
def opened(*, follows: bool = True, makes: bool = False) -> Iterator[Chronology]:
    """A desk with the settings of the environment, closed at the end."""
    chronology = Chronology(settings_from(os.environ), follows=follows, makes=makes)
    try:
        yield chronology
    finally:
        chronology.close()


def _clocked(command: Any, side: str = "") -> Any:
    prefix = f"{side}-" if side else ""
    for name, about in reversed(_CLOCKS):
        command = click.option(
            f"--{prefix}{name}", help=f"{side} {about}.".strip() if side else f"{about[0].upper()}{about[1:]}."
        )(command)
    return click.option(f"--{prefix}position", type=click.IntRange(0), help="As recorded up to this position.")(command)


def _as_json(command: Any) -> Any:
    return click.option("--json", "as_json", is_flag=True, help="The answer as the API gives it.")(command)


_by = click.option(
    "--by", type=click.Choice(["recorded", "reported"]), default="recorded", help="The clock that moves."
)
_reading = click.option("--reading", help="The actor whose account to hear.")


def _asked(clocks: dict[str, Any], side: str = "") -> Asked:
    prefix = f"{side}_" if side else ""
    names = ("at", "reported_until", "recorded_until", "zone", "position", "reading")
    given = {name: clocks.get(prefix + name) for name in names}
    return Asked(**{name: value for name, value in given.items() if value is not None})


def _answer(
    question: Callable[[Snapshot, Clocks], Any], asked: Asked, table: Callable[[Any], None], as_json: bool
) -> None:
    with opened() as chronology, chronology.ask(asked, patiently=True) as (snapshot, clocks):
        found = question(snapshot, clocks)
    if as_json:
        click.echo(tables.printable_json(orjson.dumps(found, option=orjson.OPT_INDENT_2)))
    else:
        table(found)


@click.command()
@click.argument("subject")
@_clocked
@_reading
@_as_json
def show(subject: str, as_json: bool, **clocks: Any) -> None:
    """Show the state of a subject."""
    _answer(lambda snapshot, bounds: state(snapshot, subject, bounds), _asked(clocks), tables.show_state, as_json)


@click.command("values")
@click.argument("subject", required=False)
@_clocked
@_reading
@_as_json
def show_values(subject: str | None, as_json: bool, **clocks: Any) -> None:
    """Show the status and fields of a subject, or of all, without what they rest on."""

    def found(snapshot: Snapshot, bounds: Clocks) -> list[Any]:
        those = values_of(snapshot, bounds) if subject is None else [values(snapshot, subject, bounds)]
        return sorted((orjson.loads(each.json) for each in those), key=lambda each: str(each["id"]))

    _answer(found, _asked(clocks), tables.show_values, as_json)


@click.command()
@click.argument("name", metavar="FACT")
@_clocked
@_as_json
def fact(name: str, as_json: bool, **clocks: Any) -> None:
    """Show a fact and its whole stream: who recorded what when, from which words."""
    _answer(lambda snapshot, bounds: fact_of(snapshot, name, bounds), _asked(clocks), tables.show_fact, as_json)


@click.command()
@click.argument("subject")
@_by
@_clocked
@_reading
@_as_json
def understanding(subject: str, by: str, as_json: bool, **clocks: Any) -> None:
    """Show how the understanding of a subject evolved."""
    _answer(
        lambda snapshot, bounds: steps_of(snapshot, subject, bounds, by), _asked(clocks), tables.show_steps, as_json
    )


@click.command()
@click.option("--subject", help="Only this subject.")
@lambda command: _clocked(command, "to")
@lambda command: _clocked(command, "from")
@_as_json
def diff(subject: str | None, as_json: bool, **clocks: Any) -> None:
    """Show what differs between two sets of clocks, and why."""
    _compare(partial(diff_of, subjects=[subject] if subject else None), clocks, tables.show_diff, as_json)


@click.command()
@lambda command: _clocked(command, "to")
@lambda command: _clocked(command, "from")
@_as_json
def changes(as_json: bool, **clocks: Any) -> None:
    """Show which values differ between two sets of clocks, without why: for windows of any size."""

    def compare(*readings: Any) -> Any:
        return [
            {"subject": each.subject, "finding": each.finding, "from": each.before, "to": each.after}
            for each in changes_between(*readings)
        ]

    _compare(compare, clocks, tables.show_changes, as_json)


def _compare(compare: Callable[..., Any], clocks: dict[str, Any], table: Callable[[Any], None], as_json: bool) -> None:
    """Put a question to two sets of clocks."""

    def question(snapshot: Snapshot, _: Clocks) -> Any:
        one, other = (clocks_for(snapshot, _asked(clocks, side)) for side in ("from", "to"))
        return compare(snapshot, one, other)

    positions = [clocks[f"{side}_position"] for side in ("from", "to") if clocks[f"{side}_position"] is not None]
    furthest = Asked(position=max(positions) if len(positions) == len(("from", "to")) else None)
    _answer(question, furthest, table, as_json)


@click.command()
@_by
@_clocked
@_as_json
def replay(by: str, as_json: bool, **clocks: Any) -> None:
    """Replay the steps of all subjects; with --json one object a line."""
    with opened() as chronology, chronology.ask(_asked(clocks), patiently=True) as (snapshot, bounds):
        for step in replay_of(snapshot, bounds, by):
            if as_json:
                click.echo(tables.printable_json(orjson.dumps(step)))
            else:
                tables.show_steps([step])


@click.command()
@click.argument("subject")
@click.argument("finding")
@_clocked
@_as_json
def audit(subject: str, finding: str, as_json: bool, **clocks: Any) -> None:
    """Show what a value rests on, down to quotes and recorders."""
    _answer(
        lambda snapshot, bounds: audit_of(snapshot, subject, finding, bounds),
        _asked(clocks),
        tables.show_audit,
        as_json,
    )


QUESTIONS = (show, show_values, fact, understanding, diff, changes, replay, audit)
