"""An article's links, checked on a page and in one request; and the feed of them."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import feedparser
import pytest

from events.kinds.swap import SwapAgreed
from service.databases.chronology import Chronology
from service.pages.following.pasted import links_in
from tests.conftest import Api, api_of
from tests.fixtures.stories import Chronicle

OURS = {"kind": "transcription_error", "reason": "misread"}
HOSTS = {"localhost"}


@pytest.fixture
def article(chronology: Chronology, chronicle: Chronicle) -> str:
    """An article with ten permalinks, of which three were corrected since."""
    for number in range(10):
        chronicle.given(SwapAgreed, f"swap-{number}", f"agreed-{number}", count_each=5)
    head = chronicle.head
    addresses = [f"http://localhost/facts/agreed-{number}?position={head}" for number in range(5)]
    addresses += [f"http://localhost/subjects/swap-{number}?at=none&position={head}" for number in range(5, 10)]
    for number in (1, 4, 7):
        chronicle.amend(f"agreed-{number}", "corrections", **OURS, changes={"count_each": 6})
    links = [f'<a href="{address.replace("&", "&amp;")}">so</a>.' for address in addresses[::2]]
    return f"<p>They agreed {' and '.join(links)}</p>\nSources: {', '.join(addresses[1::2])}."


@pytest.fixture
def reader(chronology: Chronology) -> Api:
    return api_of(chronology, "reader")


def test_an_article_with_ten_links_of_which_three_were_corrected_is_checked_at_once_and_followed(
    article: str, reader: Api
) -> None:
    page = reader.client.post("/checks", data={"text": article}, headers=reader.headers).get_data(as_text=True)
    cited = [each.address for each in links_in(article, HOSTS).cited]
    answer = reader.posted("/checks", {"addresses": cited})

    assert len(cited) == 10
    assert sum(not each["stands"] for each in answer["checks"]) == 3
    assert "7 of 10 links still hold" in page
    assert page.count("Still reads so.") == 7
    assert page.count("correction (transcription error)") >= 3
    (feed,) = {unescape(each) for each in re.findall(r'href="(/api/v1/feed\.atom\?address[^"]+)"', page)}
    parsed = feedparser.parse(reader.client.get(feed, headers=reader.headers).data)
    assert not parsed.bozo
    assert len(parsed.entries) == 3
    assert {tag.term for each in parsed.entries for tag in each.tags} == {"corrected"}
    assert sorted(parse_qs(urlsplit(feed).query)["address"]) == sorted(cited)


def test_the_page_says_what_it_was_what_it_is_and_why(article: str, reader: Api) -> None:
    page = reader.client.post("/checks", data={"text": article}, headers=reader.headers).get_data(as_text=True)

    row = re.search(r"Number, each side</td><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td>", page)
    assert row is not None
    assert row.groups() == ("5", "6")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing to see", "no link to a matter"),
        ("/subjects/swap-1", "names no position"),
        ("/subjects/nobody?position=2", "nobody"),
        ("https://other.example/facts/agreed-1?position=9", "another service"),
        ("/facts/agreed-1?position=99999", "cites position 99999"),
        ("/facts/agreed-1?position=9&at=soon", "soon"),
        ("http://[x/facts/a?position=1", ""),
    ],
)
def test_what_cannot_be_checked_is_named_with_the_reason(article: str, reader: Api, text: str, said: str) -> None:
    answer = reader.client.post("/checks", data={"text": text}, headers=reader.headers)

    assert answer.status_code == 200
    assert said in unescape(answer.get_data(as_text=True))


def test_the_same_check_has_an_address(article: str, reader: Api) -> None:
    address = links_in(article, HOSTS).cited[1].address

    page = reader.client.get("/checks", query_string={"address": address}, headers=reader.headers)

    assert page.status_code == 200
    assert "link still holds" in page.get_data(as_text=True) or "0 of 1" in page.get_data(as_text=True)


def test_more_links_than_are_checked_at_once_are_said_to_be_more(article: str, reader: Api) -> None:
    text = " ".join(f"/facts/agreed-{number % 10}?position={21 + number // 10}" for number in range(105))

    found: Any = links_in(text, HOSTS)

    assert len(found.cited) == 100
    assert found.is_cut
