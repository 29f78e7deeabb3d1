"""The HTTP server, waitress: one loop reads whole requests and sends answers, so that slow clients hold no thread.

Only streams hold a thread while they last: there is one for each, beside those for questions.
"""

import errno
import gc
import logging
import select
import socket
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from werkzeug.exceptions import InternalServerError, default_exceptions

from service.settings import SettingError, Settings
from service.web import streams
from service.web.problems import not_served
from service.web.security_headers import hardened

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

NAME = "chronology"
CONNECTIONS = 4096
_CONNECTIONS_OF_SELECT = 500
LARGEST_HEAD = 64 * 1024
IDLE_SECONDS = 30
"""How long a connection may say nothing while no request of it is worked on."""
UNREAD_SECONDS = 30
"""How long a client may take nothing of an answer."""
_UNREAD_BYTES = 128 * 1024  # which Linux doubles; by itself it would grow to 2.8 MB for each connection
_PROBES = ("/healthz", "/readyz")
_SWITCH_SECONDS = 0.001
_COLLECTED = (2_000, 10, 1_000)
"""After how many new objects, and how many times, the next generation of them is searched for cycles."""
_UNREAD_OF_ONE = 64 * 1024 * 1024  # what waits in files for one connection before a stream is held back


class _Refusal(ErrorTask):  # type: ignore[misc]
    """What waitress refuses by itself, as a problem."""

    def execute(self) -> None:
        """Write the problem, and end the connection."""
        answer = not_served(default_exceptions.get(self.request.error.code, InternalServerError)())
        body = answer.get_data()
        self.status = answer.status
        self.response_headers.extend(hardened(answer.headers.items()))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Request(WSGITask):  # type: ignore[misc]
    """A request; where more were sent ahead of its answer, the connection ends with it.

    A thread would else wait until the client has read this answer before it begins with the next.
    """

    def execute(self) -> None:
        """Answer it."""
        if len(self.channel.requests) > 1:
            self.set_close_on_finish()
        super().execute()


class _Channel(HTTPChannel):  # type: ignore[misc]
    error_task_class = _Refusal
    task_class = _Request


def listener_at(host: str, port: int) -> socket.socket:
    """A socket on which connections come in; nobody else can listen there.

    Raises:
        SettingError: the port is taken, or the address is none of this machine.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=CONNECTIONS)
    except OSError as error:
        taken = f"port {port} is taken" if error.errno == errno.EADDRINUSE else ""
        raise SettingError(taken or f"{host}:{port} cannot be listened on: {error.strerror}") from None
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD_BYTES)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)
    return listener


def serve(app: Flask, listener: socket.socket, settings: Settings) -> None:
    """Serve until `SystemExit` is raised; what is asked by then is answered. Other processes may share the listener."""
    logging.getLogger("waitress").setLevel(logging.ERROR)  # it warns of each request that waits for a thread
    server: Any = create_server(
        app,
        sockets=[listener],
        threads=settings.threads + streams.MOST,
        connection_limit=_connections(),
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=5,
        channel_request_lookahead=1,  # a connection is looked at while its request is worked on: it may have ended
        max_request_header_size=LARGEST_HEAD,
        max_request_body_size=settings.largest_body + 1,  # waitress refuses what is as large as that
        outbuf_high_watermark=_UNREAD_OF_ONE,
        clear_untrusted_proxy_headers=False,  # the application reads them: it must know of a proxy it does not trust
        log_socket_errors=False,
        asyncore_use_poll=hasattr(select, "poll"),
        ident=NAME,
    )
    server.channel_class = _Channel
    server.add_task = _with_probes_apart(server.add_task)
    _keep_pauses_short()
    server.run()


def _with_probes_apart(add_task: Callable[[HTTPChannel], None]) -> Callable[[HTTPChannel], None]:
    """Hand each probe to a thread of its own, so that it never waits until one is free."""
    apart = {path: ThreadedTaskDispatcher() for path in _PROBES}
    for dispatcher in apart.values():
        dispatcher.set_thread_count(1)

    def add(channel: HTTPChannel) -> None:
        dispatcher = apart.get(getattr(channel.requests[0], "path", ""))
        (dispatcher.add_task if dispatcher else add_task)(channel)

    return add


def _keep_pauses_short() -> None:
    """Let no thread that works long keep the others from going on, nor Python's search for cycles of garbage.

    That goes through everything that lives, half a second where a question holds much; it is made seldom.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.freeze()
    gc.set_threshold(*_COLLECTED)


def _connections() -> int:
    """How many connections there may be; each may need files for what is sent and what is answered."""
    if resource is None:
        return _CONNECTIONS_OF_SELECT
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = most if most != resource.RLIM_INFINITY else CONNECTIONS * 4
    files = min(most, CONNECTIONS * 4)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return min(CONNECTIONS, files // 4)
