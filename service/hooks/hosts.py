"""Where hooks may lead: to hosts that the operator has allowed, and to no private address but those allowed as such.

A name is resolved anew for each message, and what is sent goes to the very addresses that were looked at: a name that
leads elsewhere a moment later leads nowhere (DNS rebinding; OWASP, Server Side Request Forgery Prevention).
"""

import ipaddress
import socket
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from events.errors import ChronologyError, Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORTS = {"https": 443, "http": 80}


class NotAllowed(ChronologyError):
    """The host leads to an address that is not allowed, or nowhere."""

    problem = "forbidden"


class Target(NamedTuple):
    """Where a hook leads."""

    is_encrypted: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What `Host` says (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.is_encrypted else "http"] else f"{host}:{self.port}"


def target_of(url: str, allowed: str) -> Target:
    """Where the address leads, if it may: by https, or by http to an address that is allowed as such.

    Args:
        url: the address.
        allowed: names of hosts and literal addresses, apart by commas.

    Raises:
        Invalid: it is no such address, or its host is not allowed.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise Invalid.at("/url", f"{url!r:.200} is no address") from None
    if parts.scheme not in _PORTS or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise Invalid.at("/url", f"{url!r:.200} is no address that begins with https://")
    if parts.username is not None or parts.fragment:
        raise Invalid.at("/url", f"{url!r:.200} holds a name or a fragment, which are not sent")
    if host not in _hosts_of(allowed):
        raise Invalid.at("/url", f"{host!r:.80} is no host that hooks may lead to; the operator names them")
    if parts.scheme == "http" and _literal(host) is None:
        raise Invalid.at("/url", f"{url!r:.200} is not encrypted: http is for literal addresses that are allowed")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port or _PORTS[parts.scheme], path)


def addresses_of(target: Target, allowed: str) -> list[Address]:
    """The addresses that the host has now, all of which may be connected to.

    Raises:
        NotAllowed: it has none, or one that is neither public nor allowed as such.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotAllowed(f"the name {target.host} is not found") from None
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    literal = {_literal(each) for each in _hosts_of(allowed)}
    for address in addresses:
        if not is_public(address) and address not in literal:
            raise NotAllowed(f"{target.host} leads to {address}, which is no public address")
    return list(dict.fromkeys(addresses))


def is_public(address: Address) -> bool:
    """Whether the address is one of the public internet, and holds no other inside that is not.

    Those that stand for an IPv4 address (mapped, 6to4, Teredo, NAT64) count as none, whatever it is.
    """
    if isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped or address.sixtofour or address.teredo or address.is_site_local
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _hosts_of(allowed: str) -> list[str]:
    return [each.strip().strip("[]").rstrip(".").lower() for each in allowed.split(",") if each.strip()]


def _literal(host: str) -> Address | None:
    with suppress(ValueError):
        return ipaddress.ip_address(host)
    return None
