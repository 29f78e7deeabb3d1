"""One message sent to one hook: signed by the rules of Standard Webhooks, to a checked address, within a time limit."""

import base64
import hashlib
import hmac
import http.client
import secrets
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from threading import Event, Timer
from typing import NamedTuple

from service.hooks.hosts import Address, NotAllowed, Target, addresses_of

SECONDS = 15.0
"""How long a receiver may take altogether, from the connection to the last header of its answer."""
_CONNECT_SECONDS = 5.0
_PREFIX = "whsec_"
_SECRET_BYTES = 32
_MOST_WAIT_SECONDS = 24 * 3600.0
_GONE = 410


class Outcome(NamedTuple):
    """How sending went. `error`: why it was not taken, in one sentence; None where it was."""

    error: str | None = None
    is_gone: bool = False
    wait_seconds: float = 0.0


def new_secret() -> str:
    """A secret as Standard Webhooks has it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed(secret: str, name: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of a message of that id, sent at that second of Unix time (Standard Webhooks 1.0, HMAC-SHA256)."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signature = hmac.digest(key, b".".join((name.encode(), str(seconds).encode(), body)), hashlib.sha256)
    return {
        "webhook-id": name,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def send(target: Target, allowed: str, headers: dict[str, str], body: bytes, seconds: float = SECONDS) -> Outcome:
    """Send a message; taken is what is answered by 2xx. Redirects are not followed, and no body is read."""
    try:
        addresses = addresses_of(target, allowed)
        with _connected(target, addresses, seconds) as connection:
            fixed = {"Host": target.authority, "Content-Type": "application/json", "User-Agent": "chronology"}
            connection.request("POST", target.path, body, {**fixed, **headers})
            answer = connection.getresponse()  # headers that are cut short read as whole ones
            status, wait = answer.status, answer.headers.get("Retry-After", "")
    except NotAllowed as error:
        return Outcome(error.sentence)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Outcome(_in_words(error))
    if 200 <= status < 300:
        return Outcome()
    seconds_to_wait = float(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 9 else 0.0
    return Outcome(f"it answered {status}", status == _GONE, min(seconds_to_wait, _MOST_WAIT_SECONDS))


@contextmanager
def _connected(target: Target, addresses: list[Address], seconds: float) -> Iterator[http.client.HTTPConnection]:
    """A connection to the first of the addresses that answers; it is cut when the time is over, whatever goes on."""
    opened, is_over = _opened(target, addresses), Event()
    cut = Timer(seconds, _cut, [opened, is_over])
    cut.daemon = True
    cut.start()
    try:
        opened.settimeout(seconds)
        if isinstance(opened, ssl.SSLSocket):
            opened.do_handshake()
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = opened
        yield connection
        if is_over.is_set():
            raise TimeoutError
    finally:
        cut.cancel()
        opened.close()


def _opened(target: Target, addresses: list[Address]) -> socket.socket:
    for at, address in enumerate(addresses):
        try:
            opened = socket.create_connection((str(address), target.port), _CONNECT_SECONDS)
        except OSError:
            if at == len(addresses) - 1:
                raise
            continue
        if not target.is_encrypted:
            return opened
        return _encryption().wrap_socket(opened, server_hostname=target.host, do_handshake_on_connect=False)
    raise NotAllowed(f"{target.host} has no address")


def _cut(opened: socket.socket, is_over: Event) -> None:
    is_over.set()
    with suppress(OSError):
        socket.socket.shutdown(opened, socket.SHUT_RDWR)


@cache
def _encryption() -> ssl.SSLContext:
    return ssl.create_default_context()


def _in_words(error: Exception) -> str:
    """Why a receiver could not be reached, without anything that it said."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not valid for its name"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "it takes no connections"
    if isinstance(error, http.client.HTTPException | ValueError):
        return "it did not answer by HTTP, or not in time"
    return f"it could not be reached ({type(error).__name__})"
