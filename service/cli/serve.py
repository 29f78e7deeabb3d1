"""The server processes: the web, and the follower that stands beside it on PostgreSQL."""

import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from dataclasses import replace
from multiprocessing.connection import wait
from threading import Event, Thread
from typing import Any, NoReturn

import click

from projections.follow.leader_lock import Lead
from service.app import create_app, served_chronology
from service.databases.chronology import Chronology
from service.databases.errors import AWAY, STORAGE_ERRORS, in_one_line, trouble_of
from service.settings import Settings
from service.web import oidc, streams
from service.web.server import listener_at, serve

log = logging.getLogger("chronology.serve")

_PROCESSES = multiprocessing.get_context("spawn")  # so that none inherits connections
_AWAY_SECONDS = 2
_AGAIN_SECONDS = 1
_ENDING_SECONDS = 10


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped: on SQLite in this process, with the follower inside, else in worker processes.

    Args:
        settings: the service's settings.
        host: the address to listen on.
        port: the port.

    Raises:
        SettingError: the port is taken.
    """
    oidc.check(settings)
    _begin()
    with listener_at(host, port) as listener:
        Chronology(settings, makes=True).close()  # the tables are made once, before any worker
        click.echo(f"chronology on http://{host}:{port}/ (API at /api/v1, described at /docs)")
        if settings.is_sqlite:
            _answer(settings, listener)
        else:
            _keep_workers(settings, listener)


def _answer(settings: Settings, listener: socket.socket) -> None:
    """Answer requests in this process until stopped."""
    chronology = served_chronology(settings)
    try:
        serve(create_app(chronology), listener, settings)
    finally:
        chronology.close()


def _keep_workers(settings: Settings, listener: socket.socket) -> None:
    """Keep as many workers on the socket as the settings say: one that ends is replaced by another."""
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
        _end(workers)


def _worker(settings: Settings, listener: socket.socket) -> Any:
    process = _PROCESSES.Process(target=_work, args=(settings, listener))
    process.start()
    return process


def _end(workers: list[Any]) -> None:
    """Stop all at once, and wait for each."""
    for each in workers:
        each.terminate()
    for each in workers:
        each.join(_ENDING_SECONDS)
        each.kill()


def _work(settings: Settings, listener: socket.socket) -> None:
    """What a worker does; it ends with the process that started it."""
    _begin()
    Thread(target=_end_with_parent, daemon=True).start()
    _answer(settings, listener)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _begin() -> None:
    _log()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)


def _stop(*_: Any) -> NoReturn:
    streams.ENDING.set()
    sys.exit(0)


def _log() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")


def follow_until_stopped(settings: Settings) -> None:
    """Run the follower in this process until SIGTERM or SIGINT; while another one leads, it stands by.

    Where the database is away at the start, it is waited for.

    Raises:
        Conflict: a pooler stands between it and the database.
    """
    _log()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lead = Lead(settings.primary)
    lead.refuse_pooler()
    chronology = _opened(replace(settings, read_database=""), stop)
    if chronology is None:
        return
    try:
        chronology.follower.run(stop, Event(), lead=lead)
    finally:
        chronology.close()


def _opened(settings: Settings, stop: Event) -> Chronology | None:
    """The chronology, as soon as its database answers; None if stopped before."""
    while not stop.is_set():
        try:
            return Chronology(settings)
        except STORAGE_ERRORS as error:
            if trouble_of(error) is not AWAY:
                raise
            log.error("%s (%s); trying again in %d s", AWAY.sentence, in_one_line(error), _AWAY_SECONDS)
            stop.wait(_AWAY_SECONDS)
    return None
