"""Canary values planted wherever a secret enters, and every place searched where one could come out.

`python -m tests.hostile.canaries` prints how many places were searched.
"""

import logging
import sqlite3
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from click.testing import CliRunner

from service.app import create_app
from service.cli.main import main
from service.databases.chronology import Chronology
from service.settings import Settings
from service.web.sessions import proof
from tests.fixtures.openid_provider import CLIENT, SECRET, running, sent_back

AWAY = {"REMOTE_ADDR": "203.0.113.5"}
TEXT = "canary-text-of-a-source stands here."
HEADER = "canary-request-header"
REFUSED = "canary-of-a-refused-body"
PASSWORD = "canary-database-password"  # noqa: S105 it is planted
GUESS = "chr_0123456789ab_canary-guess"


class _Kept(logging.Handler):
    """Every line that anything logs, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Search:
    """A service driven with canaries: its answers by place, and the canaries by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places: list[tuple[str, str]] = []
        self.canaries = {"header": HEADER, "text": TEXT[:23], "refused": REFUSED, "password": PASSWORD}
        self.canaries |= {"client secret": SECRET, "guess": GUESS}

    def keep(self, place: str, answer: Any, *, secrets_only: bool = False) -> Any:
        """Search an answer: its body and its headers, the cookie it sets aside; `secrets_only`: what it is for."""
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers if name != "Set-Cookie")
        self.places.append(
            (f"{'words of ' if secrets_only else ''}{place}", f"{answer.status}\n{headers}\n{answer.text}")
        )
        return answer

    def found(self) -> list[tuple[str, str]]:
        """Where a canary came out that must not: the place and the canary's name."""
        words = ("text", "refused")  # what recorded and refused texts are for is to be shown to who asks for them
        return [
            (place, name)
            for place, content in self.places
            for name, canary in self.canaries.items()
            if canary in content and not (place.startswith("words of ") and name in words)
        ]


def search(folder: Path, *, away: bool = False) -> Search:
    """Drive a service, also where it fails, with everything logged; `away`: also without its database, for 90 s."""
    log, root = _Kept(), logging.getLogger()
    before = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    made = Search(folder)
    try:
        with running() as provider:
            provider.person = {"preferred_username": "Eve", "groups": ["desk"]}
            chronology = Chronology(_settings(folder, provider.issuer), follows=True)
            _drive(made, chronology)
            _fail(made, chronology)
            chronology.close()
        _settle(made)
        if away:
            _away(made)
    finally:
        root.removeHandler(log)
        root.setLevel(before)
    made.places += [("log", line) for line in log.lines]
    return made


def _settings(folder: Path, issuer: str) -> Settings:
    return Settings(
        database=f"sqlite:///{folder}/canaries.db",
        oidc_issuer=issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_roles="desk=recorder",
    )


def _drive(made: Search, chronology: Chronology) -> None:
    client = create_app(chronology).test_client()
    client.environ_base.update(AWAY | {"HTTP_X_CANARY": HEADER, "HTTP_USER_AGENT": HEADER})
    _, token = chronology.keyring.issue("Ada", "admin", "test")
    made.canaries["token"] = token.split("_", 2)[2]
    made.keep("sign-in", client.post("/sign-in", data={"token": token}))
    session = client.get_cookie("chronology-session")
    assert session is not None
    made.canaries["session"] = session.value
    sent = {"X-CSRF-Token": proof(session.value)}
    source = {"id": "paper", "title": "Paper", "publisher": "Gazette", "text": TEXT}
    made.keep("recording", client.post("/api/v1/sources", json=source, headers=sent))
    for path in ("/", "/sources", "/docs", "/sign-in", "/readyz", "/healthz", "/metrics", "/position.json"):
        made.keep(path, client.get(path))
    for path in ("/api/v1/subjects", "/api/v1/tokens", "/api/v1/openapi.json", "/api/v1/sources"):
        made.keep(path, client.get(path))
    for path in ("/api/v1/events", "/api/v1/sources/paper/text", "/sources/paper"):
        made.keep(path, client.get(path), secrets_only=True)
    _refuse(made, client, sent)
    left = client.get("/sign-in/oidc")
    back = urlsplit(sent_back(left.headers["Location"]))
    made.keep("to the provider", left)
    made.keep("from the provider", client.get(f"{back.path}?{back.query}"))
    made.keep("signed in by the provider", client.get("/sources"))


def _refuse(made: Search, client: Any, sent: dict[str, str]) -> None:
    """Bad bodies, bad tokens, a form from nowhere; refusals may name the value at fault to who sent it."""
    for body in ({"id": REFUSED}, {"kind": REFUSED}, [REFUSED], {"citations": [{"exact": REFUSED}]}):
        made.keep("refusal", client.post("/api/v1/facts", json=body, headers=sent), secrets_only=True)
    made.keep("not JSON", client.post("/api/v1/facts", data=REFUSED, content_type="application/json", headers=sent))
    made.keep("no proof", client.post("/api/v1/facts", json={"id": REFUSED}))
    made.keep("nowhere", client.post("/nowhere", json={"id": REFUSED}, headers=sent))
    for scheme in ("Bearer", "Basic"):
        made.keep("bad token", client.get("/api/v1/sources", headers={"Authorization": f"{scheme} {GUESS}"}))
        made.keep("bad token", client.get("/", headers={"Authorization": f"{scheme} {GUESS}"}))
    made.keep("bad sign-in", client.post("/sign-in", data={"token": GUESS}))


def _fail(made: Search, chronology: Chronology) -> None:
    """Break the stored record, then take its tables away."""
    client = create_app(chronology).test_client()
    token = chronology.keyring.issue("Ben", "admin", "test")[1]
    made.canaries["another token"] = token.split("_", 2)[2]
    headers = {"Authorization": f"Bearer {token}", "X-Canary": HEADER}
    body = {"id": "another", "title": "T", "publisher": "G", "text": TEXT + REFUSED}
    with sqlite3.connect(made.folder / "canaries.db") as connection:
        connection.execute("UPDATE chronology_events SET state = ?", (orjson.dumps({"text": TEXT})[:-1],))
    for path in ("/api/v1/events", "/sources/paper", "/api/v1/sources/paper/text"):
        made.keep("broken record", _answered(client, path, headers), secrets_only="paper" in path)
    revision = {"text": REFUSED, "retrieved_at": "2024-01-01T00:00:00Z"}
    made.keep("broken record", client.post("/api/v1/sources/paper/revisions", json=revision, headers=headers))
    with sqlite3.connect(made.folder / "canaries.db") as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in tables:
            if name.startswith(("chronology_events", "chronology_turn", "chronology_views")):
                connection.execute(f"ALTER TABLE {name} RENAME TO gone_{name}")
    for path in ("/", "/readyz", "/metrics", "/api/v1/subjects", "/api/v1/events"):
        made.keep("no tables", _answered(client, path, headers))
    made.keep("no tables", client.post("/api/v1/sources", json=body, headers=headers))
    secret = {name: made.canaries[name] for name in ("token", "another token", "session", "client secret")}
    stored = b"".join(path.read_bytes() for path in made.folder.glob("canaries.db*"))
    made.places += [(f"stored {name}", "") for name in secret]
    made.places += [("database", canary) for canary in secret.values() if canary.encode() in stored]


def _answered(client: Any, path: str, headers: dict[str, str]) -> Any:
    """The answer; a stream that breaks off is answered by what came before."""
    try:
        return client.get(path, headers=headers, buffered=True)
    except Exception:  # the test client hands on what a server would log and end the answer with
        logging.getLogger("tests").debug("the stream broke off", exc_info=True)
        return client.get("/healthz")


def _settle(made: Search) -> None:
    """Settings as they are shown, and one that cannot be read."""
    settings = Settings(database=f"postgresql://someone:{PASSWORD}@127.0.0.1:9/nothing", oidc_client_secret=SECRET)
    wrong = CliRunner(env={"CHRONOLOGY_DATABASE": f"mysql://u:{PASSWORD}@h/n"}).invoke(main, ["migrate"])
    made.places += [("settings", repr(settings)), ("command line", wrong.output + repr(wrong.exception))]


def _away(made: Search) -> None:
    """A database that is not there, with its password in the address; each command tries for half a minute."""
    address = f"postgresql://someone:{PASSWORD}@127.0.0.1:9/nothing"
    for words in (["show", "it"], ["token", "list"], ["migrate"]):
        result = CliRunner(env={"CHRONOLOGY_DATABASE": address}).invoke(main, words)
        assert result.exit_code == 2, result.output
        made.places.append(("command line", result.output + repr(result.exception)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        searched = search(Path(folder), away=True)
    print(
        f"{len(searched.canaries)} canaries, {len(searched.places)} places searched, "
        f"{sum(place == 'log' for place, _ in searched.places)} of them lines of the log; found: {searched.found()}"
    )
