"""Signing in on the page: what a session may, how it ends, and what no other site can make it do."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.auth.tokens import VERIFIED_SECONDS
from service.databases.chronology import Chronology
from service.pages.desk.sign_in import local
from service.settings import Settings
from service.web.sessions import proof

AWAY = {"REMOTE_ADDR": "203.0.113.5"}
SOURCE = {"id": "paper", "title": "Paper", "publisher": "Gazette", "text": "It is done."}


def browser_of(chronology: Chronology, **base: Any) -> FlaskClient:
    client = create_app(chronology).test_client()
    client.environ_base.update(AWAY | base)
    return client


def signed_in(chronology: Chronology, role: str = "editor", name: str = "Ada") -> tuple[FlaskClient, str]:
    """A browser whose user has signed in, and the id of the token."""
    client = browser_of(chronology)
    token_id, token = chronology.keyring.issue(name, role, "test")
    assert client.post("/sign-in", data={"token": token}).status_code == 303
    return client, token_id


def cookie(client: FlaskClient) -> str:
    held = client.get_cookie("chronology-session")
    assert held is not None
    return held.value


def test_who_signs_in_reads_comes_back_to_the_page_and_is_named_on_it(chronology: Chronology) -> None:
    client = browser_of(chronology)
    asked = client.get("/sources?at=2024-01-01")
    _, token = chronology.keyring.issue("Ada <Editor>", "editor", "test")
    answer = client.post("/sign-in", data={"token": f" {token}\n", "next": "/sources?at=2024-01-01"})

    assert (asked.status_code, asked.headers["WWW-Authenticate"]) == (401, 'Bearer realm="chronology"')
    assert 'name="next" value="/sources?at=2024-01-01"' in asked.text
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sources?at=2024-01-01")
    page = client.get("/sources")
    assert page.status_code == 200
    assert 'Ada &lt;Editor&gt; <span class="role">(editor)' in page.text
    assert 'action="/sign-out"' in page.text
    assert {"Authorization", "Cookie"} <= set(page.headers["Vary"].split(", "))
    assert client.get("/api/v1/sources").headers["Cache-Control"].startswith("private")


def test_a_reader_of_json_is_answered_by_a_problem_and_not_by_the_form(sqlite_chronology: Chronology) -> None:
    answer = browser_of(sqlite_chronology).get("/", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_bound_to_the_host_over_https(
    sqlite_chronology: Chronology,
) -> None:
    _, token = sqlite_chronology.keyring.issue("Ada", "reader", "test")
    plain = browser_of(sqlite_chronology).post("/sign-in", data={"token": token}).headers["Set-Cookie"]
    secure = browser_of(sqlite_chronology).post("/sign-in", data={"token": token}, base_url="https://localhost")

    assert plain.startswith("chronology-session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(plain.split("; "))
    assert secure.headers["Set-Cookie"].startswith("__Host-chronology-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(secure.headers["Set-Cookie"].split("; "))
    assert token not in plain
    assert "Domain" not in secure.headers["Set-Cookie"]


@pytest.mark.parametrize("settings", [{"secure_cookies": True}, {"proxies": 1}], ids=str)
def test_behind_a_proxy_that_ends_tls_the_cookie_is_secure(tmp_path: Path, settings: dict[str, Any]) -> None:
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/s.db", **settings), follows=True)
    _, token = chronology.keyring.issue("Ada", "reader", "test")
    client = browser_of(chronology, HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_FOR="198.51.100.7")

    assert client.post("/sign-in", data={"token": token}).headers["Set-Cookie"].startswith("__Host-")
    chronology.close()


def test_a_session_dies_with_its_token_at_its_own_end_and_at_sign_out(chronology: Chronology) -> None:
    revoked, token_id = signed_in(chronology)
    chronology.keyring.revoke(token_id, "test")
    assert revoked.get("/").status_code == 401

    left, _ = signed_in(chronology)
    stolen = cookie(left)
    assert left.post("/sign-out", data={"csrf_token": proof(stolen)}).status_code == 303
    assert left.get_cookie("chronology-session") is None
    left.set_cookie("chronology-session", stolen)
    assert left.get("/").status_code == 401

    ended = browser_of(chronology)
    bearer = chronology.keyring.bearer_of(chronology.keyring.issue("Eve", "reader", "test")[1])
    ended.set_cookie("chronology-session", chronology.keyring.open_session(bearer, timedelta(microseconds=1)))
    assert ended.get("/").status_code == 401


def test_a_session_ends_no_later_than_its_token(chronology: Chronology) -> None:
    _, token = chronology.keyring.issue("Ada", "reader", "test", timedelta(hours=1))
    bearer = chronology.keyring.bearer_of(token)
    session = chronology.keyring.open_session(bearer, timedelta(hours=12))

    assert chronology.keyring.bearer_of_session(session).until == bearer.until


def test_what_another_process_revokes_is_refused_before_a_second_is_over(chronology: Chronology) -> None:
    client, token_id = signed_in(chronology)
    other = Chronology(chronology.settings)
    assert client.get("/").status_code == 200
    other.keyring.revoke(token_id, "test")

    assert VERIFIED_SECONDS <= 0.5
    chronology.keyring._verified.expire(time.monotonic() + VERIFIED_SECONDS)  # as if half a second had gone by
    assert client.get("/").status_code == 401
    other.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-CSRF-Token": "0" * 64}, 403),
        ({"X-CSRF-Token": "é"}, 403),
        ({"X-CSRF-Token": "PROOF"}, 201),
        ({"X-CSRF-Token": "PROOF", "Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 201),
        ({"X-CSRF-Token": "PROOF", "Origin": "http://elsewhere.example"}, 403),
        ({"X-CSRF-Token": "PROOF", "Origin": "http://[", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"X-CSRF-Token": "PROOF", "Origin": "null"}, 403),
        ({"X-CSRF-Token": "PROOF", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-CSRF-Token": "PROOF", "Sec-Fetch-Site": "same-site"}, 403),
        ({"X-CSRF-Token": "OTHER"}, 403),
    ],
)
def test_what_a_session_writes_through_the_api_needs_its_proof_and_must_come_from_here(
    sqlite_chronology: Chronology, headers: dict[str, str], status: int
) -> None:
    client, _ = signed_in(sqlite_chronology)
    other, _ = signed_in(sqlite_chronology, name="Ben")
    proofs = {"PROOF": proof(cookie(client)), "OTHER": proof(cookie(other))}
    sent = {name: proofs.get(value, value) for name, value in headers.items()}
    answer = client.post("/api/v1/sources", json=SOURCE, headers=sent)

    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.content_type == "application/problem+json"
        assert answer.get_json()["type"] == "urn:chronology:problem:cross-site"
        assert sqlite_chronology.record.head() == 0
    else:
        assert client.get("/api/v1/events").text.count('"recorded_by":"Ada"') == 1


def test_a_bearer_token_needs_no_proof_and_wins_over_the_session(sqlite_chronology: Chronology) -> None:
    client, _ = signed_in(sqlite_chronology, "reader", "Ada")
    _, token = sqlite_chronology.keyring.issue("Ben", "recorder", "test")
    written = client.post("/api/v1/sources", json=SOURCE, headers={"Authorization": f"Bearer {token}"})
    mistaken = client.get("/api/v1/sources", headers={"Authorization": f"Bearer {token[:-1]}"})

    assert written.status_code == 201
    assert client.get("/api/v1/events").text.count('"recorded_by":"Ben"') == 1
    assert mistaken.status_code == 401


def test_a_sign_in_from_another_site_is_refused(sqlite_chronology: Chronology) -> None:
    client, (_, token) = browser_of(sqlite_chronology), sqlite_chronology.keyring.issue("Mallory", "reader", "test")
    answer = client.post("/sign-in", data={"token": token}, headers={"Origin": "https://elsewhere.example"})

    assert answer.status_code == 403
    assert client.get_cookie("chronology-session") is None


@pytest.mark.parametrize("given", ["", "guess", "chr_0123456789ab_" + "x" * 43, "\ud800", "é" * 99])
def test_a_token_that_is_not_valid_opens_no_session_and_is_not_repeated(
    sqlite_chronology: Chronology, given: str
) -> None:
    client = browser_of(sqlite_chronology)
    answer = client.post(
        "/sign-in",
        data=b"token=" + given.encode("utf-8", "surrogatepass"),
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert not given or given not in answer.text
    assert client.get_cookie("chronology-session") is None


def test_a_session_that_was_never_opened_here_is_forgotten_and_reading_goes_on(sqlite_chronology: Chronology) -> None:
    client = create_app(sqlite_chronology).test_client()
    client.set_cookie("chronology-session", "0123456789ab_" + "x" * 43)

    assert client.get("/").status_code == 200
    assert client.get_cookie("chronology-session") is None


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", "sources",
     "/\t/elsewhere.example", "/\n", "", "/sign-out", "/sign-in?next=/"],
)  # fmt: skip
def test_a_sign_in_returns_to_no_other_site(address: str) -> None:
    assert local(address) == "/"
    assert local("/sources?q=a%20b") == "/sources?q=a%20b"


def test_sign_ins_and_outs_name_who_made_them_and_keep_no_secret(chronology: Chronology) -> None:
    client, token_id = signed_in(chronology)
    session = cookie(client)
    client.post("/sign-out", data={"csrf_token": proof(session)})
    stored = chronology.keyring.recorder.select_notifications(1, 10)
    events: list[Any] = [chronology.keyring.mapper.to_domain_event(each) for each in stored]

    assert [type(each).__name__ for each in events] == ["TokenIssued", "SessionOpened", "SessionClosed"]
    assert [events[0].issued_by, events[1].opened_by, events[2].closed_by] == ["test", "Ada", "Ada"]
    assert events[1].token == token_id
    assert all(session.partition("_")[2].encode() not in each.state for each in stored)
    assert len(chronology.keyring.issued()) == 1
