"""Applications to measure, run as `python -m benchmarks.served NAME`, with the service's settings in the environment.

`ours` is `chronology serve` with one more route, which returns nothing after the same authentication. `hello` and
`ranges` are bare Flask applications under the same server with as many threads; `ranges` reads the address of its
database from `BENCH_RANGES`.
"""

import os
import sys
from typing import Any

import waitress
from flask import Flask, jsonify, request
from psycopg_pool import ConnectionPool

from benchmarks.peers.ranges import STATE, answer_of
from benchmarks.peers.rows import bound
from benchmarks.serving import EMPTY_ADDRESS
from service.cli.main import main
from service.pages import routes as pages
from service.settings import settings_from

pages.routes.add_url_rule(EMPTY_ADDRESS, "bench_empty", lambda: b"")  # here, so that worker processes have it too


def hello() -> Flask:
    """A bare Flask application."""
    app = Flask("hello")
    app.add_url_rule("/", "hello", lambda: "hello")
    return app


def ranges() -> Flask:
    """The values of a subject by hand-written SQL on PostgreSQL, in a bare Flask application, open to everybody."""
    app = Flask("ranges")
    pool = ConnectionPool(os.environ["BENCH_RANGES"], min_size=4, max_size=24, kwargs={"autocommit": True}, open=True)

    def state(subject: str) -> Any:
        values = {"subject": subject, "at": bound(request.args["at"]), "known": int(request.args["position"])}
        with pool.connection() as connection:
            return jsonify(answer_of(connection.execute(STATE, values, prepare=True).fetchall()))

    app.add_url_rule("/api/v1/subjects/<subject>", "state", state)
    return app


def serve(name: str) -> None:
    """Serve until stopped."""
    if name == "ours":
        main(["serve"])
    settings = settings_from(os.environ)
    waitress.serve({"hello": hello, "ranges": ranges}[name](), port=settings.port, threads=settings.threads)


if __name__ == "__main__":
    serve(sys.argv[1])
