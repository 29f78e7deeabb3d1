"""The server processes: the web, and the follower that stands beside it on PostgreSQL."""

import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from math import inf
from multiprocessing.connection import wait
from threading import Event, Thread
from typing import Any

import click

from projections.follow.leader_lock import Lead
from projections.store.generations import DELIVERS
from service.app import create_app, served_chronology
from service.databases.chronology import Chronology
from service.databases.errors import AWAY, STORAGE_ERRORS, in_one_line, trouble_of
from service.hooks.delivery import Deliveries
from service.settings import Settings
from service.web import oidc, streams
from service.web.server import listener_at, serve

log = logging.getLogger("chronology.serve")

_PROCESSES = multiprocessing.get_context("spawn")  # so that none inherits connections
_AWAY_SECONDS = 2
_AGAIN_SECONDS = 1
_ENDING_SECONDS = 10
_MIGRATE_WAITS_SECONDS = 60


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped: on SQLite in this process, with the follower inside, else in worker processes.

    Raises:
        SettingError: the port is taken.
    """
    settings = replace(settings, host=host, port=port)
    oidc.check(settings)
    _begin(_stop)
    with listener_at(host, port) as listener:
        Chronology(settings, makes=True).close()  # the tables are made once, before any worker
        click.echo(f"chronology on http://{host}:{port}/ (API at /api/v1, described at /docs)")
        if settings.is_sqlite:
            _answer(settings, listener)
        else:
            _keep_workers(settings, listener)


def _answer(settings: Settings, listener: socket.socket) -> None:
    """Answer requests in this process until stopped."""
    with closing(served_chronology(settings)) as chronology:
        if settings.is_sqlite:
            Thread(target=Deliveries(chronology).run, args=(streams.ENDING,), name="deliveries", daemon=True).start()
        serve(create_app(chronology), listener, settings)


def _keep_workers(settings: Settings, listener: socket.socket) -> None:
    """Keep as many workers on the socket as the settings say; replace one that ends."""
    workers = [_worker(settings, listener) for _ in range(max(1, settings.workers))]
    try:
        while True:
            wait([each.sentinel for each in workers])
            time.sleep(_AGAIN_SECONDS)
            for at, worker in enumerate(workers):
                if not worker.is_alive():
                    log.error("a worker ended with status %s; another one begins", worker.exitcode)
                    workers[at] = _worker(settings, listener)
    finally:
        for each in workers:
            each.terminate()
        for each in workers:
            each.join(_ENDING_SECONDS)
            each.kill()


def _worker(settings: Settings, listener: socket.socket) -> Any:
    process = _PROCESSES.Process(target=_work, args=(settings, listener))
    process.start()
    return process


def _work(settings: Settings, listener: socket.socket) -> None:
    """Answer requests in a worker, which ends with the process that started it."""
    _begin(_stop)
    Thread(target=_end_with_parent, daemon=True).start()
    _answer(settings, listener)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _begin(stop: Callable[..., Any]) -> None:
    """Log to standard error; call `stop` on SIGTERM and SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _stop(*_: Any) -> None:
    if not streams.ENDING.is_set():  # a second signal breaks off nothing
        streams.ENDING.set()
        sys.exit(0)


def follow_until_stopped(settings: Settings) -> None:
    """Run the follower here until SIGTERM or SIGINT; it waits while another one leads or the database is away.

    Raises:
        Conflict: a pooler stands between it and the database.
    """
    stop = Event()
    _begin(lambda *_: stop.set())
    lead = Lead(settings.primary)
    lead.refuse_pooler()
    chronology = _opened(replace(settings, read_database=""), stop)
    if chronology is not None:
        with closing(chronology):
            hooks = Lead(settings.primary, DELIVERS)
            Thread(target=Deliveries(chronology).run, args=(stop, hooks), name="deliveries", daemon=True).start()
            chronology.follower.run(stop, Event(), lead=lead)


def make_tables(settings: Settings) -> None:
    """Make the tables, as soon as the database answers, for which it waits a minute."""
    chronology = _opened(settings, Event(), seconds=_MIGRATE_WAITS_SECONDS, makes=True)
    if chronology is not None:
        chronology.close()


def _opened(settings: Settings, stop: Event, *, seconds: float = inf, makes: bool = False) -> Chronology | None:
    """The chronology, as soon as its database answers; None if stopped before. After the seconds, its error."""
    deadline = time.monotonic() + seconds
    while not stop.is_set():
        try:
            return Chronology(settings, makes=makes)
        except STORAGE_ERRORS as error:
            if trouble_of(error) is not AWAY or time.monotonic() > deadline:
                raise
            log.error("%s (%s); trying again in %d s", AWAY.sentence, in_one_line(error), _AWAY_SECONDS)
            stop.wait(_AWAY_SECONDS)
    return None
