"""Who may do what: roles, who bears them, and how a request without right is refused."""

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.amendments import ChronicleProposed, FactCorroborated, ProposalSourced, WordsRedacted
from events.errors import ChronologyError
from events.facts import Fact
from events.sources import SourceRegistered, SourceRevised

ROLES = ("reader", "recorder", "editor", "admin")
COMMAND_LINE = "command line"
_BY_RECORDERS = (Fact, FactCorroborated, SourceRegistered, SourceRevised, ChronicleProposed, ProposalSourced)
_FORWARDING = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")


class Unauthorized(ChronologyError):
    """No valid token was given where one is needed."""

    problem = "unauthorized"


class NotIssued(Unauthorized):
    """The token or session was not issued here: it is mistaken, or guessed."""


class Forbidden(ChronologyError):
    """The token's role may not do this."""

    problem = "forbidden"


class CrossSite(Forbidden):
    """A browser sent this with its session, but not from a page of ours."""

    problem = "cross-site"


class TooMany(ChronologyError):
    """More was asked than one bearer or address may ask (RFC 6585)."""

    problem = "too-many-requests"

    def __init__(self, sentence: str, seconds: float) -> None:
        super().__init__(sentence)
        self.retry_after = max(1, math.ceil(seconds))


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who is asking: the name that is recorded, and a role; unnamed readers have no token's id."""

    name: str
    role: str
    token: str = ""
    until: datetime | None = None

    def may(self, role: str) -> bool:
        """Whether this bearer's role includes the other."""
        return ROLES.index(self.role) >= ROLES.index(role)


ANYBODY = Bearer("anybody", "reader")


def role_for(event: type) -> str:
    """The role that recording such an event needs."""
    if issubclass(event, WordsRedacted):
        return "admin"
    return "recorder" if issubclass(event, _BY_RECORDERS) else "editor"


def is_loopback(environ: dict[str, Any]) -> bool:
    """Whether the request comes from this machine itself, and not through a proxy on it."""
    try:
        address = ipaddress.ip_address(environ.get("REMOTE_ADDR") or "")
    except ValueError:
        return False
    return address.is_loopback and not any(name in environ for name in _FORWARDING)


def neighbourhood(address: str | None) -> str:
    """The address as far as it tells clients apart: whole in IPv4, the first 64 bits in IPv6 (RFC 6177)."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return "?"
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False))
    return str(known)
