"""Signing in with an OpenID provider: a real one, small, on loopback."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.databases.chronology import Chronology
from service.settings import SettingError, Settings, settings_from
from service.web import oidc
from service.web.sessions import proof
from tests.fixtures.openid_provider import CLIENT, SECRET, OpenID, running, sent_back

AWAY = {"REMOTE_ADDR": "203.0.113.5"}
ADA = {"preferred_username": "Ada", "groups": ["desk", "editors", "choir"]}
Change = Callable[[OpenID], Any]


@pytest.fixture
def provider() -> Iterator[OpenID]:
    with running() as provider:
        provider.person = dict(ADA)
        yield provider


def settings_for(provider: OpenID, folder: Path) -> Settings:
    return Settings(
        database=f"sqlite:///{folder}/oidc.db",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_roles="editors=editor, desk=recorder",
    )


@pytest.fixture
def chronology(provider: OpenID, tmp_path: Path) -> Iterator[Chronology]:
    chronology = Chronology(settings_for(provider, tmp_path), follows=True)
    yield chronology
    chronology.close()


@pytest.fixture
def client(chronology: Chronology) -> FlaskClient:
    client = create_app(chronology).test_client()
    client.environ_base.update(AWAY)
    return client


def came_back(client: FlaskClient, path: str = "/sign-in/oidc?next=/sources") -> Any:
    """The answer to who has been at the provider."""
    left = client.get(path)
    assert left.status_code == 302, left.text
    back = urlsplit(sent_back(left.headers["Location"]))
    return client.get(f"{back.path}?{back.query}")


def test_who_the_provider_names_is_signed_in_with_the_role_of_their_group(
    client: FlaskClient, chronology: Chronology, provider: OpenID
) -> None:
    assert provider.issuer.partition("://")[2] in client.get("/").text
    answer = came_back(client)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sources")
    assert 'Ada <span class="role">(editor)' in client.get("/sources").text
    held = client.get_cookie("chronology-session")
    assert held is not None
    body = {"id": "paper", "title": "Paper", "publisher": "Gazette"}
    assert client.post("/api/v1/sources", json=body, headers={"X-CSRF-Token": proof(held.value)}).status_code == 201
    assert '"recorded_by":"Ada"' in client.get("/api/v1/events").text
    assert client.get_cookie("chronology-journey") is None
    assert set(provider.asked) == {"/.well-known/openid-configuration", "/authorize", "/token", "/jwks"}


def test_a_sign_in_is_a_token_that_is_listed_and_can_be_revoked(
    client: FlaskClient, chronology: Chronology, provider: OpenID
) -> None:
    came_back(client)
    (listed,) = chronology.keyring.issued()
    chronology.keyring.revoke(listed["id"], "test")

    assert (listed["name"], listed["role"], listed["issued_by"], listed["subject"]) == (
        "Ada",
        "editor",
        provider.issuer,
        "1",
    )
    assert listed["expires"]
    assert client.get("/sources").status_code == 401


def test_nobody_comes_from_the_provider_under_the_name_of_somebody_with_a_token(
    client: FlaskClient, chronology: Chronology
) -> None:
    chronology.keyring.issue("ada", "reader", "test")
    answer = came_back(client)

    assert (answer.status_code, "or looks like it" in answer.text) == (409, True)
    assert client.get_cookie("chronology-session") is None
    assert len(chronology.keyring.issued()) == 1


def test_the_way_to_the_provider_carries_pkce_state_and_nonce_and_no_secret(client: FlaskClient) -> None:
    left = client.get("/sign-in/oidc?next=//elsewhere.example")
    asked = parse_qs(urlsplit(left.headers["Location"]).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://localhost/sign-in/oidc/back"]
    assert all(len(asked[name][0]) >= 20 for name in ("code_challenge", "state", "nonce"))
    assert SECRET not in left.headers["Location"]
    assert {"HttpOnly", "SameSite=Lax"} <= set(left.headers["Set-Cookie"].split("; "))
    assert came_back(client, "/sign-in/oidc?next=//elsewhere.example").headers["Location"] == "/"


@pytest.mark.parametrize(
    "change",
    [
        lambda provider: provider.person.pop("groups"),
        lambda provider: provider.person.update(groups=["choir"]),
        lambda provider: provider.person.update(groups={"editors": True}),
        lambda provider: provider.person.pop("preferred_username"),
        lambda provider: provider.said.update(nonce="another"),
        lambda provider: provider.said.update(iss="http://127.0.0.1:1"),
        lambda provider: provider.said.update(aud="another"),
        lambda provider: provider.said.update(aud="another", azp=CLIENT),
        lambda provider: provider.said.update(exp=1_700_000_000),
        lambda provider: provider.said.update(id_token=None),
        lambda provider: provider.said.update(sub=""),
        lambda provider: provider.forge(),
        lambda provider: provider.confuse(),
    ],
    ids=["no groups", "no known group", "groups of another form", "no name", "nonce", "issuer", "audience",
         "audience with azp", "over", "no id token", "no subject", "another key", "public key as secret"],
)  # fmt: skip
def test_what_the_provider_says_amiss_opens_no_session(
    client: FlaskClient, chronology: Chronology, provider: OpenID, change: Change
) -> None:
    change(provider)
    answer = came_back(client)

    assert answer.status_code == 403, answer.text
    assert client.get_cookie("chronology-session") is None
    assert chronology.keyring.issued() == []


@pytest.mark.parametrize("name", ["command line", "anybody", "Ada\u202e", "Ada\nEve"])
def test_nobody_signs_in_under_a_name_that_could_be_taken_for_another(
    client: FlaskClient, chronology: Chronology, provider: OpenID, name: str
) -> None:
    provider.person["preferred_username"] = name

    assert came_back(client).status_code == 422
    assert chronology.keyring.issued() == []


def test_a_return_that_nobody_here_set_out_for_is_refused(
    client: FlaskClient, chronology: Chronology, provider: OpenID
) -> None:
    back = urlsplit(sent_back(client.get("/sign-in/oidc").headers["Location"]))
    stranger = create_app(chronology).test_client()
    stranger.environ_base.update(AWAY)

    assert stranger.get(f"{back.path}?{back.query}").status_code == 403
    assert client.get(f"{back.path}?error=access_denied&error_description=canary").status_code == 403
    assert client.get(f"{back.path}?{back.query}").status_code == 303
    assert client.get(f"{back.path}?{back.query}").status_code == 403


def test_a_provider_that_calls_itself_otherwise_or_is_away_signs_nobody_in(
    client: FlaskClient, chronology: Chronology, provider: OpenID, tmp_path: Path
) -> None:
    provider.described = {"issuer": "http://127.0.0.1:1"}
    assert client.get("/sign-in/oidc").status_code == 403
    provider.described = {}
    assert client.get("/sign-in/oidc").status_code == 302

    provider.issuer = "http://127.0.0.1:9"  # nothing listens there
    away = Chronology(settings_for(provider, tmp_path), follows=True)
    assert create_app(away).test_client().get("/sign-in/oidc").status_code == 503
    away.close()


def test_without_a_provider_set_the_way_to_one_is_not_there(sqlite_chronology: Chronology) -> None:
    client = create_app(sqlite_chronology).test_client()

    assert client.get("/sign-in/oidc").status_code == 404
    assert "Sign in with" not in client.get("/sign-in").text


WHOLE = {"ISSUER": "https://id.example", "CLIENT_ID": "c", "CLIENT_SECRET": "s", "ROLES": "a b=editor,c=d=admin"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"CLIENT_SECRET": ""}, "CHRONOLOGY_OIDC_CLIENT_SECRET"),
        ({"ROLES": ""}, "CHRONOLOGY_OIDC_ROLES"),
        ({"ROLES": "editors=emperor"}, "'editors=emperor'"),
        ({"ROLES": "editors"}, "'editors'"),
        ({"ISSUER": "http://id.example"}, "no https address"),
    ],
)
def test_settings_of_a_provider_that_cannot_be_used_are_named(change: dict[str, str], named: str) -> None:
    settings = settings_from({f"CHRONOLOGY_OIDC_{name}": value for name, value in (WHOLE | change).items()})

    with pytest.raises(SettingError, match=named):
        oidc.check(settings)
    assert oidc.check(settings_from({f"CHRONOLOGY_OIDC_{name}": value for name, value in WHOLE.items()})) == {
        "a b": "editor",
        "c=d": "admin",
    }


def test_without_the_extra_the_setting_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_from({f"CHRONOLOGY_OIDC_{name}": value for name, value in WHOLE.items()})
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "authlib" else found(name, *rest)
    )

    with pytest.raises(SettingError, match=r"pip install 'three-clocks\[oidc\]'"):
        oidc.check(settings)
