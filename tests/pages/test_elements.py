"""What pages of others load: `<chronology-timeline>`, `<chronology-value>` and oEmbed."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug import Request, Response
from werkzeug.serving import make_server

from events.kinds.swap import SwapAgreed
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.browsers import browser, served
from tests.fixtures.stories import Chronicle, Ticking

MODULE = Path("service/pages/static/embed.js")
ARTICLE = """<!doctype html><html lang="en"><title>An article</title>
<script type="module" src="{site}/embed.js"></script>
<p id="holds">Both sides agreed: <chronology-value subject="it" finding="status" position="2">agreed</chronology-value>.
<p id="corrected">Of each <chronology-value subject="it" finding="count_each" position="2">1,000</chronology-value>.
<p id="newest">Now <chronology-value subject="it" finding="count_each"></chronology-value>.
<p id="unknown"><chronology-value subject="nobody" finding="status">so it is said</chronology-value>.
<chronology-timeline subject="it" title="The swap"></chronology-timeline>
<chronology-timeline matter="it" position="2"></chronology-timeline>"""
ASKED = "() => [...document.querySelectorAll('chronology-value')].every((each) => each.title || each.shadowRoot?.querySelector('a'))"
SHOWN = "id => { const it = document.querySelector(`#${id} chronology-value`);" + (
    "return [it.shadowRoot?.querySelector('a')?.title ?? it.title,"
    " it.shadowRoot?.querySelector('slot') ? it.textContent : it.shadowRoot?.querySelector('a')?.textContent ?? it.textContent,"
    " it.shadowRoot?.querySelector('small')?.textContent ?? '']; }"
)


@pytest.fixture
def article(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The addresses of a chronology with a corrected count, and of an article about it on another origin."""
    settings = Settings(database=f"sqlite:///{tmp_path}/it.db", readers="*")
    chronology = Chronology(settings, now=Ticking(), follows=True)
    chronicle = Chronicle(chronology)
    swap = chronicle.given(SwapAgreed, count_each=1000)
    chronicle.amend(swap, "corrections", kind="transcription_error", reason="a slip", changes={"count_each": 1001})
    chronology.follower.catch_up()
    with served(chronology) as site:
        page = Response(ARTICLE.format(site=site), content_type="text/html; charset=utf-8")
        other = make_server("127.0.0.1", 0, Request.application(lambda _: page), threaded=True)
        Thread(target=other.serve_forever, daemon=True).start()
        yield site, f"http://127.0.0.1:{other.server_port}/"
        other.shutdown()
        other.server_close()
    chronology.close()


def test_a_value_in_an_article_knows_whether_it_still_holds_and_a_timeline_is_framed(article: tuple[str, str]) -> None:
    _site, address = article

    with browser() as chrome:
        page = chrome.new_page()
        failures: list[Any] = []
        page.on("pageerror", lambda error: failures.append(error))
        page.goto(address)
        page.wait_for_function(ASKED)
        found = {name: page.evaluate(SHOWN, name) for name in ("holds", "corrected", "newest", "unknown")}
        frames = [
            page.frame_locator(f"chronology-timeline >> nth={at} >> iframe").locator("h1").inner_text() for at in (0, 1)
        ]

    assert found["holds"] == ["Still so", "agreed", ""]
    assert found["corrected"][1:] == ["1,000", " (now: 1,001)"]
    assert found["newest"][1:] == ["1,001", ""]
    assert found["unknown"] == ["Whether this still holds could not be asked", "so it is said", ""]
    assert [each.casefold() for each in frames] == ["it", "it"]
    assert failures == []


def test_the_elements_are_small() -> None:
    assert len(MODULE.read_bytes()) <= 30_000
    assert len(gzip.compress(MODULE.read_bytes())) <= 3_000


def test_any_page_may_load_the_elements_and_nothing_else_of_ours(chronicle: Chronicle, pages: FlaskClient) -> None:
    module, style = pages.get("/embed.js"), pages.get("/static/style.css")

    assert module.headers["Access-Control-Allow-Origin"] == "*"
    assert module.headers.getlist("Cross-Origin-Resource-Policy") == ["cross-origin"]
    assert module.content_type.startswith("text/javascript")
    assert style.headers.getlist("Cross-Origin-Resource-Policy") == ["same-origin"]


def test_a_page_says_how_it_is_embedded(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed)

    asked = pages.get("/oembed", query_string={"url": "http://localhost/subjects/it?at=2025-01-01", "maxwidth": "300"})
    timeline = pages.get("/oembed", query_string={"url": "http://localhost/chronology"}).get_json()

    told = asked.get_json()
    assert (told["type"], told["version"], told["width"], told["height"]) == ("rich", "1.0", 300, 420)
    assert 'src="http://localhost/embed/subjects/it?at=2025-01-01"' in told["html"]
    assert "/embed/chronology" in timeline["html"]
    assert "oembed?url=http%3A%2F%2Flocalhost%2Fsubjects%2Fit" in pages.get("/subjects/it").get_data(as_text=True)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://elsewhere.example/subjects/it", 404),
        ("http://localhost/sources", 404),
        ("http://localhost/subjects/nobody", 404),
        ("http://[", 422),
    ],
)
def test_what_cannot_be_embedded_is_refused(chronicle: Chronicle, pages: FlaskClient, url: str, status: int) -> None:
    chronicle.given(SwapAgreed)

    assert pages.get("/oembed", query_string={"url": url}).status_code == status
    assert (
        pages.get("/oembed", query_string={"url": "http://localhost/subjects/it", "format": "xml"}).status_code == 501
    )
