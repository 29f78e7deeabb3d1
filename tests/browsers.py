"""A real Chromium for tests: found on the PATH, told to speak to nobody else."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from service.app import create_app
from service.desk import Desk

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """The path of a Chromium; the test is skipped where there is none."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        pytest.skip("no Chromium is found on the PATH")
    return found


@contextmanager
def browser() -> Iterator[Any]:
    """A running browser; tests are skipped without playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = chromium()
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=path, args=list(QUIET))
        yield started
        started.close()


class _Quiet(WSGIRequestHandler):
    """Keeps connections open and says nothing of requests."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The address at which the desk's app is served from a thread of this process."""
    server = make_server("127.0.0.1", 0, create_app(desk), threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, name="pages", daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()
