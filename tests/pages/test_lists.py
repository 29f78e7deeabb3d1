"""Lists are filtered, sorted and paged by their address alone, keep the clocks, and leave as CSV as they stand."""

import csv
import re
from collections.abc import Iterator
from html import unescape
from io import StringIO

import pytest
from flask.testing import FlaskClient

from events.kinds.occurrence import Occurred
from events.kinds.swap import SwapAgreed, SwapCompleted
from events.kinds.talks import MeetingProposed
from service.app import create_app
from service.databases.chronology import Chronology
from service.pages.history import timeline
from service.pages.lists import actor_list, matter_list, source_list
from service.settings import Settings
from tests.fixtures.stories import Chronicle


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The pages of a story that is told once."""
    folder = tmp_path_factory.mktemp("told")
    chronology = Chronology(Settings(database=f"sqlite:///{folder}/chronology.db"))
    story = Chronicle(chronology)
    story.given(SwapAgreed, "old-swap", occurred="2024-01-01", reported="2024-01-02", parties=["arvenia"])
    story.given(SwapCompleted, "new-swap", occurred="2024-03-01", reported="2024-03-02", announced_by=["belmark"])
    story.given(SwapCompleted, "new-swap", occurred="2024-03-05", reported="2024-03-06", modality="denied")
    story.given(MeetingProposed, "talks", occurred="2024-02-01", reported="2024-02-02", proposed_for="2024-02-20")
    yield create_app(chronology).test_client()
    chronology.close()


def rows(client: FlaskClient, address: str) -> list[str]:
    """The first cells of the table of matters, facts, sources or people."""
    page = client.get(address)
    assert page.status_code == 200, page.get_data(as_text=True)
    cells = re.findall(r'<tr><th scope="row">(.*?)</th>', page.get_data(as_text=True), re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", "", each).split()) for each in cells]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["New swap", "Talks", "Old swap"]),
        ("kind=swap", ["New swap", "Old swap"]),
        ("kind=swap&state=agreed", ["Old swap"]),
        ("only=late", ["Talks"]),
        ("only=denied", ["New swap"]),
        ("party=arvenia", ["Old swap"]),
        ("since=1+February+2024", ["New swap", "Talks"]),
        ("q=swap", ["New swap", "Old swap"]),
        ("at=2024-02-10&reported_until=2024-02-10&kind=swap", ["Old swap"]),
    ],
)
def test_matters_are_filtered_by_what_the_address_says(told: FlaskClient, query: str, found: list[str]) -> None:
    assert rows(told, f"/?{query}") == found
    written = csv.DictReader(StringIO(told.get(f"/csv/matters?{query}").get_data(as_text=True)))
    assert [row["Matter"] for row in written] == found


def test_the_form_counts_what_each_choice_would_leave_and_keeps_the_clocks(told: FlaskClient) -> None:
    page = told.get("/?kind=swap&reported_until=2024-05-01").get_data(as_text=True)
    form = page[page.index('<form class="filters"') :].partition("</form>")[0]

    assert '<option value="swap" selected>swap (2)' in form.replace("Swap", "swap")
    assert '<option value="agreed">agreed (1)' in form
    assert '<input type="hidden" name="reported_until" value="2024-05-01">' in form
    assert 'href="/?reported_until=2024-05-01">Without filters' in page


def test_facts_are_filtered_and_a_day_is_gone_to_from_either_end(told: FlaskClient) -> None:
    def dates(query: str) -> list[str]:
        return rows(told, f"/chronology?{query}")

    assert dates("") == ["5 March 2024", "1 March 2024", "1 February 2024", "1 January 2024"]
    assert dates("order=oldest") == ["1 January 2024", "1 February 2024", "1 March 2024", "5 March 2024"]
    assert dates("day=1+February+2024") == ["1 February 2024", "1 January 2024"]
    assert dates("day=1+February+2024&order=oldest") == ["1 February 2024", "1 March 2024", "5 March 2024"]
    assert dates("kind=SwapCompleted") == ["5 March 2024", "1 March 2024"]
    assert dates("held=denied") == ["5 March 2024"]
    assert dates("party=arvenia") == ["1 January 2024"]
    assert dates("held=denied&reported_until=2024-03-03") == []


def test_the_timeline_draws_what_its_filter_leaves(told: FlaskClient) -> None:
    for page, drawn in (("/?kind=swap", {"New swap", "Old swap"}), ("/chronology?held=denied", {"New swap"})):
        source = re.search(r'data-src="([^"]+)"', told.get(page).get_data(as_text=True))
        assert source is not None
        answer = told.get(unescape(source[1])).get_json()
        assert {group["title"] for group in answer["groups"]} == drawn


@pytest.mark.parametrize(
    "address", ["/", "/chronology", "/sources", "/actors", "/?sort=since", "/sources?order=oldest"]
)
def test_a_list_goes_on_from_where_a_page_ends_until_all_were_shown_once(
    told: FlaskClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    whole = rows(told, address)
    for one_page in (timeline.timeline_page, matter_list.matter_list, source_list.source_list, actor_list.actor_list):
        monkeypatch.setattr(one_page, "__defaults__", (1,))
    found: list[str] = []
    while address:
        page = told.get(address).get_data(as_text=True)
        found += rows(told, address)
        pager = page.partition('<nav class="pager"')[2].partition("</nav>")[0]
        onward = re.findall(r'href="([^"]+)">(?:More|Earlier|Later)', pager)
        address = unescape(onward[0]) if onward else ""

    assert found == whole
    assert len(found) > 1


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/", ["C", "B", "A"]),
        ("/chronology", ["3 January 2024", "2 January 2024", "1 January 2024"]),
        ("/sources?order=oldest", ["Of a", "Of b", "Of c"]),
        ("/actors", ["Party a", "Party b", "Party c"]),
    ],
)
def test_a_list_goes_on_as_it_was_when_it_began_whatever_is_recorded_meanwhile(
    chronicle: Chronicle, pages: FlaskClient, monkeypatch: pytest.MonkeyPatch, address: str, shown: list[str]
) -> None:
    for one_page in (timeline.timeline_page, matter_list.matter_list, source_list.source_list, actor_list.actor_list):
        monkeypatch.setattr(one_page, "__defaults__", (1,))
    for day, name in enumerate("abc", 1):
        cited = [chronicle.report("Gazette", f"2024-01-0{day}", title=f"Of {name}")]
        chronicle.given(SwapAgreed, name, occurred=f"2024-01-0{day}", parties=[f"party-{name}"], citations=cited)

    found: list[str] = []
    while address:
        found += rows(pages, address)
        onward = re.findall(r'href="([^"]+)">(?:More|Earlier|Later)', pages.get(address).get_data(as_text=True))
        address = unescape(onward[0]) if onward else ""
        chronicle.given(SwapCompleted, "a", occurred="2023-06-01", reported="2024-06-01", announced_by=["party-bb"])

    assert found == shown


def test_each_row_of_the_timeline_says_its_state_and_what_it_waited_for(told: FlaskClient) -> None:
    groups = {each["title"]: each for each in told.get("/chronology.json?of=matters").get_json()["groups"]}

    assert [groups[name]["state"] for name in ("New swap", "Old swap", "Talks")] == [
        "completed, 1 March 2024",
        "agreed, 1 January 2024",
        "lapsed",
    ]
    assert (groups["New swap"]["promised"], groups["New swap"]["passed"]) == (None, False)
    assert groups["Talks"]["promised"] == [1_708_387_200_000, 1_708_473_600_000]  # 20 February 2024
    assert groups["Talks"]["passed"]
    assert groups["New swap"]["steps"][-1] == "completed"


def test_sources_are_of_one_publisher_or_from_a_day_on(chronicle: Chronicle, pages: FlaskClient) -> None:
    for publisher, published in (("Herald", "2024-01-02"), ("Gazette", "2024-03-02"), ("Herald", "2024-05-02")):
        chronicle.report(publisher, published, title=f"{publisher} of {published}")

    assert rows(pages, "/sources?publisher=Herald") == ["Herald of 2024-05-02", "Herald of 2024-01-02"]
    assert rows(pages, "/sources?day=2+March+2024") == ["Gazette of 2024-03-02", "Herald of 2024-01-02"]
    assert rows(pages, "/sources?day=2+March+2024&order=oldest") == ["Gazette of 2024-03-02", "Herald of 2024-05-02"]


def test_a_source_whose_date_was_corrected_stands_where_it_was_known_to_stand(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    first = chronicle.report("Herald", "2024-01-02", title="First")
    chronicle.report("Herald", "2024-02-02", title="Second")
    before = chronicle.chronology.record.head()
    chronicle.correct_source(first["source"], published="2024-03-02")

    assert rows(pages, "/sources") == ["First", "Second"]
    assert rows(pages, f"/sources?position={before}") == ["Second", "First"]


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("/?kind=planet", "&#39;planet&#39; is none of"),
        ("/?since=soon", "&#39;soon&#39; is not a day"),
        ("/?after=nowhere", "&#39;nowhere&#39; is not a place in this list"),
        ("/chronology?held=true", "&#39;true&#39; is none of"),
        ("/sources?order=up", "&#39;up&#39; is none of"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named(told: FlaskClient, address: str, named: str) -> None:
    answer = told.get(address)

    assert answer.status_code == 422
    assert named in answer.get_data(as_text=True)


def test_of_many_happenings_the_filter_finds_those_before_any_limit(chronicle: Chronicle, pages: FlaskClient) -> None:
    for number in range(3):
        chronicle.given(Occurred, f"it-{number}", occurred=f"2024-01-0{number + 1}", what=f"thing {number} came about")
    chronicle.given(SwapAgreed, "swap", occurred="2024-02-01")

    assert rows(pages, "/chronology?kind=Occurred&order=oldest") == [f"{day} January 2024" for day in (1, 2, 3)]
