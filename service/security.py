"""Who may do what: bearer tokens with a role, kept hashed, issued and revoked as events of their own log."""

import hashlib
import hmac
import ipaddress
import re
import secrets
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import IntegrityError, Transcoder
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
from eventsourcing.utils import register_topic

from events.errors import ChronologyError, Conflict, Invalid, NotFound
from events.record import settings_for
from events.stored import JSONEvents
from events.writing import stream_of

ROLES = ("reader", "recorder", "editor", "admin")
_TOKEN = re.compile(r"chr_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_FORWARDING = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")


class Unauthorized(ChronologyError):
    """No valid token was given where one is needed."""

    problem = "unauthorized"


class Forbidden(ChronologyError):
    """The token's role may not do this."""

    problem = "forbidden"


class TokenIssued(DomainEvent):
    """A token was issued; only the hash of its secret is kept."""

    TOPIC = "token:TokenIssued"

    _: KW_ONLY
    id: str
    name: str
    role: str
    sha256: str
    issued_by: str
    expires: str | None = None


class TokenRevoked(DomainEvent):
    """A token was revoked."""

    TOPIC = "token:TokenRevoked"

    _: KW_ONLY
    id: str
    revoked_by: str


for _event in (TokenIssued, TokenRevoked):
    register_topic(_event.TOPIC, _event)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who is asking: a token's name and role, or an unnamed reader."""

    name: str
    role: str

    def may(self, role: str) -> bool:
        """Whether this bearer's role includes the other."""
        return ROLES.index(self.role) >= ROLES.index(role)


ANYBODY = Bearer("anybody", "reader")


class SQLiteKeys(SQLiteApplicationRecorder):
    """The log of tokens on SQLite, in a table of its own; on PostgreSQL the library names it so by itself."""

    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore, "keyring_events")


class Keyring(Application[UUID]):
    """The log of tokens, beside the chronology's and never mixed with it."""

    name = "keyring"

    def __init__(self, database: str, *, create: bool = True) -> None:
        settings = settings_for(database)
        if settings.pop("APPLICATION_RECORDER_TOPIC") == "events.stored:SQLiteLog":
            settings["APPLICATION_RECORDER_TOPIC"] = "service.security:SQLiteKeys"
        super().__init__({**settings, "CREATE_TABLE": "yes" if create else "no"})

    def construct_transcoder(self) -> Transcoder:
        """Tokens are stored as plain JSON."""
        return JSONEvents()

    def issue(self, name: str, role: str, issued_by: str, days: int | None = None) -> tuple[str, str]:
        """Issue a token.

        Returns:
            Its id, and the token itself, which is not kept and cannot be shown again.

        Raises:
            Invalid: there is no such role.
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
            name=name,
            role=role,
            sha256=_digest(secret),
            issued_by=issued_by,
            expires=(now + timedelta(days=days)).isoformat() if days else None,
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

    def issued(self) -> list[dict[str, Any]]:
        """Every token ever issued, without its hash: id, name, role, issued, issued_by, expires, revoked."""
        tokens: dict[str, dict[str, Any]] = {}
        start: int | None = 1
        while start is not None:
            batch = self.recorder.select_notifications(start, 500)
            for stored in batch:
                event: Any = self.mapper.to_domain_event(stored)
                if isinstance(event, TokenIssued):
                    tokens[event.id] = _listed(event)
                else:
                    tokens[event.id]["revoked"] = event.timestamp.isoformat()
            start = batch[-1].id + 1 if batch else None
        return list(tokens.values())

    def bearer_of(self, token: str) -> Bearer:
        """Who bears the token.

        Raises:
            Unauthorized: it was never issued, has expired or is revoked.
        """
        match = _TOKEN.fullmatch(token)
        stream: list[Any] = list(self.events.get(stream_of("token", match[1]))) if match else []
        if match is None or not stream or not hmac.compare_digest(stream[0].sha256, _digest(match[2])):
            raise Unauthorized("the token is not one that was issued here")
        if len(stream) > 1:
            raise Unauthorized("the token is revoked")
        expires = getattr(stream[0], "expires", None)
        if expires and datetime.fromisoformat(expires) <= datetime.now(UTC):
            raise Unauthorized("the token has expired")
        return Bearer(stream[0].name, stream[0].role)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _listed(event: TokenIssued) -> dict[str, Any]:
    listed = {name: getattr(event, name, None) for name in ("id", "name", "role", "issued_by", "expires")}
    return listed | {"issued": event.timestamp.isoformat(), "revoked": None}


def is_loopback(environ: dict[str, Any]) -> bool:
    """Whether the request comes from this machine itself, and not through a proxy on it."""
    if any(name in environ for name in _FORWARDING):
        return False
    try:
        return ipaddress.ip_address(environ.get("REMOTE_ADDR") or "").is_loopback
    except ValueError:
        return False
