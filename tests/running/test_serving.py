"""The service as it is run: `chronology serve` in processes of its own, over real connections."""

import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from service.settings import SettingError
from service.web import server, streams
from tests.conftest import SORTS
from tests.fixtures.servers import Served, serving

SERVE = [sys.executable, "-c", "from service.cli.main import main; main()", "serve"]
SOURCE = {"id": "paper", "title": "Paper", "publisher": "Gazette", "text": "It is done."}


@pytest.fixture(scope="module", params=SORTS)
def served(request: Any) -> Iterator[Served]:
    with serving(request.param, largest_body=100_000, workers=1) as started:
        yield started


def connection(served: Served) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)


def asked(served: Served, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    client = connection(served)
    client.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = client.getresponse()
    told = answer.status, dict(answer.getheaders()), answer.read()
    client.close()
    return told


def listening(served: Served, path: str) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    """A connection on which a stream has begun, or was refused."""
    client = connection(served)
    client.request("GET", path, headers={"Accept": "text/event-stream"})
    return client, client.getresponse()


def raw(served: Served, sent: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """Status line, headers and body that bytes are answered with, until the connection ends."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as client:
        client.sendall(sent)
        got = b"".join(iter(lambda: client.recv(65_536), b""))
    head, _, body = got.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    return status, dict(line.split(b": ", 1) for line in lines), body


def test_a_service_on_a_port_that_is_taken_says_so_and_ends(served: Served, tmp_path: Path) -> None:
    environment = {**os.environ, "CHRONOLOGY_DATABASE": f"sqlite:///{tmp_path}/other.db", "PORT": str(served.port)}
    done = subprocess.run(SERVE, env=environment, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (2, f"port {served.port} is taken\n")
    assert not (tmp_path / "other.db").exists()


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    with pytest.raises(SettingError, match=r"^192\.0\.2\.1:0 cannot be listened on: "):
        server.listener_at("192.0.2.1", 0)


@pytest.mark.parametrize("path", ["/api/v1/events", "/news"])
def test_thirty_streams_opened_and_closed_in_a_row_never_refuse_the_next(served: Served, path: str) -> None:
    statuses = []
    for _ in range(30):
        client, answer = listening(served, path)
        statuses.append(answer.status)
        assert answer.readline() == b"retry: 2000\n"
        answer.close()
        client.close()

    assert statuses == [200] * 30


def test_streams_leave_questions_their_threads_and_the_next_stream_is_told_to_come_back(served: Served) -> None:
    open_ones = [listening(served, "/api/v1/events") for _ in range(streams.FOR_CLIENTS.number)]
    open_ones += [listening(served, "/news") for _ in range(streams.FOR_READERS.number)]
    assert {answer.status for _, answer in open_ones} == {200}

    refused = [asked(served, path, Accept="text/event-stream") for path in ("/api/v1/events", "/news")]
    with ThreadPoolExecutor(30) as threads:
        begun = time.monotonic()
        found = list(threads.map(lambda _: asked(served, "/api/v1/subjects")[0], range(60)))
        seconds = time.monotonic() - begun
    for client, answer in open_ones:
        answer.close()
        client.close()

    assert [(status, headers["Retry-After"]) for status, headers, _ in refused] == [(503, "1")] * 2
    assert found == [200] * 60
    assert seconds < 10


@pytest.mark.parametrize(
    ("sent", "status", "slug"),
    [
        (b"POST /api/v1/facts HTTP/1.1\r\nContent-Length: 100001\r\n\r\n", 413, "request-entity-too-large"),
        (b"GET / HTTP/1.1\r\nX-Long: " + b"y" * 70_000, 431, "request-header-fields-too-large"),
        (b"GET / HTTP/1.1\r\nNo header\r\n\r\n", 400, "bad-request"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "not-implemented"),
    ],
    ids=["a large body", "a large head", "no header", "an encoding"],
)
def test_what_the_server_refuses_before_the_application_sees_it_is_a_problem_too(
    served: Served, sent: bytes, status: int, slug: str
) -> None:
    line, headers, body = raw(served, sent)

    assert int(line.split()[1]) == status
    assert headers[b"Content-Type"] == b"application/problem+json"
    assert headers[b"X-Content-Type-Options"] == b"nosniff"
    assert headers[b"Server"] == b"chronology"
    assert json.loads(body)["type"] == f"urn:chronology:problem:{slug}"


def test_a_body_as_large_as_may_be_reaches_the_application(served: Served) -> None:
    client = connection(served)
    client.request("POST", "/api/v1/sources", b"x" * 100_000, {"Authorization": f"Bearer {served.tokens['editor']}"})

    assert client.getresponse().status == 415
    client.close()


def test_requests_sent_ahead_are_answered_one_a_connection(served: Served) -> None:
    line, _, body = raw(served, b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n" * 3)

    assert line == b"HTTP/1.1 200 OK"
    assert body.count(b"HTTP/1.1") == 0


def test_who_comes_through_a_proxy_that_is_not_believed_is_not_of_this_machine(served: Served) -> None:
    assert asked(served, "/api/v1/subjects")[0] == 200
    assert asked(served, "/api/v1/subjects", X_Forwarded_For="203.0.113.5")[0] == 401
    assert asked(served, "/api/v1/subjects", Forwarded="for=203.0.113.5")[0] == 401


def test_every_answer_names_the_service_once_and_nothing_between(served: Served) -> None:
    for path in ("/", "/api/v1/subjects", "/api/v1/nothing", "/static/style.css"):
        headers = asked(served, path)[1]
        assert headers["Server"] == "chronology"
        assert "Via" not in headers


def test_a_client_that_takes_nothing_of_an_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        pytest.skip("this system does not give up such clients")
    monkeypatch.setattr(server, "UNREAD_SECONDS", 1)
    with server.listener_at("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        sending, _ = listener.accept()
        with sending:
            sending.setblocking(False)
            while select.select((), (sending,), (), 0.1)[1]:
                sending.send(b"x" * 65_536)
            ends = select.poll()
            ends.register(sending, select.POLLIN)
            assert ends.poll(20_000)


def test_a_worker_that_dies_is_replaced_while_another_answers_and_none_outlives_the_service(tmp_path: Path) -> None:
    if "postgres" not in SORTS:
        pytest.skip("SQLite has one process")
    with serving("postgres", workers=2) as started:
        workers = answering(started)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        deadline = time.monotonic() + 30
        while len(now := answering(started)) < 2 or workers[0] in now:
            assert asked(started, "/readyz")[0] == 200
            assert time.monotonic() < deadline
        os.kill(started.pid, signal.SIGKILL)
        while any(Path(f"/proc/{each}").exists() for each in now):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with pytest.raises(ConnectionRefusedError):
            asked(started, "/healthz")


def answering(served: Served) -> list[int]:
    """The workers of a service."""
    commands = {each: Path(f"/proc/{each}/cmdline") for each in served.processes()}
    return [each for each, line in commands.items() if line.exists() and b"spawn_main" in line.read_bytes()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_service_that_is_stopped_ends_in_order_although_somebody_listens(number: int) -> None:
    with serving("sqlite") as started:
        client, answer = listening(started, "/news")
        assert answer.status == 200
        begun = time.monotonic()
        os.kill(started.pid, number)
        while Path(f"/proc/{started.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() - begun < 20
            time.sleep(0.02)
        assert time.monotonic() - begun < 5
        assert "Traceback" not in started.log.read_text()
        client.close()
