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
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.auth.tokens import Keyring
from service.settings import SettingError
from service.web import server
from tests.conftest import SORTS
from tests.fixtures.servers import Served, serving

SERVE = [sys.executable, "-c", "from service.cli.main import main; main()", "serve"]
EVENTS = "/api/v1/events"
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


def listening(
    served: Served, path: str, role: str | None = None
) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    """A connection on which a stream has begun, or was refused."""
    client = connection(served)
    known = {"Authorization": f"Bearer {served.tokens[role]}"} if role else {}
    client.request("GET", path, headers={"Accept": "text/event-stream", **known})
    return client, client.getresponse()


def end(*streams: tuple[http.client.HTTPConnection, http.client.HTTPResponse]) -> None:
    for client, answer in streams:
        answer.close()
        client.close()


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
    open_ones = [listening(served, EVENTS, role) for role in (None, None, "reader", "reader")]
    open_ones += [listening(served, "/news", role) for role in (None, "reader", "recorder", "admin") for _ in range(2)]
    refused = listening(served, EVENTS, "recorder")
    open_ones += [listening(served, path, "editor") for path in (EVENTS, "/news")]  # for whom a place is kept
    with ThreadPoolExecutor(30) as threads:
        begun = time.monotonic()
        found = list(threads.map(lambda _: asked(served, "/api/v1/subjects")[0], range(60)))
        seconds = time.monotonic() - begun
    end(*open_ones, refused)

    assert {answer.status for _, answer in open_ones} == {200}
    assert (refused[1].status, refused[1].headers["Retry-After"]) == (503, "1")
    assert found == [200] * 60
    assert seconds < 10


@pytest.mark.parametrize("path", [EVENTS, "/news"])
@pytest.mark.parametrize("role", [None, "reader"])
def test_nobody_has_more_than_two_streams_of_a_type_and_others_still_get_one(
    served: Served, path: str, role: str | None
) -> None:
    open_ones = [listening(served, path, role) for _ in range(2)]
    third, of_another = listening(served, path, role), listening(served, path, "recorder")
    end(*open_ones, third, of_another)

    assert [answer.status for _, answer in open_ones] == [200, 200]
    refused = (204, None) if path == "/news" else (429, "1")  # an open page asks again by itself, and quietly
    assert (third[1].status, third[1].headers["Retry-After"]) == refused
    assert of_another[1].status == 200


@pytest.mark.parametrize("path", [EVENTS, "/news"])
def test_an_open_stream_ends_when_its_token_is_revoked(served: Served, path: str) -> None:
    keyring = Keyring(served.database, create=False)
    name, token = keyring.issue("soon gone", "reader", "test")
    client = connection(served)
    client.request("GET", path, headers={"Accept": "text/event-stream", "Authorization": f"Bearer {token}"})
    answer = client.getresponse()
    assert answer.readline() == b"retry: 2000\n"
    keyring.revoke(name, "test")
    begun = time.monotonic()
    answer.read()
    seconds = time.monotonic() - begun
    keyring.close()
    client.close()

    assert answer.status == 200
    assert seconds < 8  # about one; without a look at the keyring, sixty


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
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{each}").exists() for each in now):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with pytest.raises(ConnectionRefusedError):
            asked(started, "/healthz")


def answering(served: Served) -> list[int]:
    """The workers of a service."""
    commands = {each: Path(f"/proc/{each}/cmdline") for each in served.processes()}
    return [each for each, line in commands.items() if line.exists() and b"spawn_main" in line.read_bytes()]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_service_that_is_stopped_ends_in_order_although_somebody_listens_or_sends(sort: str, number: int) -> None:
    with serving(sort, workers=2) as started:
        open_ones = [listening(started, path) for path in ("/news", "/news", EVENTS)]
        sending = socket.create_connection(("127.0.0.1", started.port), timeout=10)
        sending.sendall(b"POST /api/v1/sources HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000\r\n\r\nslow")
        stopped = started.processes() if number == signal.SIGINT else [started.pid]  # Ctrl-C is sent to all of them
        begun = time.monotonic()
        for each in stopped:
            os.kill(each, number)
        while (ended := os.waitpid(started.pid, os.WNOHANG)) == (0, 0):
            assert time.monotonic() - begun < 20
            time.sleep(0.02)
        seconds = time.monotonic() - begun
        end(*open_ones)
        sending.close()

        assert [answer.status for _, answer in open_ones] == [200] * 3
        assert os.waitstatus_to_exitcode(ended[1]) == 0
        assert seconds < 8  # about one; ten where it has to be killed
        assert "Traceback" not in started.log.read_text()


def test_two_services_on_one_file_of_sqlite_each_answer_what_the_other_has_recorded(served: Served) -> None:
    if not served.database.startswith("sqlite"):
        pytest.skip("of PostgreSQL any number are documented")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {**os.environ, "CHRONOLOGY_DATABASE": served.database, "PORT": str(port)}
    with subprocess.Popen(SERVE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as other:
        assert other.stdout is not None
        assert other.stdout.readline().startswith(b"chronology on ")
        beside = replace(served, port=port, pid=other.pid)
        known = {"Authorization": f"Bearer {served.tokens['editor']}", "Content-Type": "application/json"}
        found = []
        for number, (writes, reads) in enumerate([(served, beside), (beside, served)] * 3):
            client = connection(writes)
            client.request("POST", "/api/v1/sources", json.dumps(SOURCE | {"id": f"paper-{number}"}), known)
            assert client.getresponse().status == 201
            client.close()
            found.append(asked(reads, f"/api/v1/sources/paper-{number}")[0])
        other.terminate()

    assert found == [200] * 6


@pytest.mark.parametrize(("first", "second"), [("127.0.0.1", "0.0.0.0"), ("0.0.0.0", "127.0.0.1")])  # noqa: S104
def test_a_port_taken_on_one_address_is_taken_on_all(first: str, second: str) -> None:
    with server.listener_at(first, 0) as listener, pytest.raises(SettingError, match="is taken"):
        server.listener_at(second, listener.getsockname()[1])
