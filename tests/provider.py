"""A small OpenID provider on loopback: it signs in whom the test names, checks PKCE and the client's secret."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "chronology", "canary-client-secret"


@cache
def _key(_: str) -> Any:
    return RSAKey.generate_key(2048, {"kid": "one"}, private=True)


class OpenID:
    """The provider: `person` is who signs in, `said` what it says otherwise than it should."""

    def __init__(self) -> None:
        self.issuer = ""
        self.person: dict[str, Any] = {}
        self.said: dict[str, Any] = {}
        self.described: dict[str, Any] = {}
        self.asked: list[str] = []
        self.key: Any = _key("sig")
        self.published: Any = self.key
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self._given: dict[str, dict[str, str]] = {}
        self.app = Flask("provider")
        self.app.before_request(lambda: self.asked.append(request.path))
        self.app.add_url_rule("/.well-known/openid-configuration", view_func=self.configuration)
        self.app.add_url_rule("/authorize", view_func=self.authorize)
        self.app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.app.add_url_rule("/jwks", view_func=self.jwks)

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        } | self.described

    def authorize(self) -> Any:
        asked = request.args
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        code = f"code-{len(self._given)}"
        self._given[code] = asked.to_dict()
        return redirect(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    def token(self) -> Any:
        given = self._given.pop(request.form["code"], None)
        challenge = urlsafe_b64encode(hashlib.sha256(request.form["code_verifier"].encode()).digest()).rstrip(b"=")
        is_client = request.authorization is not None and request.authorization.password == SECRET
        if given is None or not is_client or challenge.decode() != given["code_challenge"]:
            return {"error": "invalid_grant"}, 400
        if self.said.get("id_token", "") is None:
            return {"access_token": "opaque", "token_type": "Bearer"}
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": int(time.time()), "exp": int(time.time()) + 60}
        claims |= {"nonce": given["nonce"]} | self.person | self.said
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": self.sign(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def jwks(self) -> Any:
        return KeySet([self.published]).as_dict(private=False)

    def forge(self) -> None:
        """Sign with another key of the same name."""
        self.key = _key("another")

    def confuse(self) -> None:
        """Sign with the public key as if it were a shared secret; by hand, as no library does it."""
        public = self.key.as_pem(private=False)
        self.sign = lambda claims: _signed_by_hand(claims, public)


def _signed_by_hand(claims: dict[str, Any], secret: bytes) -> str:
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256"}, claims)]
    mark = urlsafe_b64encode(hmac.digest(secret, b".".join(parts), "sha256")).rstrip(b"=")
    return b".".join([*parts, mark]).decode()


@contextmanager
def running() -> Iterator[OpenID]:
    """A provider that listens."""
    provider = OpenID()
    server = make_server("127.0.0.1", 0, provider.app, threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, name="provider", daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()


def sent_back(address: str) -> str:
    """Where the provider sends a browser that asks for the address."""
    import requests

    answer: Response | Any = requests.get(address, allow_redirects=False, timeout=10)
    return str(answer.headers["Location"])
