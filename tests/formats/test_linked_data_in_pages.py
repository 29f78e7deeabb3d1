"""Pages say what they hold for programs: as data that no browser runs, whatever the words are."""

import json
import re

import pytest

from events.kinds.occurrence import Occurred
from service.databases.chronology import Chronology
from tests.conftest import api_of
from tests.fixtures.browsers import browser, served
from tests.fixtures.stories import Chronicle

HOSTILE = "</script><script>document.title='run'</script><!-- “so” & 'so'"
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@pytest.fixture
def told(sqlite_chronology: Chronology) -> Chronology:
    chronicle = Chronicle(sqlite_chronology)
    chronicle.given(Occurred, id="rain", what=HOSTILE, occurred="2024-01")
    chronicle.amend("rain", "corrections", changes={"occurred": "2024-02"})
    sqlite_chronology.follower.catch_up()
    return sqlite_chronology


@pytest.mark.parametrize("path", ["/facts/rain", "/subjects/it", "/chronology"])
def test_a_page_holds_its_facts_as_data_with_every_word(told: Chronology, path: str) -> None:
    page = api_of(told, None).client.get(path).get_data(as_text=True)

    (block,) = BLOCK.findall(page)
    claim = next(each for each in json.loads(block)["@graph"] if each["@type"] == "Claim")
    assert HOSTILE in claim["name"]
    assert claim["temporalCoverage"] == "2024-02"
    assert claim["correction"][0]["@id"].endswith("/facts/rain#1")


def test_a_browser_runs_none_of_it_and_its_policy_is_not_violated(told: Chronology) -> None:
    said: list[str] = []

    with served(told) as address, browser() as running:
        page = running.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for path in ("/facts/rain", "/subjects/it"):
            page.goto(address + path, wait_until="networkidle")
            assert page.title() != "run"
            assert page.evaluate(
                "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').text)['@context']"
            )

    assert said == []
