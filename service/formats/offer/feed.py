"""What a feed holds, whatever its format: messages in words, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from service.formats.offer.lists import ExportedList
from service.wording.message_wording import ToldMessage

_BEFORE_ALL = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed.

    Attributes:
        title: what it follows.
        address: where it is read.
        page: the page that shows what it follows.
        author: the name of the service.
        updated: the instant of its newest message, or of the end of the log (RFC 3339).
        messages: the newest first.
    """

    title: str
    address: str
    page: str
    author: str
    updated: str
    messages: Sequence[ToldMessage]


def feed_of(taken: ExportedList, suffix: str) -> Feed:
    """The feed of messages that are taken out as a list; it is read at the address of that suffix."""
    base = taken.address.base
    messages: list[Any] = [{**each, "permalink": base + each["permalink"]} for each in taken.items]
    given = {name: each for name, each in taken.filters.items() if each}
    return Feed(
        title=": ".join(["What changed", ", ".join(given.values())] if given else ["What changed"]),
        address=f"{base}/api/v1/feed.{suffix}?{urlencode(given)}",
        page=f"{base}/",
        author="Chronology",
        updated=messages[0]["moment"] if messages else _BEFORE_ALL,
        messages=messages,
    )


def content(message: ToldMessage) -> str:
    """What a reader of feeds shows of a message: its words, and each change in a line."""
    lines = [each["words"] for each in message["changes"]]
    return "\n".join([message["words"], *lines]) if len(lines) > 1 else message["words"]
