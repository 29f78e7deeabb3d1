"""What changed, in words: messages to those who follow it, each with an address that shows it for good."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

from msgspec import Meta

from events.facts import ENVELOPE
from events.field_types import Json
from events.kinds.descriptions import kind_in_words
from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.following.messages import Change, Message
from projections.store.snapshots import Snapshot
from service.web.addresses.permalinks import cited_by, permalink, permalink_of_difference
from service.wording.causes import event_in_words
from service.wording.names import Names
from service.wording.phrases import Named, finding_name, finding_value, named_by_finding, phrase, plain

_MOST_WORDS = 300
_NAMES = ("title", "part_of", "aliases")
"""What a subject is called; a comparison does not show it."""


class ChangeInWords(NamedTuple):
    """What changed, what it was and what it is; empty where nothing is known."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        """As in `Status: completed (before: agreed)`."""
        if not self.after:
            return f"{self.name}: no longer known (before: {self.before})"
        if not self.before:
            return f"{self.name}: {self.after}"
        return f"{self.name}: {self.after}" + (
            ", on other grounds" if self.before == self.after else f" (before: {self.before})"
        )


class ToldChange(Change):
    """A change with its words, as `Status: completed (before: agreed)`."""

    words: str


class ToldMessage(Message):
    """A message with its words."""

    title: Annotated[str, Meta(description="What the subject is called, and what happened")]
    words: Annotated[str, Meta(description="What made the change, and the chief change")]
    permalink: Annotated[str, Meta(description="Shows for good what changed")]
    changes: list[ToldChange]  # type: ignore[misc]  # each with its words


def told(snapshot: Snapshot, message: Message, address: str) -> ToldMessage:
    """The message in words, with names as of its position; `address` is where the service is reached, may be empty."""
    clocks = clocks_for(snapshot, Asked(position=message["position"]))
    title, words = changes_in_words(snapshot, message["subject"], message["changes"], clocks)
    return {
        **message,
        "title": f"{title}: {message['kind']}",
        "words": _words(message, words),
        "permalink": address + _permalink(snapshot, message, clocks),
        "changes": [{**each, "words": str(said)} for each, said in zip(message["changes"], words, strict=True)],
    }


def changes_in_words(
    snapshot: Snapshot, subject: str, changes: Sequence[Change], clocks: Clocks
) -> tuple[str, list[ChangeInWords]]:
    """What the subject is called at the clocks, and the changes in words."""
    names = Names(snapshot, clocks)
    names.know([], {subject, *_named(changes)})
    about = names.label(subject)
    return about.title, [_changed(each, names.named, about.kind) for each in changes]


def _named(changes: Iterable[Change]) -> set[str]:
    """The subjects that the words of changes name."""
    found: set[str] = set()
    for change in changes:
        name = change["finding"]
        for value in _values(change["before"]) + _values(change["after"]):
            if name in ("subject", "attributed_to"):
                found.add(value)
            elif name not in ENVELOPE:
                found.update(named_by_finding(name, value))
    return found


def _values(side: Json) -> list[Any]:
    """The values of one side of a change, that of a finding first and then its rivals'; none where nothing is known."""
    if isinstance(side, dict) and "rivals" in side:
        return [side["value"], *(rival["value"] for rival in side["rivals"])]
    return [] if side is None else [side]


def _words(message: Message, changes: Sequence[ChangeInWords]) -> str:
    """What made the change, the chief change, and how many more there are."""
    made = "Time passed" if message["event"] is None else event_in_words(message["event"])[1]
    said = [f"{made[:1].upper()}{made[1:]}", *map(str, changes[:1])]
    more = len(changes) - 1 + message.get("more_changes", 0)
    if more > 0:
        said.append(f"{more} more {'finding' if more < 2 else 'findings'} changed")
    return ". ".join(said) + "."


def _changed(change: Change, named: Named, kind: str | None) -> ChangeInWords:
    name = change["finding"]
    before, after = (
        " or ".join(_value(name, each, named) for each in _values(side)) for side in (change["before"], change["after"])
    )
    return ChangeInWords(finding_name(name, named, kind), before, after)


def _value(name: str, value: Any, named: Named) -> str:
    """A value of a finding, or of a fact, in words."""
    if name == "citations":
        said = "; ".join(f"“{each['exact']}”" for each in value)
    elif name == "kind":
        said = kind_in_words(value)
    elif name in ENVELOPE:
        said = plain(phrase(ENVELOPE[name], value, named))
    elif isinstance(value, bool) and not name.startswith("holds["):
        said = "yes" if value else "no"
    else:
        said = plain(finding_value(name, value, named))
    return said if len(said) <= _MOST_WORDS else f"{said[:_MOST_WORDS]}…"


def _permalink(snapshot: Snapshot, message: Message, clocks: Clocks) -> str:
    position, subject = message["position"], message["subject"]
    if all(each["finding"] in _NAMES for each in message["changes"]) and "address" not in message:
        return permalink("subjects", subject, clocks)
    if message["event"] is None:
        return permalink("subjects", subject, clocks_for(snapshot, replace(clocks.asked, at=message["moment"])))
    asked = Asked()
    if "address" in message:
        cited = cited_by(message["address"])
        asked = cited.sides[-1]
        if cited.sort == "fact" and cited.name is not None:
            return permalink("facts", cited.name, clocks_for(snapshot, replace(asked, position=position)))
    one, other = (clocks_for(snapshot, replace(asked, position=each)) for each in (position - 1, position))
    return permalink_of_difference(subject, one, other)
