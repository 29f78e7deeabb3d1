"""What a feed holds, whatever its format: messages in words, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.wording.message_wording import ToldMessage


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


def content(message: ToldMessage) -> str:
    """What a reader of feeds shows of a message: its words, and each change in a line."""
    lines = [each["words"] for each in message["changes"]]
    return "\n".join([message["words"], *lines]) if len(lines) > 1 else message["words"]
