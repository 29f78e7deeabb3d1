"""Commands that ask: states, facts, differences, and how the understanding evolved."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import click
import orjson

from events.dates.in_words.reader import clock_typed
from events.field_types import JsonObject
from projections.clocks import CLOCKS, DATES, SIDES, Asked, Clocks, asked_in
from projections.queries.evidence.audit import audit as audit_of
from projections.queries.evidence.facts import fact as fact_of
from projections.queries.evidence.search import search as search_for
from projections.queries.history.checks import check as check_of
from projections.queries.history.diff import diff as diff_of
from projections.queries.history.evolution import understanding as steps_of
from projections.queries.history.replay import replay as replay_of
from projections.queries.subjects.agenda import agenda as agenda_of
from projections.queries.subjects.states import state
from projections.queries.subjects.values import Values, values_of
from projections.queries.subjects.values import values as values_of_one
from projections.store.snapshots import Snapshot
from service.cli import tables
from service.cli.terminal import printable_json
from service.databases.chronology import Chronology
from service.settings import settings_from
from service.web.addresses.permalinks import cited_by

_GIVEN = {"zone": "ZONE", "position": "N", "reading": "ACTOR"}
Found = TypeVar("Found")


@contextmanager
def opened(*, follows: bool = True, makes: bool = False) -> Iterator[Chronology]:
    """The chronology of the environment's settings, closed at the end."""
    with closing(Chronology(settings_from(os.environ), follows=follows, makes=makes)) as chronology:
        yield chronology


def _in_words(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    """The reading of a clock, which may be given in words."""
    return text and clock_typed(text, datetime.now(UTC).date())


def _clocks(names: Sequence[str], sides: Sequence[str] = ("",)) -> Callable[[Any], Any]:
    """Options for clocks, of each side where two sets are compared."""

    def decorate(command: Any) -> Any:
        for side in reversed(sides):
            for name in reversed(names):
                about = f"{side.strip('_')} {CLOCKS[name]}".strip()
                option = f"--{side}{name}".replace("_", "-")
                words = f"{about[:1].upper()}{about[1:]}."
                more: Any = {"callback": _in_words} if name in DATES else {}
                command = click.option(option, metavar=_GIVEN.get(name, "DATE"), help=words, **more)(command)
        return command

    return decorate


def _as_json(command: Any) -> Any:
    return click.option("--json", "as_json", is_flag=True, help="The answer as the API gives it.")(command)


_BY = click.Choice(["recorded", "reported"])
_by = click.option("--by", type=_BY, default="recorded", help="The clock that moves.")
clocks_and_reading = _clocks(tuple(CLOCKS))
_two_sets = _clocks(tuple(CLOCKS), SIDES)


def _answer(
    question: Callable[[Snapshot, Clocks], Found], clocks: JsonObject, table: Callable[[Found], None], as_json: bool
) -> None:
    with opened() as chronology, chronology.ask(asked_in(clocks), patiently=True) as (snapshot, bounds):
        found = question(snapshot, bounds)
    _print(found, table, as_json)


def _print(found: Found, table: Callable[[Found], None], as_json: bool) -> None:
    if as_json:
        click.echo(printable_json(orjson.dumps(found, option=orjson.OPT_INDENT_2)))
    else:
        table(found)


@click.command()
@click.argument("subject")
@clocks_and_reading
@_as_json
def show(subject: str, as_json: bool, **clocks: Any) -> None:
    """Show the state of a subject."""
    _answer(lambda snapshot, bounds: state(snapshot, subject, bounds), clocks, tables.show_state, as_json)


@click.command()
@click.argument("subject", required=False)
@clocks_and_reading
@_as_json
def values(subject: str | None, as_json: bool, **clocks: Any) -> None:
    """Show the status and fields of a subject, or of all, without what they rest on."""

    def question(snapshot: Snapshot, bounds: Clocks) -> Values | list[Values]:
        if subject is not None:
            one: Values = orjson.loads(values_of_one(snapshot, subject, bounds).json)
            return one
        found: list[Values] = [orjson.loads(each.json) for each in values_of(snapshot, bounds)]
        return sorted(found, key=lambda each: each["id"])

    _answer(question, clocks, tables.show_values, as_json)


@click.command()
@click.argument("name", metavar="FACT")
@clocks_and_reading
@_as_json
def fact(name: str, as_json: bool, **clocks: Any) -> None:
    """Show a fact and its whole stream: who recorded what when, from which words."""
    _answer(lambda snapshot, bounds: fact_of(snapshot, name, bounds), clocks, tables.show_fact, as_json)


@click.command()
@click.argument("subject")
@_by
@clocks_and_reading
@_as_json
def understanding(subject: str, by: str, as_json: bool, **clocks: Any) -> None:
    """Show how the understanding of a subject evolved."""
    _answer(lambda snapshot, bounds: steps_of(snapshot, subject, bounds, by), clocks, tables.show_steps, as_json)


@click.command()
@click.option("--subject", help="Only this subject.")
@_two_sets
@_as_json
def diff(subject: str | None, as_json: bool, **clocks: Any) -> None:
    """Show what differs between two sets of clocks, and why."""
    sides = [asked_in(clocks, side) for side in SIDES]
    with opened() as chronology, chronology.ask_both(*sides, patiently=True) as (snapshot, one, other):
        found = diff_of(snapshot, one, other, [subject] if subject else None)
    _print(found, tables.show_diff, as_json)


@click.command()
@_by
@clocks_and_reading
@_as_json
def replay(by: str, as_json: bool, **clocks: Any) -> None:
    """Replay the steps of all subjects; with --json one object a line."""
    with opened() as chronology:
        for step in replay_of(partial(chronology.ask, patiently=True), asked_in(clocks), by):
            if as_json:
                click.echo(printable_json(orjson.dumps(step)))
            else:
                tables.show_steps([step])


@click.command()
@click.argument("subject")
@click.argument("finding")
@clocks_and_reading
@_as_json
def audit(subject: str, finding: str, as_json: bool, **clocks: Any) -> None:
    """Show what a value rests on, down to quotes and recorders."""
    _answer(lambda snapshot, bounds: audit_of(snapshot, subject, finding, bounds), clocks, tables.show_audit, as_json)


@click.command()
@clocks_and_reading
@_as_json
def agenda(as_json: bool, **clocks: Any) -> None:
    """Show what was promised: coming, due, overdue, lapsed, expired, unanswered; now, if --at is not given."""
    _answer(agenda_of, {**clocks, "at": clocks["at"] or "now"}, tables.show_agenda, as_json)


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, help="How many of each at the most.")
@_clocks(("at", "reported_until", "recorded_until", "zone", "position"))
@_as_json
def search(words: tuple[str, ...], limit: int, as_json: bool, **clocks: Any) -> None:
    """Find subjects, facts and sources by words, without case, accents or alphabet."""
    sought = " ".join(words)
    _answer(lambda snapshot, bounds: search_for(snapshot, sought, bounds, limit), clocks, tables.show_found, as_json)


@click.command()
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@_as_json
def check(addresses: tuple[str, ...], as_json: bool) -> None:
    """Check whether states, facts or differences cited by their addresses still read so.

    Exits with 1 where one does not.
    """
    with opened() as chronology, chronology.ask(Asked(), patiently=True) as (snapshot, _):
        found = [check_of(snapshot, address, cited_by(address)) for address in addresses]
    _print(found, tables.show_checks, as_json)
    if not all(each["stands"] for each in found):
        sys.exit(1)


QUESTIONS = (show, values, fact, understanding, diff, replay, audit, agenda, search, check)
