"""Applications that only the bench serves: ours as `chronology serve` does, bare ones as granian serves any Flask.

Started as `python -m benchmarks.served FACTORY PORT`, with the service's settings in the environment; `ranges` reads
the address of its database from `BENCH_RANGES`.
"""

import os
import sys
from typing import Any

from flask import Flask, jsonify, request
from granian import Granian
from granian.constants import Interfaces
from psycopg_pool import ConnectionPool

from benchmarks.peers.ranges import STATE, answer_of
from benchmarks.peers.rows import bound
from service.cli.serve import run
from service.settings import settings_from
from service.web.front import Front, create_front


def ours() -> Front:
    """The service, with one more route: behind the same authentication it answers nothing."""
    front = create_front()
    front.app.add_url_rule("/bench/empty", "bench_empty", lambda: b"")
    return front


def hello() -> Flask:
    """A bare Flask application."""
    app = Flask("hello")
    app.add_url_rule("/", "hello", lambda: "hello")
    return app


def ranges() -> Flask:
    """The state of a subject by hand-written SQL on PostgreSQL, in a bare Flask application, open to everybody."""
    app = Flask("ranges")
    pool = ConnectionPool(os.environ["BENCH_RANGES"], min_size=4, max_size=24, kwargs={"autocommit": True}, open=True)

    def state(subject: str) -> Any:
        at, known = bound(request.args["at"]), int(request.args["position"])
        values = {"subject": subject, "at": at, "known": known}
        with pool.connection() as connection:
            return jsonify(answer_of(connection.execute(STATE, values, prepare=True).fetchall()))

    app.add_url_rule("/api/v1/subjects/<subject>", "state", state)
    return app


def serve(factory: str, port: int) -> None:
    """Serve until stopped; a bare application has as many threads as ours."""
    settings = settings_from(os.environ)
    if factory == "ours":
        run(settings, "127.0.0.1", port, "benchmarks.served:ours")
        return
    Granian(
        f"benchmarks.served:{factory}",
        factory=True,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=settings.threads,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
