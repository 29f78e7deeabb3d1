"""Signing in with an OpenID provider: authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0).

The provider is the only other host that the service ever speaks to. What it says of a person becomes a token that
lasts as long as their session, so that it is listed and can be revoked like any other.
"""

import hashlib
import hmac
import importlib.util
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from service.auth.roles import ROLES, Forbidden
from service.settings import SettingError, Settings
from service.web import sessions

SECONDS_TO_SIGN_IN = 600
_TIMEOUT_SECONDS = 10
_SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")


class _Journey(SecureCookieSessionInterface):
    """Flask's signed cookie, for the minutes between leaving for the provider and coming back."""

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002 as Flask has it
        """Its name, bound to this host over https."""
        return sessions.cookie_named("chronology-journey")

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 as Flask has it
        """Whether it goes over https only."""
        return sessions.is_secure()


def check(settings: Settings) -> dict[str, str]:
    """The role of each group; nothing where no provider is set.

    Raises:
        SettingError: a setting is missing or cannot be read, or the extra is not installed.
    """
    if not settings.oidc_issuer:
        return {}
    if importlib.util.find_spec("authlib") is None or importlib.util.find_spec("requests") is None:
        raise SettingError(
            "CHRONOLOGY_OIDC_ISSUER is set, which needs: "
            "pip install 'three-clocks[oidc]', or from a checkout pip install '.[oidc]'"
        )
    for name in ("oidc_client_id", "oidc_client_secret", "oidc_roles"):
        if not getattr(settings, name):
            raise SettingError(f"CHRONOLOGY_OIDC_ISSUER is set, so CHRONOLOGY_{name.upper()} is needed too")
    if not settings.names:  # the provider sends the browser back to the name that was asked
        raise SettingError("CHRONOLOGY_OIDC_ISSUER is set, so CHRONOLOGY_HOSTS is needed too, with the service's name")
    issuer = urlsplit(settings.oidc_issuer)
    is_near = issuer.hostname in ("127.0.0.1", "::1", "localhost")
    if issuer.scheme != "https" and not (issuer.scheme == "http" and is_near):
        raise SettingError(f"CHRONOLOGY_OIDC_ISSUER={settings.oidc_issuer!r} is no https address")
    return _roles(settings.oidc_roles)


def _roles(text: str) -> dict[str, str]:
    roles = {}
    for pair in text.split(","):
        group, _, role = (part.strip() for part in pair.rpartition("="))
        if not group or role not in ROLES:
            raise SettingError(f"CHRONOLOGY_OIDC_ROLES: {pair!r} is not GROUP=ROLE with one of {', '.join(ROLES)}")
        roles[group] = role
    return roles


def register(app: Flask, settings: Settings) -> None:
    """Offer to sign in with the provider of the settings, where there is one."""
    app.jinja_env.globals["oidc_issuer"] = urlsplit(settings.oidc_issuer).netloc
    roles = check(settings)
    if not settings.oidc_issuer:
        return
    from authlib.integrations.flask_client import OAuth

    logging.getLogger("authlib").setLevel(logging.INFO)  # at DEBUG it writes the PKCE verifier into the log
    secret = settings.oidc_client_secret.encode()
    app.secret_key = hmac.digest(secret, b"chronology journey", hashlib.sha256)  # the same in every process
    app.session_interface = _Journey()
    app.config.update(PERMANENT_SESSION_LIFETIME=timedelta(seconds=SECONDS_TO_SIGN_IN), SESSION_COOKIE_SAMESITE="Lax")
    options = {"scope": settings.oidc_scope, "code_challenge_method": "S256", "default_timeout": _TIMEOUT_SECONDS}
    client = OAuth(app).register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs=options,
    )
    app.extensions["provider"] = Provider(client, settings, roles)


class Provider:
    """The OpenID provider that the settings name; `client` is Authlib's, `roles` has the role of each group."""

    def __init__(self, client: Any, settings: Settings, roles: dict[str, str]) -> None:
        self._client = client
        self._settings = settings
        self._roles = roles

    def leave(self, back: str) -> Any:
        """A redirect to the provider, which will send the browser back."""
        self._described()
        return self._client.authorize_redirect(back)

    def returned(self) -> dict[str, Any]:
        """The claims of who has come back, checked: signature, issuer, audience, nonce, end.

        Raises:
            Forbidden: there are none.
        """
        self._described()
        options = {
            "iss": {"essential": True, "values": [self._settings.oidc_issuer]},
            "aud": {"essential": True, "values": [self._settings.oidc_client_id]},
        }
        claims = self._client.authorize_access_token(claims_options=options).get("userinfo")
        if not claims:
            raise Forbidden("the provider has not said who signs in")
        return dict(claims)

    def _described(self) -> None:
        """The provider's description of itself, read once; it must be its own (OpenID Connect Discovery 1.0, 4.3)."""
        said = self._client.load_server_metadata()
        if said.get("issuer") != self._settings.oidc_issuer:
            said.pop("_loaded_at", None)
            raise Forbidden("the provider calls itself otherwise than CHRONOLOGY_OIDC_ISSUER does")
        offered = said.get("id_token_signing_alg_values_supported") or ["RS256"]
        said["id_token_signing_alg_values_supported"] = [each for each in offered if each in _SIGNATURES]

    def name_in(self, claims: dict[str, Any]) -> str:
        """The name under which they record; Forbidden if the claim is not there."""
        name = _claim(claims, self._settings.oidc_name_claim)
        if not isinstance(name, str) or not name:
            raise Forbidden(f"the provider gives no name as {self._settings.oidc_name_claim}")
        return name

    def subject_in(self, claims: dict[str, Any]) -> str:
        """Who they are to the provider, whatever their name (OpenID Connect Core 1.0, 2); Forbidden if not said."""
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise Forbidden("the provider does not say who signs in (sub)")
        return subject

    def role_in(self, claims: dict[str, Any]) -> str:
        """The greatest role that their groups have; Forbidden if none has one."""
        held = _claim(claims, self._settings.oidc_role_claim)
        groups = [held] if isinstance(held, str) else held if isinstance(held, list) else []
        found = [self._roles[group] for group in groups if isinstance(group, str) and group in self._roles]
        if not found:
            raise Forbidden(f"none of the groups in {self._settings.oidc_role_claim} has a role here")
        return max(found, key=ROLES.index)


def _claim(claims: dict[str, Any], name: str) -> Any:
    """A claim by its name; dots lead into claims that hold others."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
