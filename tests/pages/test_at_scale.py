"""The pages with 2,000 facts about 300 matters, and with a general chronology of 2,500 happenings."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.browsers import browser, served, violations
from tests.fixtures.large_records import BUSY, desk, general, take_in

YEAR = "/compare?from_reported_until=2024-06-01&to_reported_until=2025-06-01"
PAGES = (
    *("/", "/?kind=talks", "/chronology", "/chronology?held=planned", "/sources", "/actors", YEAR),
    *(
        "/search?q=number",
        f"/subjects/{BUSY}",
        "/actors/belmark",
        "/subjects/process-3",
        "/sources/source-3",
        "/accounts",
    ),
)
SCREENS = {(1440, 900): 5, (390, 844): 9}
NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
TALL = "document.documentElement.scrollHeight / innerHeight"
SET_OPEN = "(found, open) => found.forEach((each) => { each.parentElement.open = open; })"
IN_FIRST_SCREEN = "document.querySelector('main .summary').getBoundingClientRect().bottom <= innerHeight"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chronology]:
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path_factory.mktemp('large')}/chronology.db"))
    take_in(chronology, desk())
    yield chronology
    chronology.close()


def test_no_page_is_longer_than_a_reader_scrolls_and_axe_finds_nothing(large: Chronology) -> None:
    too_long: dict[Any, float] = {}
    with served(large) as site, browser() as chrome:
        page = chrome.new_context().new_page()
        for number, path in enumerate(PAGES):
            page.goto(site + path)
            page.wait_for_load_state("networkidle")
            for size, ((width, height), most) in enumerate(SCREENS.items()):
                page.set_viewport_size({"width": width, "height": height})
                page.wait_for_timeout(150)
                screens = page.evaluate(TALL)
                if screens > most:
                    too_long[width, path] = round(screens, 1)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
                if path == YEAR:
                    assert page.evaluate(IN_FIRST_SCREEN), width
                    assert re.search(r"\d+ matters changed", page.locator("main .summary").inner_text())
                if NIGHTLY or number % len(SCREENS) == size:  # axe takes seconds: by day it reads each page once
                    page.locator(".filters summary").evaluate_all(SET_OPEN, True)
                    assert violations(page) == [], (path, width)
                    page.locator(".filters summary").evaluate_all(SET_OPEN, False)
    assert too_long == {}


def test_a_general_chronology_reads_newest_first_and_nothing_is_cut_in_silence(tmp_path: Path) -> None:
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/chronology.db"))
    take_in(chronology, general(2_500))
    client = create_app(chronology).test_client()

    first = client.get("/").get_data(as_text=True)
    assert "Nothing is known" not in first
    assert "These are the latest 50." in first
    assert bridges(first) == [*range(2_499, 2_449, -1)]

    told, address = [], "/chronology"
    while address:
        page = client.get(address).get_data(as_text=True)
        told += bridges(page)
        onward = re.search(r'<a href="([^"]+)">Earlier</a>', page)
        address = onward[1].replace("&amp;", "&") if onward else ""
    assert told == [*range(2_499, -1, -1)]
    assert bridges(client.get("/chronology?day=10+May+1900").get_data(as_text=True))[0] == 1221
    assert client.get("/csv/chronology").get_data(as_text=True).count("was opened to traffic") == 2_000
    chronology.close()


def bridges(page: str) -> list[int]:
    """The bridges of a page's table of happenings, each with a date beside it."""
    tables = "".join(re.findall(r'<table class="happened.*?</table>', page, re.DOTALL))
    dates = re.findall(r'<tr><th scope="row">(.*?)</th>', tables, re.DOTALL)
    found = [int(number) for number in re.findall(r">\s*Bridge (\d+) was opened", tables)]
    assert len(dates) == len(found)
    assert all(re.search(r"\d{4}", each) for each in dates)
    return found
