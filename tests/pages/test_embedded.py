"""What pages of others embed: a matter or a timeline, bounded, without cookies or scripts, and framed alone."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from events.kinds.any_subject import SubjectDescribed
from events.kinds.swap import SwapAgreed
from service.pages.sharing import elsewhere
from tests.fixtures.stories import Chronicle
from tests.pages.test_pages import Page

EMBEDDED = ("/embed/subjects/it", "/embed/chronology?subject=it", "/embed/chronology")
FRAMED = {"/embed/subjects/<name>", "/embed/chronology"}


@pytest.mark.parametrize("path", EMBEDDED)
def test_only_what_is_embedded_may_be_framed(chronicle: Chronicle, pages: FlaskClient, path: str) -> None:
    chronicle.given(SwapAgreed)

    answer = pages.get(path)

    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy  # so that default-src 'none' holds for it
    assert "X-Frame-Options" not in answer.headers
    assert "<script" not in answer.get_data(as_text=True)


def test_every_other_route_is_framed_by_nobody_and_a_refusal_neither(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed)
    rules = [str(rule) for rule in pages.application.url_map.iter_rules() if "GET" in (rule.methods or ())]
    others = [re.sub("<[^>]*>", "it", rule) for rule in rules if rule not in FRAMED and "/embed" not in rule]

    for path in [*others, "/embed/subjects/nobody", "/embed/chronology?at=x"]:
        with pages.get(path) as answer:
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
            assert answer.headers["X-Frame-Options"] == "DENY", path


@pytest.mark.parametrize("path", EMBEDDED)
def test_what_is_embedded_sets_no_cookie_even_where_one_would_be_dropped(
    chronicle: Chronicle, pages: FlaskClient, path: str
) -> None:
    chronicle.given(SwapAgreed)
    pages.set_cookie("chronology-session", "never-opened-here")

    assert "Set-Cookie" in pages.get("/").headers
    pages.set_cookie("chronology-session", "never-opened-here")
    assert "Set-Cookie" not in pages.get(path).headers


@pytest.mark.parametrize("path", EMBEDDED)
def test_every_link_opens_the_full_page_in_a_new_tab_at_the_same_clocks(
    chronicle: Chronicle, pages: FlaskClient, path: str
) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01-01")
    joined = "&" if "?" in path else "?"

    page = Page(pages.get(f"{path}{joined}at=2024-02-01").get_data(as_text=True))

    links = [given for tag, given in page.elements if tag == "a" and "skip" not in str(given.get("class"))]
    assert links
    assert all(given["target"] == "_blank" and given["rel"] == "noopener" for given in links)
    assert all("at=2024-02-01" in str(given["href"]) for given in links)
    assert all(pages.get(str(given["href"])).status_code == 200 for given in links)


def test_a_timeline_shows_the_newest_facts_and_says_that_there_are_more(
    chronicle: Chronicle, pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "MOST_FACTS", 2)
    for day in range(1, 5):
        chronicle.given(SwapAgreed, occurred=f"2024-01-0{day}")

    for path in ("/embed/chronology?subject=it", "/embed/chronology"):
        page = Page(pages.get(path).get_data(as_text=True))
        assert "4 January 2024" in page.text
        assert "3 January 2024" in page.text
        assert "2 January 2024" not in page.text
        assert "These are the newest 2." in page.text


def test_the_matter_embedded_says_what_its_page_says(site: FlaskClient) -> None:
    for clocks in ("", "?at=2025-05-20", "?at=2025-05-24&reported_until=2025-05-24", "?position=100"):
        whole = Page(site.get(f"/subjects/swap-1000-for-1000{clocks}").get_data(as_text=True))
        short = Page(site.get(f"/embed/subjects/swap-1000-for-1000{clocks}").get_data(as_text=True))

        assert whole.strong[0] in short.text
        assert "Swap of 1,000 for 1,000" in short.text


def test_a_page_offers_the_code_that_embeds_it_and_a_title_cannot_break_out_of_it(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    title = '"><script>alert(1)</script>'
    chronicle.given(SubjectDescribed, subject="it", subject_kind="swap", title=title)

    page = pages.get("/subjects/it?at=2026-01-01").get_data(as_text=True)

    code = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1])  # type: ignore[index]
    (frame,) = Page(code).elements
    assert frame[0] == "iframe"
    assert frame[1]["title"] == title
    assert frame[1]["src"] == "http://localhost/embed/subjects/it?at=2026-01-01"
    assert pages.get("/embed/subjects/it?at=2026-01-01").status_code == 200
    assert "here it is not" in page


def test_the_colours_of_what_is_embedded_may_be_chosen(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed)

    assert 'data-theme="dark"' in pages.get("/embed/subjects/it?theme=dark").get_data(as_text=True)
    assert "data-theme" not in pages.get("/embed/subjects/it?theme=%22x").get_data(as_text=True)
