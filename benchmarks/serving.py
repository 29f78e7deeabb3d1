"""Starts the server processes that are measured: ours as `chronology serve`, bare Flask applications beside it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from time import monotonic, sleep

from benchmarks.client import Client, Refused
from service.auth.tokens import Keyring

EMPTY_ADDRESS = "/bench/empty"
_READY = {"ours": EMPTY_ADDRESS, "hello": "/", "ranges": "/api/v1/subjects/x?at=2020-01-01&position=1"}
_START_SECONDS = 60


@contextmanager
def served(name: str, database: str, **settings: str) -> Iterator[Client]:
    """A process with an application of `benchmarks.served`, and a client that bears a token where it is ours."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {"CHRONOLOGY_DATABASE": database, "CHRONOLOGY_WORKERS": "1", "CHRONOLOGY_RATE": "0", "PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.served", name],
        env={**os.environ, **given, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        client = Client(port, _token(database) if name == "ours" else None)
        _wait(client, _READY[name])
        yield client
    finally:
        process.terminate()
        process.wait(timeout=30)


def _token(database: str) -> str:
    keyring = Keyring(database)
    token = keyring.issue(f"bench {token_hex(4)}", "reader", "bench")[1]
    keyring.close()
    return token


def _wait(client: Client, path: str) -> None:
    deadline = monotonic() + _START_SECONDS
    while True:
        try:
            client.ask(path)
            return
        except (OSError, EOFError, Refused):
            if monotonic() > deadline:
                raise
            sleep(0.2)
