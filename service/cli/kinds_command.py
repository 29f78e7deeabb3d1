"""`kinds`: the vocabulary, that of packages included."""

from collections.abc import Iterable, Iterator

import click
import orjson

from events.kinds.descriptions import FieldDescription, KindDescription, Vocabulary, description, vocabulary
from events.kinds.vocabulary import refuse_faulty_packages
from service.cli.terminal import printable, printable_json


@click.command()
@click.argument("kind", required=False)
@click.option("--json", "as_json", is_flag=True, help="The answer as the API gives it.")
def kinds(kind: str | None, as_json: bool) -> None:
    """Show the vocabulary: every kind in words, or the fields of one KIND with their labels."""
    refuse_faulty_packages()
    found: Vocabulary | KindDescription
    if kind is None:
        found = whole = vocabulary()
        lines = _of_all(whole)
    else:
        found = one = description(kind)
        lines = _of_one(one)
    if as_json:
        click.echo(printable_json(orjson.dumps(found, option=orjson.OPT_INDENT_2)))
    else:
        click.echo(printable("\n".join(lines)))


def _of_all(found: Vocabulary) -> Iterator[str]:
    kinds = {each["name"]: each for each in found["kinds"]}
    for about in found["subject_kinds"]:
        ladder = f": {', '.join(about['ladder'])}" if about["ladder"] else ""
        halts = f"; halts: {', '.join(about['halts'])}" if about["halts"] else ""
        yield f"{about['words']} ({about['name']}){ladder}{halts}"
        yield from (_line(kinds[name]) for name in about["kinds"])
        yield ""
    yield "Any subject"
    yield from (_line(each) for each in found["kinds"] if each["about"] is None)
    yield from ("", "Every fact")
    yield from _fields(found["common"])


def _line(kind: KindDescription) -> str:
    status = kind["reaches"] or kind["halts"]
    return f"  {kind['name']:<28}{kind['words']}{f' ({status})' if status else ''}"


def _of_one(kind: KindDescription) -> Iterator[str]:
    yield f"{kind['name']}: {kind['words']}. {kind['meaning']}"
    yield f"about: {kind['about'] or 'any subject'}"
    yield from (f"{name}: {kind[name]}" for name in ("reaches", "halts", "per", "sentence") if kind[name])
    yield from _fields(kind["fields"])


def _fields(fields: Iterable[FieldDescription]) -> Iterator[str]:
    for each in fields:
        yield f"  {each['name']:<28}{each['label']} ({each['type']}{', required' if each['required'] else ''})"
