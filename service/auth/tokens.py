"""The keyring: tokens and sessions, kept hashed, issued and ended as events of a log of their own."""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

from cachetools import TTLCache
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Notification, Transcoder
from eventsourcing.sqlite import SQLiteDatastore

from events.dates.calendar import EPOCH
from events.errors import Conflict, Invalid, NotFound
from events.history.streams import stream_id, stream_of
from events.log.application import Clock, settings_for
from events.log.codec import JSONEvents
from events.log.postgres import MOST, is_postgres
from events.log.reader import LogReader
from events.log.receipts import Recorder
from events.log.recorders import Log, PostgresLog, SQLiteLog
from service.auth.names import Names, clear_name
from service.auth.roles import ROLES, Bearer, NotIssued, Unauthorized
from service.auth.token_events import IssuedToken, SessionClosed, SessionOpened, TokenIssued, TokenRevoked, listed

VERIFIED_SECONDS = 0.5
"""How long a secret that was found good counts as good: what another process revokes is refused soon after."""
KEYRING_TURN = "keyring_turn"
_MOST_KEPT = 4096
_TOKEN = re.compile(r"chr_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_SESSION = re.compile(r"([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class SQLiteKeys(SQLiteLog):
    """The log of tokens on SQLite: kept as the chronology's own, in tables of its own."""

    turn = KEYRING_TURN
    beside = ()

    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore, "keyring_events")


class PostgresKeys(PostgresLog):
    """The log of tokens on PostgreSQL."""

    turn = KEYRING_TURN
    beside = ()


class Keyring(Application[UUID]):
    """The log of tokens, apart from the chronology's; `now` is the clock in UTC microseconds."""

    name = "keyring"

    recorder: Log

    def __init__(self, database: str, now: Clock | None = None, *, create: bool = True) -> None:
        recorder = PostgresKeys if is_postgres(database.split()[0]) else SQLiteKeys
        settings = settings_for(database) | {"APPLICATION_RECORDER_TOPIC": f"{__name__}:{recorder.__name__}"}
        super().__init__({**settings, MOST: "4", "CREATE_TABLE": "yes" if create else "no"})
        self._now = now or (lambda: time.time_ns() // 1000)
        self._names = Names()
        self._verified: TTLCache[str, Bearer] = TTLCache(_MOST_KEPT, VERIFIED_SECONDS)
        self._lock = Lock()

    def construct_transcoder(self) -> Transcoder:
        """Tokens are stored as plain JSON."""
        return JSONEvents()

    def issue(
        self, name: str, role: str, issued_by: str, lasts: timedelta | None = None, subject: str | None = None
    ) -> tuple[str, str]:
        """Issue a token; returns its id, and the token itself, which is not kept and cannot be shown again.

        `subject` is who signed in with the OpenID provider that issues it.

        Raises:
            Invalid: there is no such role, or the name could be taken for one of the service's own.
            Conflict: the name is somebody else's, or could be taken for it.
        """
        if role not in ROLES:
            raise Invalid.at("/role", f"{role!r:.80} is none of {', '.join(ROLES)}")
        token, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        values = {"name": clear_name(name), "role": role, "issued_by": issued_by, "subject": subject}
        with self.recorder.writing(self._now()) as writing:
            now = _moment(writing.recorded)
            expires = (now + lasts).isoformat() if lasts else None
            issued = self._event(TokenIssued, "token", token, 1, now, sha256=_digest(secret), expires=expires, **values)
            read = writing.after(self._names.position)
            self._names.take_up((each.id, self.mapper.to_domain_event(each)) for each in read)
            self._names.refuse_taken(name, issued.person, now)
            writing.save([self.mapper.to_stored_event(issued)])
        return token, f"chr_{token}_{secret}"

    def revoke(self, token: str, revoked_by: str) -> None:
        """Revoke a token from now on.

        Raises:
            NotFound: no token has that id.
            Conflict: it is revoked already.
        """
        match self._end("token", token, TokenRevoked, revoked_by=revoked_by):
            case 0:
                raise NotFound(f"no token {token!r:.80} was issued")
            case 2:
                raise Conflict(f"token {token!r} is revoked already")

    def open_session(self, bearer: Bearer, lasts: timedelta) -> str:
        """Open a session of a token's bearer, which ends after that time and with the token; returns its secret."""
        session, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        values = {"token": bearer.token, "sha256": _digest(secret), "opened_by": bearer.name}
        with self.recorder.writing(self._now()) as writing:
            now = _moment(writing.recorded)
            expires = (now + lasts).isoformat()
            opened = self._event(SessionOpened, "session", session, 1, now, expires=expires, **values)
            writing.save([self.mapper.to_stored_event(opened)])
        return f"{session}_{secret}"

    def close_session(self, session: str) -> None:
        """Close a session, if it is open."""
        with suppress(Unauthorized):
            bearer = self.bearer_of_session(session)
            self._end("session", session[:12], SessionClosed, closed_by=bearer.name)

    def _end(self, kind: str, name: str, make: type[DomainEvent], **values: str) -> int:
        """End a token or session that has not ended; return how many events its stream had before."""
        with self.recorder.writing(self._now()) as writing:
            before = len(list(writing.streams([stream_id(kind, name)])))
            if before == 1:
                ended = self._event(make, kind, name, 2, _moment(writing.recorded), **values)
                writing.save([self.mapper.to_stored_event(ended)])
        self._forget()
        return before

    def _event(self, make: type[Any], kind: str, name: str, version: int, now: datetime, /, **values: Any) -> Any:
        return make(originator_id=stream_of(kind, name), originator_version=version, timestamp=now, id=name, **values)

    def reading(self) -> AbstractContextManager[LogReader]:
        """What the tables of the log of tokens hold, read in one transaction."""
        return self.recorder.reading()

    def stored_after(self, position: int, limit: int) -> Sequence[Notification]:
        """Up to `limit` events of tokens and sessions after the position, in order, as they are stored."""
        return self.recorder.select_notifications(position, limit, inclusive_of_start=False)

    def person_of(self, recorder: Recorder) -> str:
        """Who it is that records: one person for all tokens that a provider's subject was given."""
        stream: list[Any] = list(self.events.get(stream_of("token", recorder.token))) if recorder.token else []
        return str(stream[0].person) if stream else recorder.name

    def issued(self) -> list[IssuedToken]:
        """Every token ever issued, without its hash."""
        tokens: dict[str, IssuedToken] = {}
        topics = (TokenIssued.TOPIC, TokenRevoked.TOPIC)  # not the sessions, of which there are far more
        start: int | None = 1
        while start is not None:
            batch = self.recorder.select_notifications(start, 500, topics=topics)
            for stored in batch:
                event: Any = self.mapper.to_domain_event(stored)
                if isinstance(event, TokenIssued):
                    tokens[event.id] = listed(event)
                elif isinstance(event, TokenRevoked):
                    tokens[event.id]["revoked"] = event.timestamp.isoformat()
            start = batch[-1].id + 1 if batch else None
        return list(tokens.values())

    def bearer_of(self, token: str) -> Bearer:
        """The bearer of the token, as of at most half a second ago.

        Raises:
            Unauthorized: it was never issued, has expired or is revoked.
        """
        return self._verify(token, self._read)

    def bearer_of_session(self, session: str) -> Bearer:
        """Who has signed in with the session, as of at most half a second ago.

        Raises:
            Unauthorized: it was never opened, is over or closed, or its token is.
        """
        return self._verify(session, self._read_session)

    def _verify(self, secret: str, read: Callable[[str], Bearer]) -> Bearer:
        """The bearer of the secret, read anew unless that was done a moment ago."""
        key = _digest(secret)
        with self._lock:
            bearer = self._verified.get(key)
        if bearer is None or (bearer.until and bearer.until <= _moment(self._now())):
            bearer = read(secret)
            with self._lock:
                self._verified[key] = bearer
        return bearer

    def _forget(self) -> None:
        """Read every secret anew from now on."""
        with self._lock:
            self._verified.clear()

    def _events_of(self, kind: str, match: re.Match[str] | None, refusal: str) -> list[Any]:
        """The events of a token or session whose secret is right."""
        stream: list[Any] = list(self.events.get(stream_of(kind, match[1]))) if match else []
        if match is None or not stream or not hmac.compare_digest(stream[0].sha256, _digest(match[2])):
            raise NotIssued(refusal)
        return stream

    def _read(self, token: str) -> Bearer:
        stream = self._events_of("token", _TOKEN.fullmatch(token), "the token is not one that was issued here")
        return self._bearer_in(stream)

    def _read_session(self, session: str) -> Bearer:
        refusal = "the session is not one that was opened here"
        stream = self._events_of("session", _SESSION.fullmatch(session), refusal)
        until = datetime.fromisoformat(stream[0].expires)
        if len(stream) > 1 or until <= _moment(self._now()):
            raise Unauthorized("the session is over")
        bearer = self._bearer_in(list(self.events.get(stream_of("token", stream[0].token))))
        return replace(bearer, until=min(until, bearer.until or until))

    def _bearer_in(self, stream: list[Any]) -> Bearer:
        """The bearer of a token by its events."""
        if len(stream) > 1:
            raise Unauthorized("the token is revoked")
        until = datetime.fromisoformat(stream[0].expires) if stream[0].expires else None
        if until and until <= _moment(self._now()):
            raise Unauthorized("the token has expired")
        return Bearer(stream[0].name, stream[0].role, stream[0].id, until)


def _moment(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
