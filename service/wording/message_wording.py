"""Messages to those who follow what changes, in words, each with an address that shows for good what changed."""

from dataclasses import replace
from typing import Annotated, Any

from msgspec import Meta

from events.facts import ENVELOPE
from events.field_types import Json
from events.kinds.descriptions import kind_in_words
from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.following.messages import Change, Message
from projections.queries.subjects.states import Label, spelled
from projections.queries.subjects.values import labels
from projections.store.snapshots import Snapshot
from service.web.permalinks import cited_by, permalink, permalink_of_difference
from service.wording.causes import event_in_words
from service.wording.phrases import Named, finding_name, finding_value, named_by_finding, phrase, plain

_MOST_WORDS = 300


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
    known = labels(snapshot, _subjects(message), clocks)

    def named(subject: str) -> str:
        return known[subject].title if subject in known else spelled(subject)

    kind = known.get(message["subject"], Label(None, "")).kind
    changes: list[ToldChange] = [{**each, "words": _changed(each, named, kind)} for each in message["changes"]]
    return {
        **message,
        "title": f"{named(message['subject'])}: {message['kind']}",
        "words": _words(message, changes),
        "permalink": address + _permalink(snapshot, message, clocks),
        "changes": changes,
    }


def _subjects(message: Message) -> set[str]:
    """The subjects that the words name."""
    found = {message["subject"]}
    for change in message["changes"]:
        for value in _values(change["before"]) + _values(change["after"]):
            found |= set() if change["finding"] in ENVELOPE else {*named_by_finding(change["finding"], value)}
    return found


def _values(side: Json) -> list[Any]:
    """The values of one side of a change, that of a finding first and then its rivals'; none where nothing is known."""
    if isinstance(side, dict) and "rivals" in side:
        return [side["value"], *(rival["value"] for rival in side["rivals"])]
    return [] if side is None else [side]


def _words(message: Message, changes: list[ToldChange]) -> str:
    made = "Time passed" if message["event"] is None else event_in_words(message["event"])[1]
    said = [f"{made[:1].upper()}{made[1:]}", *(each["words"] for each in changes[:1])]
    if more := len(changes) - 1:
        said.append(f"{more} more {'finding' if more < 2 else 'findings'} changed")
    return ". ".join(said) + "."


def _changed(change: Change, named: Named, kind: str | None) -> str:
    """A change in words: what it reads now, and before where that was another value."""
    name = change["finding"]
    before, after = (
        " or ".join(_value(name, each, named) for each in _values(change[side])) for side in ("before", "after")
    )
    label = finding_name(name, named, kind)
    if not after:
        return f"{label}: no longer known (before: {before})"
    if not before:
        return f"{label}: {after}"
    return f"{label}: {after}, on other grounds" if before == after else f"{label}: {after} (before: {before})"


def _value(name: str, value: Any, named: Named) -> str:
    """A value of a finding, or of a fact, in words."""
    if name == "citations":
        said = "; ".join(f"“{each['exact']}”" for each in value)
    elif name == "kind":
        said = kind_in_words(value)
    elif name in ENVELOPE:
        said = plain(phrase(ENVELOPE[name], value, named))
    elif isinstance(value, bool):
        said = "yes" if value else "no"
    else:
        said = plain(finding_value(name, value, named))
    return said if len(said) <= _MOST_WORDS else f"{said[:_MOST_WORDS]}…"


def _permalink(snapshot: Snapshot, message: Message, clocks: Clocks) -> str:
    position, subject = message["position"], message["subject"]
    if message["event"] is None:
        return permalink("subjects", subject, clocks_for(snapshot, replace(clocks.asked, at=message["moment"])))
    asked = Asked()
    if "address" in message:
        cited = cited_by(message["address"])
        asked = cited.sides[-1]
        if cited.sort == "fact" and cited.name is not None:
            return permalink("facts", cited.name, clocks_for(snapshot, replace(asked, position=position)))
    sides = [clocks_for(snapshot, replace(asked, position=each)) for each in (position - 1, position)]
    return permalink_of_difference(subject, *sides)
