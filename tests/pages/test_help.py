"""Help: linked from every page, and where to begin is said to who comes first and to who has nothing yet."""

import pytest
from flask.testing import FlaskClient

from events.kinds.swap import SwapAgreed
from tests.fixtures.stories import Chronicle
from tests.pages.test_pages import Page

PAGES = (
    "/",
    "/chronology",
    "/sources",
    "/actors",
    "/compare",
    "/search",
    "/subjects/it",
    "/?at=x",
    "/help",
    "/sign-in",
)


def read(pages: FlaskClient, path: str) -> Page:
    return Page(pages.get(path).get_data(as_text=True))


@pytest.mark.parametrize("path", PAGES)
def test_help_is_linked_from_every_page(chronicle: Chronicle, pages: FlaskClient, path: str) -> None:
    chronicle.given(SwapAgreed)

    assert "/help" in read(pages, path).links


def test_every_place_in_help_that_a_page_names_is_there(site: FlaskClient) -> None:
    places = {given["id"] for _, given in read(site, "/help").elements if "id" in given}
    paths = ("/", "/help", "/chronology", "/subjects/swap-1000-for-1000")

    named = {
        link.partition("#")[2] for path in paths for link in read(site, path).links if link.startswith(("/help#", "#"))
    }

    assert {"clocks", "chart", "timeline", "begin", "start"} <= named & places


def test_the_three_clocks_are_told_by_an_example(site: FlaskClient) -> None:
    words = read(site, "/help").text

    assert all(each in words for each in ("Happened Monday", "Reported Wednesday", "Recorded Friday"))


def test_who_comes_first_is_told_where_to_begin_and_only_on_the_overview_of_today(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapAgreed)

    assert "New here?" in read(pages, "/").text
    assert "New here?" not in read(pages, "/?at=2024-01-01").text


def test_an_empty_record_says_how_to_start(pages: FlaskClient) -> None:
    page = read(pages, "/")

    assert "Nothing is recorded yet. How to start" in page.text
    assert "/help#start" in page.links
    assert "New here?" not in page.text


def test_the_sections_have_the_names_that_a_visitor_expects(site: FlaskClient) -> None:
    page = read(site, "/")
    names = ["Overview", "Timeline", "People and parties", "Sources", "What changed"]

    assert " ".join(names) in page.text
