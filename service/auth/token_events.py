"""The events of tokens and sessions, kept in a log of their own; nothing of a secret but its hash."""

from dataclasses import KW_ONLY
from typing import TypedDict

from eventsourcing.domain import DomainEvent
from eventsourcing.utils import register_topic


class TokenIssued(DomainEvent):
    """A token was issued; only the hash of its secret is kept.

    `subject` is who signed in, as the OpenID provider `issued_by` knows them (`sub`), whatever their name.
    """

    TOPIC = "token:TokenIssued"

    _: KW_ONLY
    id: str
    name: str
    role: str
    sha256: str
    issued_by: str
    subject: str | None = None
    expires: str | None = None

    @property
    def person(self) -> str:
        """Whose it is: one person for all tokens of a provider's subject; of other tokens nothing more is known."""
        return self.id if self.subject is None else f"{self.issued_by} {self.subject}"


class TokenRevoked(DomainEvent):
    """A token was revoked."""

    TOPIC = "token:TokenRevoked"

    _: KW_ONLY
    id: str
    revoked_by: str


class SessionOpened(DomainEvent):
    """Somebody signed in on the page; only the hash of the session's secret is kept."""

    TOPIC = "session:SessionOpened"

    _: KW_ONLY
    id: str
    token: str
    sha256: str
    opened_by: str
    expires: str


class SessionClosed(DomainEvent):
    """Somebody signed out."""

    TOPIC = "session:SessionClosed"

    _: KW_ONLY
    id: str
    closed_by: str


for _event in (TokenIssued, TokenRevoked, SessionOpened, SessionClosed):
    register_topic(_event.TOPIC, _event)


class IssuedToken(TypedDict):
    """A token that was issued, without its secret; its times are ISO 8601."""

    id: str
    name: str
    role: str
    issued: str
    issued_by: str
    subject: str | None
    expires: str | None
    revoked: str | None


def listed(event: TokenIssued) -> IssuedToken:
    """The token that was issued, not yet revoked."""
    return {
        "id": event.id,
        "name": event.name,
        "role": event.role,
        "issued": event.timestamp.isoformat(),
        "issued_by": event.issued_by,
        "subject": event.subject,
        "expires": event.expires,
        "revoked": None,
    }
