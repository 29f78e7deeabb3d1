"""What is sent again: the same content under the same id changes nothing, other content is refused."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from events.commands.citations import CITATION
from events.errors import Conflict
from events.history.streams import Entry
from events.log.encryption import same_words


def repeated(
    entries: Sequence[Entry], event: type, given: Mapping[str, Any], names: Iterable[str], what: str, key: str = "id"
) -> Entry | None:
    """The event of a stream that is recorded under the id given (in `given[key]`), if there is one.

    `given` is in the form that is stored; `names` are the values that must be the same; `what` is the event in words.

    Raises:
        Conflict: what is recorded under the id says something else.
    """
    name = given.get(key)
    entry = next((each for each in entries if name is not None and each.data.get(key) == name), None)
    if entry is not None and not (entry.name == event.__name__ and same_content(given, entry.data, names)):
        raise Conflict(f"{what} is recorded with other content")
    return entry


def same_content(given: Mapping[str, Any], recorded: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Whether values given are those recorded, as far as that can still be known."""
    return all(_SAME.get(name, same_words)(given.get(name), recorded.get(name), recorded) for name in names)


def _same_changes(given: Any, recorded: Any, noted: Mapping[str, Any]) -> bool:
    ours, theirs = given or {}, recorded or {}
    return ours.keys() == theirs.keys() and all(same_words(ours[name], theirs[name], noted) for name in ours)


def _same_citations(given: Any, recorded: Any, _: Mapping[str, Any]) -> bool:
    """Whether the citations are those recorded; one given without version is the same at any version."""
    ours, theirs = given or (), recorded or ()
    return len(ours) == len(theirs) and all(map(_same_citation, ours, theirs))


def _same_citation(given: Mapping[str, Any], recorded: Mapping[str, Any]) -> bool:
    names = (name for name in CITATION if name != "translation" and (name != "version" or given.get(name) is not None))
    ours, theirs = given.get("translation") or {}, recorded.get("translation") or {}
    return all(same_words(given.get(name), recorded.get(name), recorded) for name in names) and all(
        same_words(ours.get(name), theirs.get(name), recorded) for name in ("language", "text")
    )


_SAME = {"changes": _same_changes, "citations": _same_citations}
