"""Who may do what: every route for every role in one table, both settings of public reading, and the rates."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from events.errors import Invalid
from events.kinds.swap import SwapAgreed
from service.app import create_app
from service.auth.names import clear_name
from service.auth.rate_limits import Buckets
from service.auth.roles import ROLES, neighbourhood
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.stories import Chronicle

AWAY, HERE = {"REMOTE_ADDR": "203.0.113.5"}, {"REMOTE_ADDR": "127.0.0.1"}
API = "/api/v1"
NEEDS = {
    "reader": """
        GET / /accounts /actors /actors/<name> /chronology /chronology.json /checks /chronology.svg /story.json /cite/<kind>/<name> /compare /csv/<table> /docs /embed/chronology /embed.js /embed/subjects/<name> /oembed /facts/<name> /help /metrics /moments.json
        GET /news /position.json /search /sources /sources/<name> /subjects/<name> /subjects/<name>/timemap API/subjects/<subject>/timemap
        POST /sign-out /checks
        GET API/feed.<suffix>
        GET /checkpoint API/checkpoint API/checkpoint/key API/proofs/consistency API/proofs/inclusion
        GET API/audit/<subject>/<path:finding> API/diff API/events API/facts API/facts/<fact_id> API/openapi.json
        GET API/facts.<suffix> API/values.<suffix> API/agenda.<suffix> API/spans.<suffix> API/audit/<subject>/<path:finding>.<any('prov.json','ttl'):suffix>
        GET API/values API/subjects/<subject>/values API/replay API/sources API/sources/<source> API/sources/<source>/facts API/sources/<source>/text
        GET API/sources/<source>/original
        GET API/subjects API/subjects/<subject> API/subjects/<subject>/understanding API/agenda API/citations API/kinds API/kinds/<kind> API/chronicle API/search API/names
        POST API/checks API/suggestions /mcp
    """,
    "recorder": """
        GET API/proposals /proposals /desk/<of>/<name>/<act> /desk /desk/table /desk/sources/<name> /desk/sources/<name>/fact
        POST /desk/<of>/<name>/<act> /desk/sources/<name>/fact
        POST API/facts API/facts/<fact_id>/corroborations API/sources API/sources/<source>/revisions API/subjects
        POST API/documents /desk /desk/sources /desk/table API/proposals API/proposals/<proposal>/words
    """,
    "editor": """
        POST API/facts/<fact_id>/amendments/<int:n>/withdrawal API/facts/<fact_id>/corrections API/facts/<fact_id>/disputes
        POST API/facts/<fact_id>/reinstatements API/facts/<fact_id>/retractions API/sources/<source>/corrections
        POST API/sources/<source>/withdrawals API/subjects/<subject>/merges API/subjects/<subject>/splits
        POST API/subjects/<subject>/regroupings/<int:n>/withdrawal API/sources/<source>/withdrawals/<int:n>/withdrawal
        POST API/subjects/<subject>/verdicts API/subjects/<subject>/verdicts/<int:n>/withdrawal
        POST API/chronicle API/proposals/<proposal>/acceptance API/proposals/<proposal>/rejection /proposals /proposals/<name>
    """,
    "admin": """
        POST API/tokens API/hooks API/hooks/<hook>/resumption API/facts/<fact_id>/redactions API/sources/<source>/redactions
        POST API/subjects/<subject>/redactions API/proposals/<proposal>/redactions
        GET API/tokens API/hooks
        DELETE API/tokens/<token> API/hooks/<hook>
    """,
    "": """
        GET /healthz /readyz /sign-in /sign-in/oidc /sign-in/oidc/back /static/<path:filename>
        POST /sign-in
    """,
}
ASKERS = ("nobody from elsewhere", "nobody on this machine", *ROLES)


def table() -> dict[tuple[str, str], str]:
    """The role that each method and route needs; none where it is empty."""
    lines = [(role, line.split()) for role, text in NEEDS.items() for line in text.strip().splitlines()]
    return {(words[0], path.replace("API", API)): role for role, words in lines for path in words[1:]}


def refusal(asker: str, needed: str) -> int | None:
    """How the asker is refused what needs the role, or None."""
    if not needed:
        return None
    if asker in ROLES:
        return None if ROLES.index(asker) >= ROLES.index(needed) else 403
    return None if asker.endswith("machine") and needed == "reader" else 401


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        for method in rule.methods or ():
            if method not in ("HEAD", "OPTIONS"):
                yield method, str(rule)


def address(rule: str) -> str:
    return rule.replace("<int:n>", "1").replace("<", "").replace(">", "").replace("path:", "")


def asked(client: FlaskClient, method: str, rule: str, **sent: Any) -> int:
    with client.open(address(rule), method=method, **sent) as answer:
        return int(answer.status_code)


def test_every_route_is_open_to_exactly_those_whom_the_table_names(sqlite_chronology: Chronology) -> None:
    app, needed = create_app(sqlite_chronology), table()
    client = app.test_client(use_cookies=False)
    tokens = {role: sqlite_chronology.keyring.issue(role, role, "test")[1] for role in ROLES}
    assert set(routes(app)) == set(needed)

    wrong = []
    for (method, rule), role in needed.items():
        for asker in ASKERS:
            headers = {"Authorization": f"Bearer {tokens[asker]}"} if asker in tokens else {}
            base = HERE if asker.endswith("machine") else AWAY
            is_alone = method == "GET" and ("POST", rule) not in needed and asker not in ROLES
            methods = [method, "HEAD", "OPTIONS"] if is_alone else [method]
            for each in methods:
                status = asked(client, each, rule, headers=headers, environ_base=base)
                expected = None if each == "OPTIONS" else refusal(asker, role)  # so that pages elsewhere may ask
                is_right = status == expected if expected else status not in (401, 403)
                if not is_right and (each, rule) != ("POST", "/sign-in"):  # whose own answer to no token is 401
                    wrong.append((asker, each, rule, status, expected))
    assert wrong == []


def test_a_session_without_its_proof_reads_and_writes_nothing(sqlite_chronology: Chronology) -> None:
    app = create_app(sqlite_chronology)
    client = app.test_client()
    _, token = sqlite_chronology.keyring.issue("Ada", "admin", "test")
    client.post("/sign-in", data={"token": token}, environ_base=AWAY)

    for method, rule in sorted(set(routes(app)) - {("POST", "/sign-in")}):
        is_safe = method == "GET"
        assert (asked(client, method, rule, environ_base=AWAY) == 403) is not is_safe, (method, rule)


@pytest.mark.parametrize("public", [False, True])
def test_anybody_reads_from_elsewhere_only_where_reading_is_public(tmp_path: Path, public: bool) -> None:
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/p.db", public_reading=public), follows=True)
    client = create_app(chronology).test_client()

    for method, rule in [("GET", "/"), ("GET", f"{API}/subjects"), ("GET", f"{API}/events"), ("GET", "/metrics")]:
        assert asked(client, method, rule, environ_base=AWAY) == (200 if public else 401)
        assert asked(client, method, rule, environ_base=HERE) == 200
    assert asked(client, "POST", f"{API}/facts", environ_base=AWAY) == 401
    assert asked(client, "GET", f"{API}/tokens", environ_base=AWAY) == 401
    chronology.close()


def test_behind_a_proxy_nobody_counts_as_of_this_machine(tmp_path: Path) -> None:
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/p.db", proxies=1), follows=True)
    client = create_app(chronology).test_client()

    assert asked(client, "GET", f"{API}/subjects", environ_base=HERE) == 401
    assert asked(client, "GET", f"{API}/subjects", environ_base=HERE, headers={"X-Forwarded-For": "127.0.0.1"}) == 401
    chronology.close()


def test_who_asks_more_than_the_rate_is_told_when_to_ask_again_and_nobody_else_is(tmp_path: Path) -> None:
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/r.db", rate=0.2), follows=True)
    client = create_app(chronology).test_client()
    ada, ben = (
        {"Authorization": f"Bearer {chronology.keyring.issue(name, 'reader', 'test')[1]}"} for name in ("Ada", "Ben")
    )
    first, again = (client.get(f"{API}/sources", headers=ada, environ_base=AWAY) for _ in range(2))
    page = client.get("/", headers=ada, environ_base=AWAY)

    assert (first.status_code, again.status_code, page.status_code) == (200, 429, 429)
    assert again.content_type == "application/problem+json"
    assert again.get_json()["type"] == "urn:chronology:problem:too-many-requests"
    assert 1 <= int(again.headers["Retry-After"]) <= 5
    assert page.headers["Retry-After"]
    assert client.get(f"{API}/sources", headers=ben, environ_base=AWAY).status_code == 200
    assert [client.get(f"{API}/sources").status_code for _ in range(2)] == [200, 429]
    assert [client.get("/healthz").status_code for _ in range(3)] == [200, 200, 200]
    chronology.close()


def test_guessing_tokens_is_stopped_for_the_address_and_no_valid_token_is_shut_out_by_it(
    sqlite_chronology: Chronology,
) -> None:
    client = create_app(sqlite_chronology).test_client()
    token = sqlite_chronology.keyring.issue("Ada", "reader", "test")[1]
    new = sqlite_chronology.keyring.issue("Ben", "reader", "test")[1]

    def status(token: str, **base: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return client.get(f"{API}/sources", headers=headers, environ_base=AWAY | base).status_code

    assert status(token) == 200
    assert [status(f"chr_0123456789ab_{number:043}") for number in range(12)] == [401] * 10 + [429] * 2
    assert client.post("/sign-in", data={"token": "guess"}, environ_base=AWAY).status_code == 429
    assert (status(token), status(new)) == (200, 200)
    assert client.post("/sign-in", data={"token": new}, environ_base=AWAY).status_code == 303
    assert status(new, REMOTE_ADDR="203.0.113.6") == 200
    assert status("guess", REMOTE_ADDR="203.0.113.6") == 401


def test_a_replay_ends_where_its_token_is_revoked(sqlite_chronology: Chronology) -> None:
    chronicle = Chronicle(sqlite_chronology)
    for subject in ("one", "two", "three", "four"):
        chronicle.given(SwapAgreed, subject)
    name, token = sqlite_chronology.keyring.issue("Ada", "reader", "test")
    headers = {"Authorization": f"Bearer {token}"}
    client = create_app(sqlite_chronology).test_client()
    whole = client.get(f"{API}/replay", headers=headers).text.splitlines()
    with client.get(f"{API}/replay", headers=headers, buffered=False) as answer:
        lines = iter(answer.iter_encoded())
        next(lines)
        sqlite_chronology.keyring.revoke(name, "test")
        assert len(list(lines)) < len(whole) - 1


def test_a_bucket_fills_again_and_the_longest_unused_is_forgotten() -> None:
    now = 0.0
    buckets = Buckets(2, 4, most=2, now=lambda: now)
    assert [buckets.take("ada") for _ in range(5)] == [0, 0, 0, 0, 0.5]
    now = 0.5
    assert [buckets.take("ada") for _ in range(2)] == [0, 0.5]

    buckets.take("ben")
    buckets.take("eve")

    assert buckets.empty("ada") == 0
    assert len(buckets._held) == 2


def test_addresses_of_one_network_count_as_one() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff") != neighbourhood("2001:db8:0:1::1")
    assert neighbourhood("::ffff:192.0.2.1") == neighbourhood("192.0.2.1") != neighbourhood("192.0.2.2")
    assert neighbourhood(None) == neighbourhood("unix:") == "?"


@pytest.mark.parametrize(
    "name",
    ["", " ", " Ada", "Ada  Lovelace", "Ada\n", "Ada\x00", "Ada\x1b[2J", "Ada\u200b", "Ada\u202e", "A\u0308da", "Ada\u00a0L",
     "\ue000", "\ud800", "x" * 201, "command line", "Anybody"],
)  # fmt: skip
def test_a_name_that_could_be_taken_for_another_is_refused(sqlite_chronology: Chronology, name: str) -> None:
    with pytest.raises(Invalid):
        sqlite_chronology.keyring.issue(name, "reader", "test")
    assert sqlite_chronology.keyring.issued() == []
    assert clear_name("Zoë O-Hara-王 (night desk)") == "Zoë O-Hara-王 (night desk)"


def test_every_documented_route_says_that_too_much_is_refused(sqlite_chronology: Chronology) -> None:
    document = create_app(sqlite_chronology).test_client().get(f"{API}/openapi.json").get_json()

    for path, item in document["paths"].items():
        for method, call in item.items():
            if method != "parameters":
                assert {"401", "429"} <= set(call["responses"]), (method, path)
