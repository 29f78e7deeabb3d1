"""The server processes: granian for the web, and the follower that stands beside it on PostgreSQL."""

import logging
import signal
from contextlib import suppress
from dataclasses import replace
from threading import Event

import click
import psycopg
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from projections.follow.leader_lock import Lead
from service.databases.chronology import Chronology
from service.databases.errors import AWAY, STORAGE_ERRORS, in_one_line, trouble_of
from service.settings import Settings
from service.web import oidc

log = logging.getLogger("chronology.follow")

_HEADERS = HTTP1Settings(header_read_timeout=10_000, max_buffer_size=64 * 1024)
"""A request's head must come within 10 seconds, and be of at most 64 KiB; so long may a kept connection idle, too."""
_CONNECTIONS = 4096
_AWAY_SECONDS = 2


def run(settings: Settings, host: str, port: int, app: str = "service.web.front:create_front") -> None:
    """Serve until stopped. On SQLite one process, with the follower inside; the app is built after the fork.

    Args:
        settings: the service's settings.
        host: the address to listen on.
        port: the port.
        app: the factory of the ASGI application, `module:function`.
    """
    oidc.check(settings)
    Chronology(settings, makes=True).close()  # the tables are made once, before any worker
    server = Granian(
        app,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=_HEADERS,
        workers=1 if settings.is_sqlite else settings.workers,
        backlog=_CONNECTIONS,
        backpressure=_CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_access=False,
    )
    click.echo(f"chronology on http://{host}:{port}/ (API at /api/v1, described at /docs)")
    server.serve()


def follow_until_stopped(settings: Settings) -> None:
    """Run the follower in this process until SIGTERM or SIGINT; while another one leads, it stands by.

    Where the database is away at the start, it is waited for.

    Raises:
        Conflict: a pooler stands between it and the database.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lead = Lead(settings.primary)
    with suppress(psycopg.Error):
        lead.is_held()  # refuses at once where a pooler stands between
    chronology = _opened(replace(settings, read_database=""), stop)
    if chronology is None:
        return
    try:
        chronology.follower.run(stop, Event(), lead=lead)
    finally:
        chronology.close()


def _opened(settings: Settings, stop: Event) -> Chronology | None:
    """The desk, as soon as its database answers; None if stopped before."""
    while not stop.is_set():
        try:
            return Chronology(settings)
        except STORAGE_ERRORS as error:
            if trouble_of(error) is not AWAY:
                raise
            log.error("%s (%s); trying again in %d s", AWAY.sentence, in_one_line(error), _AWAY_SECONDS)
            stop.wait(_AWAY_SECONDS)
    return None
