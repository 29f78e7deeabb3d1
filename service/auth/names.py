"""Names of bearers: which may be taken, and which could be taken for another's (Unicode TR 39, by its own tables)."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from confusable_homoglyphs.confusables import confusables_data

from events.errors import Conflict, Invalid
from service.auth.roles import ANYBODY, COMMAND_LINE
from service.auth.token_events import TokenIssued, TokenRevoked

_LONGEST_NAME = 200
_LEFT_TO_RIGHT = "\u200e"  # as the tables mark letters of scripts that run the other way


def clear_name(name: str) -> str:
    """The name of a token's bearer, refused where it could be taken for one of the service's own.

    Raises:
        Invalid: it is empty or long, has characters that are not seen, or looks like one that the service itself uses.
    """
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise Invalid.at("/name", f"a name of 1 to {_LONGEST_NAME} characters is needed")
    is_seen = all(letter == " " or unicodedata.category(letter)[0] not in "CZ" for letter in name)
    if name != " ".join(name.split()) or not is_seen or unicodedata.normalize("NFC", name) != name:
        raise Invalid.at("/name", f"{name!a:.80} has characters or spaces that are not seen or have another form")
    if looks(name) & (looks(COMMAND_LINE) | looks(ANYBODY.name)):
        raise Invalid.at("/name", f"{name!r} is the service's own name for others, or looks like it")
    return name


def looks(name: str) -> frozenset[str]:
    """What the name looks like, with and without regard to case; names that share a look can be confused."""
    plain = unicodedata.normalize("NFKC", name)
    folded = plain.casefold()
    return frozenset({folded, _skeleton(plain).casefold(), _skeleton(folded)})


def _skeleton(text: str) -> str:
    """The text with each letter replaced by the one that it is confused with."""
    return "".join(map(_prototype, unicodedata.normalize("NFD", text)))


def _prototype(letter: str) -> str:
    """The letter that stands for all that look like this one; the tables give each its prototype, and that them."""
    found = confusables_data.get(letter, [])
    if len(found) != 1:
        return letter
    other = str(found[0]["c"]).strip(_LEFT_TO_RIGHT)
    return other if len(confusables_data.get(other, [])) > 1 else min(letter, other)


class Names:
    """Whose the names are that tokens were issued under, as far as the log of tokens was read.

    A name is that of one token at a time; one under which somebody came from a provider is theirs for good.
    """

    def __init__(self) -> None:
        self.position = 0
        self._held: dict[str, dict[str, TokenIssued]] = {}
        """By look and by person, the last token that was issued to them."""

    def take_up(self, events: Iterable[tuple[int, Any]]) -> None:
        """Take up what was read further: positions and events."""
        for position, event in events:
            if isinstance(event, TokenIssued):
                for look in looks(event.name):
                    self._held.setdefault(look, {})[event.person] = event
            elif isinstance(event, TokenRevoked):
                for held in self._held.values():
                    held.pop(event.id, None)
            self.position = position

    def refuse_taken(self, name: str, person: str, now: datetime) -> None:
        """Refuse a name that is somebody else's, or looks like it.

        Raises:
            Conflict: it is.
        """
        for look in looks(name):
            for event in self._held.get(look, {}).values():
                is_over = event.subject is None and event.expires and datetime.fromisoformat(event.expires) <= now
                if event.person != person and not is_over:
                    whose = "somebody who came from the provider" if event.subject else f"token {event.id}"
                    raise Conflict(f"{name!r} is the name of {whose}, or looks like it: take another")
