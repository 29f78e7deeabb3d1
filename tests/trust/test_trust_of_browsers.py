"""What browsers and terminals are told, and what they never meet: scripts, links and codes that sources brought."""

import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.cli.main import main
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import api_of
from tests.fixtures.browsers import browser, served
from tests.fixtures.stories import Ticking
from tests.hostile.injections import MARKUP

HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}
RAN = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => ran.push(name);
document.addEventListener("securitypolicyviolation", (event) => ran.push(event.violatedDirective));
"""


def tell(chronology: Chronology) -> Chronology:
    """Tell the desk every hostile text, in every field that a page shows."""
    api = api_of(chronology, "editor")
    for number, text in enumerate(MARKUP):
        source = f"paper-{number}"
        body = {"id": source, "title": text, "publisher": text, "language": text, "text": f"{text} they said."}
        api.posted("/sources", body | {"url": f"https://example.org/{'x'.join(text.split())}"})
        shared = {"citations": [{"source": source, "exact": "they said"}], "occurred": "2024-01-01", "note": text}
        subject = {"subject": f"it-{number}", "subject_kind": "swap"}
        api.posted(
            "/facts",
            {
                "id": f"said-{number}",
                "kind": "StatementMade",
                "by": "eve",
                "gist": text,
                "channel": text,
                **subject,
                **shared,
            },
        )
        api.posted(
            "/facts",
            {
                "id": f"late-{number}",
                "kind": "SwapPostponed",
                "reason": text,
                "by": f"eve-{number}",
                "subject": f"it-{number}",
                **shared,
            },
        )
        api.posted(
            "/facts",
            {
                "id": f"name-{number}",
                "kind": "ActorNamed",
                "name": text,
                "aliases": [text],
                "subject": f"eve-{number}",
                **shared,
            },
        )
        api.posted("/subjects", {"id": f"it-{number}", "kind": "swap", "title": text, "aliases": [text]})
    return chronology


def test_every_answer_tells_browsers_to_trust_little(sqlite_chronology: Chronology) -> None:
    api = api_of(sqlite_chronology, None)
    for path in (
        "/",
        "/nowhere",
        "/api/v1/subjects",
        "/api/v1/nowhere",
        "/docs",
        "/static/style.css",
        "/healthz",
        "/?at=soon",
    ):
        answer = api.client.get(path, buffered=True)

        for name, words in HEADERS.items():
            assert words in answer.headers.get(name, ""), (path, name)
        assert answer.status_code < 400 or answer.headers["Cache-Control"] == "no-store"


def test_only_web_addresses_become_links(sqlite_chronology: Chronology) -> None:
    api = api_of(sqlite_chronology, "editor")
    for address in (
        "javascript:alert(1)",
        "data:text/html,x",
        " https://example.org",
        "HTTPS://example.org",
        "https://a b",
        "//example.org",
    ):
        assert (
            api.post(
                "/sources", {"id": "bad", "title": "T", "publisher": "P", "text": "Said.", "url": address}
            ).status_code
            == 422
        )
    api.posted(
        "/sources", {"id": "good", "title": "T", "publisher": "P", "text": "Said.", "url": 'https://example.org/"x'}
    )

    page = api.client.get("/sources/good").get_data(as_text=True)

    assert 'href="https://example.org/&#34;x" rel="noreferrer noopener external"' in page


def test_no_address_that_a_source_names_is_ever_asked(
    sqlite_chronology: Chronology, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: asked.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **_: asked.append(address))

    tell(sqlite_chronology)

    assert asked == []


def test_nothing_that_a_source_says_reaches_the_terminal_as_a_code(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/chronology.db"
    chronology = Chronology(Settings(database=database), now=Ticking(), follows=True)
    tell(chronology)
    chronology.close()
    number = next(index for index, text in enumerate(MARKUP) if "\x1b" in text)
    asked = (
        ("show", f"it-{number}"),
        ("fact", f"said-{number}"),
        ("understanding", f"it-{number}"),
        ("diff",),
        ("replay",),
    )
    asked += (("audit", f"it-{number}", "title"), ("show", "\x1b[2J"))

    for words in asked:
        for more in ((), ("--json",)) if words[0] in ("show", "replay") else ((),):
            result = CliRunner(env={"CHRONOLOGY_DATABASE": database}).invoke(main, [*words, *more])
            assert not set(result.output) & set("\x1b\x07\u202e\u2066\x9b"), words


def test_no_script_runs_and_no_policy_is_touched_by_any_hostile_text_on_any_page(sqlite_chronology: Chronology) -> None:
    with browser() as started, served(tell(sqlite_chronology)) as address:
        page = started.new_page()
        page.add_init_script(RAN)
        ran, visited = [], 0
        subjects = [
            f"/{sort}-{number}"
            for number in range(len(MARKUP))
            for sort in ("subjects/it", "facts/said", "sources/paper")
        ]
        for path in (
            "/",
            "/chronology",
            "/sources",
            "/actors",
            "/search?q=they",
            "/compare",
            "/actors/eve-0",
            *subjects,
        ):
            page.goto(address + path, wait_until="domcontentloaded")
            ran += [(path, each) for each in page.evaluate("ran")]
            visited += 1

    assert (ran, visited) == ([], 7 + 3 * len(MARKUP))
