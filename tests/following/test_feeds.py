"""Feeds: read by the parsers that readers use, the same as the messages, and not sent again while nothing changed."""

from typing import Any

import feedparser
import pytest

from events.kinds.swap import SwapAgreed
from projections.clocks import Asked
from projections.queries.following.followed import Followed
from projections.queries.following.messages import newest_messages
from service.databases.chronology import Chronology
from tests.conftest import Api, api_of
from tests.fixtures.stories import Chronicle


@pytest.fixture(scope="module")
def reader(sample: Chronology) -> Api:
    return api_of(sample, "reader")


def test_atom_is_read_without_complaint_and_has_the_newest_messages(sample: Chronology, reader: Api) -> None:
    feed = feedparser.parse(reader.get("/feed.atom", subject="swap-wounded-and-young").data)

    with sample.ask(Asked()) as (snapshot, _):
        found = newest_messages(snapshot, Followed({"subject": "swap-wounded-and-young"}), 30)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert [each.id for each in feed.entries] == [f"urn:uuid:{each['id']}" for each in found]
    assert feed.feed.title == "Swap of the wounded, the sick and the young: what changed"
    assert {tag.term for each in feed.entries for tag in each.tags} >= {"new", "corrected"}


def test_json_feed_says_the_same_as_atom_and_brings_before_and_after(reader: Api) -> None:
    atom, feed = feedparser.parse(reader.get("/feed.atom").data), reader.get("/feed.json").get_json(force=True)

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [(each["id"], each["title"], each["url"]) for each in feed["items"]] == [
        (each.id, each.title, each.link) for each in atom.entries
    ]
    assert all(
        {"before", "after"} <= change.keys() for each in feed["items"] for change in each["_chronology"]["changes"]
    )


def test_the_address_of_an_entry_shows_what_changed(reader: Api) -> None:
    feed = feedparser.parse(reader.get("/feed.atom", limit=100).data)

    for each in feed.entries[::12]:
        page = reader.client.get(each.link.removeprefix("http://localhost"), headers=reader.headers)
        assert page.status_code == 200
        assert "Nothing differs" not in page.get_data(as_text=True)


def test_a_feed_is_not_sent_again_while_nothing_changed(chronology: Chronology, chronicle: Chronicle) -> None:
    chronicle.given(SwapAgreed, "one", "agreed", count_each=5)
    api = api_of(chronology, "reader")
    first = api.get("/feed.atom", subject="one")

    def again() -> Any:
        headers = {**api.headers, "If-None-Match": first.headers["ETag"]}
        return api.client.get("/api/v1/feed.atom?subject=one", headers=headers)

    assert again().status_code == 304
    chronicle.given(SwapAgreed, "other", count_each=5)
    assert again().status_code == 304
    chronicle.amend("agreed", "corrections", changes={"count_each": 6})
    assert again().status_code == 200


@pytest.mark.parametrize(
    ("path", "query", "status", "named"),
    [
        ("/feed.rss", {}, 404, "feed.atom"),
        ("/feed.atom", {"subject": "nobody"}, 404, "nobody"),
        ("/feed.atom", {"finding": "status"}, 422, "status"),
        ("/feed.atom", {"address": "/subjects/swap-wounded-and-young"}, 422, "names no position"),
        ("/feed.atom", {"address": "/subjects/nobody?position=1"}, 422, "nobody"),
        ("/feed.atom", {"q": "..."}, 422, "..."),
        ("/feed.atom", {"limit": "1000"}, 422, "limit"),
        ("/feed.atom", {"colour": "red"}, 422, "colour"),
    ],
)
def test_a_feed_of_nothing_is_refused_by_name(
    reader: Api, path: str, query: dict[str, str], status: int, named: str
) -> None:
    answer = reader.get(path, **query)

    assert answer.status_code == status
    assert named in answer.get_data(as_text=True)


def test_words_that_no_xml_may_hold_do_no_harm(chronology: Chronology, chronicle: Chronicle) -> None:
    chronicle.given(SwapAgreed, "one", categories=["<b>a & b</b> \x0b\x1b ]]> ￾"])

    feed = feedparser.parse(api_of(chronology, "reader").get("/feed.atom").data, sanitize_html=False)

    assert not feed.bozo
    assert "<b>a & b</b>" in feed.entries[0].content[0].value
