"""Two accounts side by side, the replay of the news, a day as it was known, and the timeline as a picture."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from events.kinds.actor import ActorNamed
from events.kinds.demand import DemandMet, ReturnDemanded
from events.kinds.swap import SwapAgreed, SwapCompleted
from events.kinds.talks import MeetingProposed
from service.pages.history.axis import axis_of
from tests.fixtures.stories import Chronicle
from tests.pages.test_pages import Page, read

ENVOYS = {"ada": "highmoor", "bert": "rivermark"}


def day_of(milliseconds: float) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()


@pytest.fixture
def told(chronicle: Chronicle) -> Chronicle:
    """Two parties whose envoys have one number each, of a demand that both describe alike."""
    for party in ENVOYS.values():
        chronicle.given(ActorNamed, party, name=party.title(), reported="2024-01-01")
    for envoy, party in ENVOYS.items():
        chronicle.given(ActorNamed, envoy, name=envoy.title(), party=party, reported="2024-01-01")
    for envoy, count in (("ada", 400), ("bert", 339)):
        chronicle.given(
            ReturnDemanded,
            "demand",
            occurred="2024-01-02",
            by="highmoor",
            of="rivermark",
            count=count,
            attributed_to=envoy,
            reported="2024-01-03",
        )
    chronicle.given(
        DemandMet, "demand", occurred="2024-01-04", modality="denied", attributed_to="ada", reported="2024-01-05"
    )
    return chronicle


def test_what_two_parties_tell_otherwise_stands_side_by_side_with_the_words_of_either(
    told: Chronicle, pages: FlaskClient
) -> None:
    text = read(pages, "/accounts", one="Highmoor", other="Rivermark").text

    assert "For Highmoor : Ada ." in text
    assert "For Rivermark : Bert ." in text
    row = re.search("Number to return 400 (.*?) 339 (.*?) (?:Denied|They agree)", text)
    assert row
    assert [re.findall(r"What report (\d)", side) for side in row.groups()] == [["5"], ["6"]]
    assert "They agree on" in text
    assert re.search("Denied by Ada, 4 January 2024: The demand was met", text)
    assert read(pages, "/accounts", subject="demand").text.count("Number to return") == 1


def test_what_only_one_of_two_parties_speaks_of_is_no_difference(told: Chronicle, pages: FlaskClient) -> None:
    told.given(SwapAgreed, "swap", occurred="2024-01-03", count_each=9, attributed_to="ada", reported="2024-01-04")

    page = read(pages, "/accounts", one="highmoor", other="rivermark")
    alone = read(pages, "/accounts", one="highmoor", other="rivermark", subject="swap")

    assert "They differ on 1 matter. Both stand with their words; neither is called right." in page.text
    assert "Of 1 more only one of them says something." in page.text
    assert re.search(r"Told by one side alone \(1\) Swap 2 findings from Highmoor alone", page.text)
    assert "They do not differ in what both of them speak of." in alone.text
    assert "Rivermark says nothing of it" in alone.text


def test_accounts_are_those_of_their_clocks(told: Chronicle, pages: FlaskClient) -> None:
    before = read(pages, "/accounts", one="highmoor", other="rivermark", reported_until="2024-01-04").text

    assert "400" in before
    assert "The demand was met" not in before
    assert "They differ on nothing." in read(pages, "/accounts", reported_until="2024-01-02").text


def test_a_party_that_nobody_named_is_refused_by_name(told: Chronicle, pages: FlaskClient) -> None:
    assert "&#39;atlantis&#39;" in pages.get("/accounts?one=atlantis&other=rivermark").get_data(as_text=True)
    assert pages.get("/accounts?one=atlantis&other=rivermark").status_code == 422


def test_the_replay_tells_each_day_of_reports_once_with_its_words_before_and_after(
    told: Chronicle, pages: FlaskClient
) -> None:
    steps = pages.get("/story.json?subject=demand").get_json()["steps"]

    assert [each["until"] for each in steps] == ["2024-01-03", "2024-01-05"]
    first = steps[0]["told"][0]
    assert (first["name"], first["before"], first["after"]) == ("Status", "nothing known", "made")
    assert first["words"].startswith("What report 5")
    assert "finding-count" in steps[0]["findings"]
    assert [each["when"] for each in pages.get("/story.json").get_json()["steps"]] == [each["when"] for each in steps]


def test_a_day_as_it_was_known_sets_the_first_two_clocks(site: FlaskClient) -> None:
    answer = site.get("/subjects/swap-1000-for-1000?known_on=2025-05-21&zone=Europe/Kyiv")

    assert answer.headers["Location"].endswith("zone=Europe/Kyiv&at=2025-05-21&reported_until=2025-05-21")
    page = Page(site.get(answer.headers["Location"]).get_data(as_text=True))
    assert page.strong[0] == "agreed"


def test_the_picture_of_the_timeline_says_where_each_matter_stands_and_leaves_out_what_is_empty(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    for day in ("2024-01-01", "2024-01-20"):
        chronicle.given(SwapAgreed, "swap", occurred=day, reported="2024-01-21")
    chronicle.given(MeetingProposed, "talks", occurred="2024-01-02", proposed_for="2024-01-10", reported="2024-01-02")
    chronicle.given(SwapCompleted, "swap", occurred="2025-06-01", reported="2025-06-02", count_each=7)
    picture = pages.get("/chronology.svg").get_data(as_text=True)
    data = pages.get("/chronology.json").get_json()

    texts = [each.text for each in ElementTree.fromstring(picture).iter() if each.tag.endswith("}text")]  # noqa: S314
    assert {"completed, 1 June 2025", "The swap was completed: 7 each"} < {*texts}
    assert texts.count("lapsed") == 2  # under the name, and where time went by
    before, after = data["axis"][2]
    assert "2024-01-21" < day_of(before) < day_of(after) < "2025-06-01"
    assert len(re.findall('stroke-dasharray="1 3"', picture)) == 1


@settings(deadline=None)
@given(st.lists(st.integers(-(10**12), 10**12), max_size=30))
def test_an_axis_shows_every_instant_and_leaves_out_none(instants: list[int]) -> None:
    axis = axis_of(instants, 0)

    assert (axis is None) == (not instants)
    begin, end, left_out = axis or (0, 0, None)
    assert all(begin < each < end for each in instants)
    if left_out:
        assert not any(left_out[0] <= each <= left_out[1] for each in instants)
        assert left_out[1] - left_out[0] > (end - begin) / 5


def test_the_timeline_is_a_picture_that_stands_alone_and_ends_at_its_clocks(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapAgreed, "<swap>".strip("<>"), occurred="2024-01-01", reported="2024-01-02")
    chronicle.given(SwapAgreed, "later", occurred="2024-02-01", reported="2024-02-02")
    answer = pages.get("/chronology.svg?reported_until=2024-01-10")

    assert answer.content_type == "image/svg+xml"
    drawn = ElementTree.fromstring(answer.get_data())  # noqa: S314
    said = " ".join(drawn.itertext())
    assert "1 January 2024: Somebody agreed" in said or "1 January 2024" in said
    assert "February" not in said
    assert "position=" in said
    for each in drawn.iter():
        assert not {"class", "style", "onload"} & each.attrib.keys()
        assert not any("http" in value for name, value in each.attrib.items() if name.endswith("href"))
