"""What an address said on a day is found by `Accept-Datetime` (RFC 7089), and every memento says of when it is."""

import json
import random
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.http import http_date, parse_date

from events.dates.calendar import SECOND, instant_text, instant_written, microseconds
from service.databases.chronology import Chronology
from tests.fixtures.applications import app_on

PAGE = "/subjects/swap-1000-for-1000"
SWAP = f"/api/v1{PAGE}"
NOW = instant_written("2025-07-26T00:00:00.000000Z")


@pytest.fixture(scope="module")
def visitor(sample: Chronology) -> FlaskClient:
    return app_on(sample).test_client()


def links(answer: Any, relation: str) -> list[str]:
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"', ", ".join(answer.headers.getlist("Link")))
    return [address for address, relations in found if relation in relations.split()]


def asked_on(client: FlaskClient, path: str, moment: int) -> Any:
    return client.get(path, headers={"Accept-Datetime": http_date(moment // SECOND)})


def follow(client: FlaskClient, answer: Any) -> Any:
    assert answer.status_code == 302, answer.get_data(as_text=True)
    parts = urlsplit(answer.headers["Location"])
    return client.get(f"{parts.path}?{parts.query}")


def instant(date: str) -> int:
    moment = parse_date(date)
    assert moment is not None
    return microseconds(moment)


def mementos(text: str) -> Iterator[tuple[str, str]]:
    yield from re.findall(r'<([^>]*)>; rel="[^"]*\bmemento"; datetime="([^"]*)"', text)


def without_clocks(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.get_json().items() if name != "asked"}


def test_a_state_asked_for_by_date_is_the_state_as_recorded_by_then(sample: Chronology, visitor: FlaskClient) -> None:
    moments = [instant_written(json.loads(line)["time"]) for line in visitor.get("/api/v1/events").data.splitlines()]
    for moment in random.Random(7089).sample(moments, 25):
        found = follow(visitor, asked_on(visitor, SWAP, moment))

        second = moment - moment % SECOND
        by_then = visitor.get(SWAP, query_string={"recorded_until": instant_text(second + SECOND - 1)})
        assert without_clocks(found) == without_clocks(by_then)
        assert instant(found.headers["Memento-Datetime"]) <= second


def test_a_memento_and_its_original_name_each_other(visitor: FlaskClient) -> None:
    original = visitor.get(SWAP)
    gate = asked_on(visitor, SWAP, NOW)
    memento = follow(visitor, gate)

    assert (
        links(original, "timegate")
        == links(memento, "original")
        == links(gate, "original")
        == [f"http://localhost{SWAP}"]
    )
    assert "Accept-Datetime" in original.vary
    assert "Accept-Datetime" in gate.vary
    assert "Accept-Datetime" not in memento.vary
    assert "Memento-Datetime" not in original.headers
    assert links(original, "timemap") == [f"http://localhost{SWAP}/timemap"]


def test_a_memento_stays_what_it_is_whatever_date_is_asked_for(visitor: FlaskClient) -> None:
    address = asked_on(visitor, SWAP, NOW).headers["Location"]

    again = asked_on(visitor, address.removeprefix("http://localhost"), 0)

    assert again.status_code == 200
    assert again.headers["Memento-Datetime"] == visitor.get(address).headers["Memento-Datetime"]


def test_before_anything_was_recorded_the_first_memento_is_sent(visitor: FlaskClient) -> None:
    first = follow(visitor, asked_on(visitor, SWAP, 0))

    assert first.status_code == 200
    (address, date), *_ = mementos(visitor.get(f"{SWAP}/timemap").get_data(as_text=True))
    assert instant(first.headers["Memento-Datetime"]) <= instant(date)
    assert visitor.get(address).status_code == 200


def test_the_timemap_lists_each_change_of_what_is_known_and_nothing_else(visitor: FlaskClient) -> None:
    listed = list(mementos(visitor.get(f"{SWAP}/timemap").get_data(as_text=True)))

    steps = visitor.get(f"{SWAP}/understanding").get_json()["steps"]
    assert [address.rpartition("=")[2] for address, _ in listed] == [str(step["position"]) for step in steps]
    shown = [visitor.get(address) for address, _ in listed]
    assert [each.headers["Memento-Datetime"] for each in shown] == [date for _, date in listed]
    bodies = [without_clocks(each) for each in shown]
    assert all(before != after for before, after in pairwise(bodies))


def test_a_page_asked_for_by_date_is_the_page_as_it_read_then(visitor: FlaskClient) -> None:
    moment = instant_written("2025-06-05T09:00:00.000000Z")

    page = follow(visitor, asked_on(visitor, PAGE, moment))

    fixed = dict(parse_qsl(urlsplit(page.request.url).query))
    assert fixed["at"] == "2025-06-05T09:00:00.999999Z"
    assert instant(page.headers["Memento-Datetime"]) <= moment
    assert links(page, "original") == [f"http://localhost{PAGE}"]
    assert links(page, "timemap") == [f"http://localhost{PAGE}/timemap"]


@pytest.mark.parametrize(
    "path", ["/", "/chronology", "/sources", "/search?q=swap", "/api/v1/subjects", "/api/v1/facts"]
)
def test_lists_and_pages_are_found_by_date_too(visitor: FlaskClient, path: str) -> None:
    found = follow(visitor, asked_on(visitor, path, NOW))

    assert found.status_code == 200
    assert "Memento-Datetime" in found.headers


def test_the_mementos_of_a_page_are_pages(visitor: FlaskClient) -> None:
    listed = list(mementos(visitor.get(f"{PAGE}/timemap").get_data(as_text=True)))

    dates = [visitor.get(address).headers["Memento-Datetime"] for address, _ in listed[:3]]

    assert dates == [date for _, date in listed[:3]]


def test_what_is_no_date_of_http_is_refused_by_name(visitor: FlaskClient) -> None:
    refused = visitor.get(SWAP, headers={"Accept-Datetime": "the day before yesterday"})

    assert refused.status_code == 400
    assert "'the day before yesterday' in Accept-Datetime" in refused.get_json()["detail"]


def test_of_what_is_not_recorded_no_memento_is_sent(visitor: FlaskClient) -> None:
    assert asked_on(visitor, "/api/v1/subjects/nowhere", NOW).status_code == 404
    assert asked_on(visitor, "/facts/nowhere", NOW).status_code == 404
