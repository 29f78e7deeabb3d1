"""The keyring: tokens and sessions, kept hashed, issued and ended as events of a log of their own."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

from cachetools import TTLCache
from eventsourcing.application import Application
from eventsourcing.persistence import IntegrityError, Transcoder
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from events.errors import Conflict, Invalid, NotFound
from events.history.streams import stream_of
from events.log.application import settings_for
from events.log.codec import JSONEvents
from events.log.postgres import MOST
from service.auth.roles import ROLES, Bearer, NotIssued, Unauthorized, clear_name
from service.auth.token_events import IssuedToken, SessionClosed, SessionOpened, TokenIssued, TokenRevoked, listed

VERIFIED_SECONDS = 0.5
"""How long a secret that was found good counts as good: what another process revokes is refused soon after."""
_MOST_KEPT = 4096
_TOKEN = re.compile(r"chr_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_SESSION = re.compile(r"([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class SQLiteKeys(SQLiteApplicationRecorder):
    """The log of tokens on SQLite, in a table of its own; on PostgreSQL the library names it so by itself."""

    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore, "keyring_events")


class Keyring(Application[UUID]):
    """The log of tokens, apart from the chronology's."""

    name = "keyring"

    def __init__(self, database: str, *, create: bool = True) -> None:
        settings = settings_for(database)
        if settings.pop("APPLICATION_RECORDER_TOPIC") == "events.log.recorders:SQLiteLog":
            settings["APPLICATION_RECORDER_TOPIC"] = "service.auth.tokens:SQLiteKeys"
        super().__init__({**settings, MOST: "4", "CREATE_TABLE": "yes" if create else "no"})
        self._verified: TTLCache[str, Bearer] = TTLCache(_MOST_KEPT, VERIFIED_SECONDS)
        self._lock = Lock()

    def construct_transcoder(self) -> Transcoder:
        """Tokens are stored as plain JSON."""
        return JSONEvents()

    def issue(self, name: str, role: str, issued_by: str, lasts: timedelta | None = None) -> tuple[str, str]:
        """Issue a token; returns its id, and the token itself, which is not kept and cannot be shown again.

        Raises:
            Invalid: there is no such role, or the name could be taken for another.
        """
        if role not in ROLES:
            raise Invalid.at("/role", f"{role!r:.80} is none of {', '.join(ROLES)}")
        token, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        issued = TokenIssued(
            originator_id=stream_of("token", token),
            originator_version=1,
            timestamp=now,
            id=token,
            name=clear_name(name),
            role=role,
            sha256=_digest(secret),
            issued_by=issued_by,
            expires=(now + lasts).isoformat() if lasts else None,
        )
        self.events.put([issued])
        return token, f"chr_{token}_{secret}"

    def revoke(self, token: str, revoked_by: str) -> None:
        """Revoke a token from now on.

        Raises:
            NotFound: no token has that id.
            Conflict: it is revoked already.
        """
        stream: list[Any] = list(self.events.get(stream_of("token", token)))
        if not stream:
            raise NotFound(f"no token {token!r:.80} was issued")
        revoked = TokenRevoked(
            originator_id=stream[0].originator_id,
            originator_version=2,
            timestamp=datetime.now(UTC),
            id=token,
            revoked_by=revoked_by,
        )
        try:
            self.events.put([revoked])
        except IntegrityError:
            raise Conflict(f"token {token!r} is revoked already") from None
        self._forget()

    def open_session(self, bearer: Bearer, lasts: timedelta) -> str:
        """Open a session of a token's bearer, which ends after that time and with the token; returns its secret."""
        session, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        opened = SessionOpened(
            originator_id=stream_of("session", session),
            originator_version=1,
            timestamp=now,
            id=session,
            token=bearer.token,
            sha256=_digest(secret),
            opened_by=bearer.name,
            expires=(now + lasts).isoformat(),
        )
        self.events.put([opened])
        return f"{session}_{secret}"

    def close_session(self, session: str) -> None:
        """Close a session, if it is open."""
        try:
            bearer = self.bearer_of_session(session)
        except Unauthorized:
            return
        closed = SessionClosed(
            originator_id=stream_of("session", session[:12]),
            originator_version=2,
            timestamp=datetime.now(UTC),
            id=session[:12],
            closed_by=bearer.name,
        )
        with suppress(IntegrityError):  # another request has just closed it
            self.events.put([closed])
        self._forget()

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
        if bearer is None or (bearer.until and bearer.until <= datetime.now(UTC)):
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
        return _bearer_in(
            self._events_of("token", _TOKEN.fullmatch(token), "the token is not one that was issued here")
        )

    def _read_session(self, session: str) -> Bearer:
        refusal = "the session is not one that was opened here"
        stream = self._events_of("session", _SESSION.fullmatch(session), refusal)
        until = datetime.fromisoformat(stream[0].expires)
        if len(stream) > 1 or until <= datetime.now(UTC):
            raise Unauthorized("the session is over")
        bearer = _bearer_in(list(self.events.get(stream_of("token", stream[0].token))))
        return replace(bearer, until=min(until, bearer.until or until))


def _bearer_in(stream: list[Any]) -> Bearer:
    """The bearer of a token by its events."""
    if len(stream) > 1:
        raise Unauthorized("the token is revoked")
    until = datetime.fromisoformat(stream[0].expires) if stream[0].expires else None
    if until and until <= datetime.now(UTC):
        raise Unauthorized("the token has expired")
    return Bearer(stream[0].name, stream[0].role, stream[0].id, until)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
