"""All formats: each module of `service.formats` is one."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules

import service.formats
from events.errors import Invalid, NotFound
from service.formats.offer.manifest import Format


def _found() -> dict[str, Format]:
    names = sorted(each.name for each in iter_modules(service.formats.__path__) if not each.ispkg)
    formats: list[Format] = [import_module(f"service.formats.{name}").FORMAT for name in names]
    return {each.name: each for each in formats}


FORMATS = _found()


def formats_of(of: str) -> list[Format]:
    """The formats in which the list of that name can be written."""
    return [each for each in FORMATS.values() if of in each.writes]


def installed(form: Format) -> Format:
    """The format, if what it needs is there.

    Raises:
        Invalid: an extra is to be installed for it.
    """
    if not form.is_installed:
        raise Invalid(
            f"{form.title} needs {form.needs}, which is not installed: pip install 'three-clocks[{form.extra}]'"
        )
    return form


def with_suffix(of: str, suffix: str) -> Format:
    """The format of that suffix in which the list can be written; NotFound if there is none."""
    for each in formats_of(of):
        if each.suffix == suffix:
            return each
    there_are = ", ".join(f".{each.suffix}" for each in formats_of(of))
    raise NotFound(f"{of} are not written as {'.' + suffix!r:.80}; there are {there_are}")


def table_of_formats(formats: Iterable[Format] = FORMATS.values()) -> list[tuple[str, ...]]:
    """What each format is, as rows: name, title, media type and suffix, what is written or read, losses."""
    return [
        (
            each.name,
            f"{each.title} ({each.follows})",
            f"{each.media_type}, .{each.suffix}",
            "; ".join(filter(None, (", ".join(each.writes), "read" if each.reads else ""))),
            "; ".join(each.loses) or "nothing",
        )
        for each in formats
    ]


HEADINGS = ("Name", "Format", "Media type, suffix", "Written of; read", "What is lost")
