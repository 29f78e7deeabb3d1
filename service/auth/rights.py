"""Whether the log of tokens is what it was, and whether events were recorded by those whom their tokens allow it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from events.dates.calendar import microseconds
from events.log.proofs.verification import Checkpoints, LogCheck, Rights
from service.auth.roles import COMMAND_LINE, ROLES, role_for
from service.auth.token_events import TokenIssued, TokenRevoked
from service.auth.tokens import Keyring

_SLACK = 180_000_000
"""Microseconds around the time of a token within which events count as recorded in it: writers wait for each other, and
clocks of several machines differ."""
_NEVER = 1 << 62


class _Granted(NamedTuple):
    """A token: whose it is, and from when until when it is good, in UTC microseconds."""

    name: str
    role: str
    person: str
    since: int
    until: int


def read_tokens(keyring: Keyring, seen: LogCheck, checkpoints: Checkpoints) -> Rights:
    """Read the whole log of tokens into the verdict; what is returned holds events against them."""
    with keyring.reading() as reader:
        noted = reader.tree()
    granted: dict[str | None, _Granted] = {}
    for events in seen.batches(keyring, noted, checkpoints):
        for position, event in events:
            with seen.readable(position):
                _take_up(granted, event)
    return lambda event: _flaws(event, granted)


def _take_up(granted: dict[str | None, _Granted], event: Any) -> None:
    if isinstance(event, TokenIssued):
        until = microseconds(datetime.fromisoformat(event.expires)) if event.expires else _NEVER
        since = microseconds(event.timestamp)
        granted[event.id] = _Granted(event.name, event.role, event.person, since, until)
    elif isinstance(event, TokenRevoked):
        token = granted[event.id]
        granted[event.id] = token._replace(until=min(token.until, microseconds(event.timestamp)))


def _flaws(event: Any, granted: dict[str | None, _Granted]) -> Iterator[str]:
    """What is wrong with who recorded the event, and with who accepted it."""
    values, role = vars(event), role_for(type(event))
    if imported := values.get("imported"):  # those who recorded it elsewhere have their tokens there
        yield from _flaws_of(event, "imported", imported.get("by"), None, role, granted)
        return
    by = values.get("recorded_by"), values.get("recorded_with")
    accepted_by = values.get("accepted_by"), values.get("accepted_with")
    if accepted_by == (None, None):
        yield from _flaws_of(event, "recorded", *by, role, granted)
        return
    yield from _flaws_of(event, "recorded", *by, "recorder", granted)
    yield from _flaws_of(event, "accepted", *accepted_by, "editor", granted)
    persons = [granted[token].person if token in granted else name for name, token in (by, accepted_by)]
    if by[0] == accepted_by[0] or persons[0] == persons[1]:
        yield "is recorded and accepted by the same person"


def _flaws_of(
    event: Any, done: str, name: str | None, token: str | None, role: str, granted: dict[str | None, _Granted]
) -> Iterator[str]:
    if token is None:
        if name != COMMAND_LINE:
            yield f"is {done} by {name!r} without a token"
        return
    held, recorded = granted.get(token), microseconds(event.timestamp)
    if held is None:
        yield f"is {done} with the token {token}, which was never issued"
        return
    if held.name != name:
        yield f"is {done} by {name!r} with the token of {held.name!r}"
    if not held.since - _SLACK <= recorded <= held.until + _SLACK:
        yield f"is {done} with the token {token} before it was issued or after its end"
    if held.role not in ROLES or ROLES.index(held.role) < ROLES.index(role):
        yield f"is {done} with a token of role {held.role}, and needs {role}"
