"""Under which names the service is reached: a page of another name that leads to this machine reads nothing (DNS rebinding)."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.app import create_app
from service.cli.main import main
from service.databases.chronology import Chronology
from service.settings import SettingError, Settings, settings_from
from service.web import oidc
from tests.fixtures.servers import serving

OURS = ["localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:8000", "[::1]:8000", "[::1]"]


def statuses(tmp_path: Path, asked: list[str], path: str = "/api/v1/facts", **settings: str) -> list[int]:
    """How a request is answered that names each of the hosts."""
    chronology = Chronology(
        Settings(database=f"sqlite:///{tmp_path}/c.db", public_reading=True, **settings), follows=True
    )
    client = create_app(chronology).test_client()
    found = [client.get(path, headers={"Host": host}).status_code for host in asked]
    chronology.close()
    return found


def test_on_this_machine_alone_only_its_own_names_are_answered(tmp_path: Path) -> None:
    assert statuses(tmp_path, OURS) == [200] * len(OURS)
    others = ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"]
    assert statuses(tmp_path, others) == [421] * len(others)
    assert statuses(tmp_path, others, "/") == [421] * len(others)


def test_names_that_are_set_are_answered_too(tmp_path: Path) -> None:
    hosts = "Desk.Example, archive.example"
    assert statuses(tmp_path, [*OURS, "desk.example", "archive.example:443"], hosts=hosts) == [200] * (len(OURS) + 2)
    assert statuses(tmp_path, ["evil.example", "x.desk.example"], hosts=hosts) == [421, 421]


def test_on_other_addresses_any_name_is_answered_unless_names_are_set(tmp_path: Path) -> None:
    assert statuses(tmp_path, ["anything.example"], host="192.0.2.1") == [200]
    assert statuses(tmp_path, ["anything.example", "desk.example"], host="192.0.2.1", hosts="desk.example") == [
        421,
        200,
    ]


def test_probes_are_answered_under_any_name(tmp_path: Path) -> None:
    for path in ("/healthz", "/readyz"):
        assert statuses(tmp_path, ["10.1.2.3:8000", ""], path) == [200, 200]


def test_a_request_without_a_host_or_with_one_that_is_none_is_refused(tmp_path: Path) -> None:
    assert statuses(tmp_path, ["", "localhost, localhost", "me@localhost", "local host"], host="192.0.2.1") == [400] * 4


def test_the_refusal_is_a_problem_that_names_the_host_and_the_setting(sqlite_chronology: Chronology) -> None:
    answer = create_app(sqlite_chronology).test_client().get("/api/v1/facts", headers={"Host": "evil.example"})

    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["type"] == "urn:chronology:problem:misdirected-request"
    assert "'evil.example'" in answer.get_json()["detail"]
    assert "CHRONOLOGY_HOSTS" in answer.get_json()["detail"]


def test_nobody_signs_in_under_another_name(sqlite_chronology: Chronology) -> None:
    _, token = sqlite_chronology.keyring.issue("Ada", "admin", "test")
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    answer = create_app(sqlite_chronology).test_client().post("/sign-in", data={"token": token}, headers=headers)

    assert answer.status_code == 421
    assert "Set-Cookie" not in answer.headers


def test_no_answer_leads_to_an_address_made_of_the_name_that_was_asked(tmp_path: Path) -> None:
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/c.db", host="192.0.2.1"), follows=True)
    client = create_app(chronology).test_client()
    for path in ("/api//v1/facts", "//actors", "/actors/", "/static", "/sign-out"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in answer.headers.get("Location", "")
    chronology.close()


def test_signing_in_with_a_provider_asks_for_the_names_of_the_service_where_any_would_do() -> None:
    given = {
        "oidc_issuer": "https://id.example",
        "oidc_client_id": "c",
        "oidc_client_secret": "s",
        "oidc_roles": "a=admin",
    }
    with pytest.raises(SettingError, match="CHRONOLOGY_HOSTS is needed too"):
        oidc.check(Settings(host="192.0.2.1", **given))
    assert oidc.check(Settings(host="192.0.2.1", hosts="desk.example", **given)) == {"a": "admin"}


@pytest.mark.parametrize(
    "hosts", ["https://desk.example", "desk.example/", "a b", "desk.example,,x", "desk.example:80"]
)
def test_names_that_are_none_stop_the_service(hosts: str) -> None:
    with pytest.raises(SettingError, match="CHRONOLOGY_HOSTS"):
        settings_from({"CHRONOLOGY_HOSTS": hosts})


def test_the_address_given_on_the_command_line_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Settings] = []
    monkeypatch.setattr("service.cli.serve._answer", lambda settings, _: started.append(settings))
    monkeypatch.setattr("service.cli.serve._begin", lambda _: None)
    runner = CliRunner(env={"CHRONOLOGY_DATABASE": f"sqlite:///{tmp_path}/c.db"})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    assert runner.invoke(main, ["serve", "--host", "0.0.0.0", "--port", port]).exit_code == 0  # noqa: S104

    assert started[0].names == []


def test_over_a_connection_two_names_or_none_are_refused() -> None:
    with serving("sqlite") as served:
        for names in ("", "Host: localhost\r\nHost: evil.example\r\n", "Host: localhost\r\nHost: localhost\r\n"):
            with socket.create_connection(("127.0.0.1", served.port), timeout=10) as client:
                client.sendall(f"GET /api/v1/facts HTTP/1.1\r\n{names}Connection: close\r\n\r\n".encode())
                assert client.recv(100).startswith(b"HTTP/1.1 400 ")
