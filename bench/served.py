"""Applications that only the bench serves, on the server and with the settings of `chronology serve`.

Started as `python -m bench.served FACTORY PORT`, with the service's settings in the environment; `ranges` reads the
address of its database from `BENCH_RANGES`.
"""

import os
import sys
from typing import Any

from flask import Flask, jsonify, request
from psycopg_pool import ConnectionPool

from bench.peers.ranges import STATE, answer_of
from bench.peers.rows import bound
from service.app import create_app
from service.config import settings_from
from service.server import run


def ours() -> Flask:
    """The service, with one more route: behind the same authentication it answers nothing."""
    app = create_app()
    app.add_url_rule("/bench/empty", "bench_empty", lambda: b"")
    return app


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


if __name__ == "__main__":
    run(settings_from(os.environ), "127.0.0.1", int(sys.argv[2]), f"bench.served:{sys.argv[1]}")
