"""The server processes: granian for the web, and the follower that stands beside it on PostgreSQL."""

import logging
import signal
from threading import Event

import click
from granian import Granian
from granian.constants import Interfaces

from service.config import Settings
from service.desk import Desk


def run(settings: Settings, host: str, port: int, app: str = "service.app:create_app") -> None:
    """Serve until stopped. On SQLite one process, with the follower inside; the app is built after the fork.

    Args:
        settings: the service's settings.
        host: the address to listen on.
        port: the port.
        app: the factory of the application, `module:function`.
    """
    Desk(settings).close()  # the tables are made once, before any worker
    server = Granian(
        app,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1 if settings.is_sqlite else settings.workers,
        blocking_threads=settings.threads,
        respawn_failed_workers=True,
        log_access=False,
    )
    click.echo(f"chronology on http://{host}:{port}/ (API at /api/v1, described at /docs)")
    server.serve()


def follow_until_stopped(settings: Settings) -> None:
    """Run the follower in this process until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    desk = Desk(settings)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        desk.follower.run(stop, Event())
    finally:
        desk.close()
