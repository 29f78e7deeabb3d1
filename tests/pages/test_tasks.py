"""What people come for, done in a real browser with the clicks counted: tasks a to i of those who use the pages."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from service.databases.chronology import Chronology
from tests.fixtures.browsers import browser, served

SWAP = "/subjects/swap-1000-for-1000"
FIRST_SCREEN = (
    "(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(document.querySelector('%s').getBoundingClientRect())"
)


class Reader:
    """Somebody at a page; each click is counted."""

    def __init__(self, page: Any, site: str) -> None:
        self.page, self.site, self.clicks = page, site, 0

    def at(self, path: str) -> "Reader":
        self.page.goto(self.site + path)
        self.clicks = 0
        return self

    def click(self, found: Any) -> None:
        found.click()
        self.clicks += 1

    def text(self, where: str = "main") -> str:
        return " ".join(self.page.locator(where).first.inner_text().split())


@pytest.fixture(scope="module")
def reader(sample: Chronology) -> Iterator[Reader]:
    with browser() as chrome, served(sample) as site:
        context = chrome.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.set_default_timeout(20_000)
        yield Reader(page, site)
        context.close()


def test_a_what_was_known_on_a_day_takes_three_clicks_and_one_date(reader: Reader) -> None:
    page = reader.at(SWAP).page
    reader.click(page.locator("#turn"))
    page.get_by_label("As it was known on", exact=True).fill("2025-05-21")
    reader.click(page.get_by_role("button", name="Show that day"))
    page.wait_for_url("**reported_until=2025-05-21**")

    assert reader.text(".stand strong") == "agreed"
    assert "You see 21 May 2025, from reports up to 21 May 2025" in reader.text("#reading")
    assert reader.clicks <= 3


def test_b_who_demanded_the_children_in_which_words_and_numbers_is_one_click_away(reader: Reader) -> None:
    page = reader.at("/").page
    reader.click(page.get_by_role("link", name="Return of children to Ukraine").first)

    told = reader.text()
    for words in ("Demanded by", "Ukraine", "339", "400", "not quite 400 children"):
        assert words in told
    assert reader.clicks == 1


def test_c_what_changed_between_two_days_is_answered_in_the_first_screen(reader: Reader) -> None:
    page = reader.at("/").page
    reader.click(page.get_by_role("link", name="What changed"))
    page.get_by_label("What changed between").fill("25 May 2025")
    page.get_by_label("and", exact=True).fill("10 June 2025")
    reader.click(page.get_by_role("button", name="Compare"))
    page.get_by_role("heading", name="What changed between 25 May 2025 and 10 June 2025").wait_for()

    assert re.search(r"\d+ matters? (changed|is|are|came)", reader.text(".summary"))
    assert page.evaluate(FIRST_SCREEN % ".summary")
    assert reader.clicks <= 3


def test_d_every_step_of_the_replay_has_its_caption_and_changes_the_page(reader: Reader) -> None:
    page = reader.at(SWAP).page
    reader.click(page.locator("#turn"))
    reader.click(page.get_by_role("button", name="Replay the news"))
    bar = page.get_by_role("region", name="Replay of the news")
    bar.wait_for()
    page.get_by_role("button", name="Pause").click()
    steps = page.request.get(f"{reader.site}/story.json?subject=swap-1000-for-1000").json()["steps"]
    assert len(steps) >= 3
    for number, step in enumerate(steps):
        page.get_by_text(f"{number + 1} of {len(steps)}").wait_for()
        page.wait_for_url(f"**reported_until={step['until']}**")
        said = reader.text(".caption")
        assert step["when"] in said
        for each in step["told"]:
            assert each["before"] != each["after"] or each["name"] is None, step
            assert each["publisher"] in said
            assert " ".join(each["words"].split()) in said
        page.locator(".lit").first.wait_for()
        if number < len(steps) - 1:
            page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("button", name="Back", exact=True).press("ArrowLeft")
    page.get_by_text(f"{len(steps) - 1} of {len(steps)}").wait_for()
    page.get_by_label("Speed of the replay").select_option("fast")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert bar.is_hidden()
    assert reader.clicks == 2


def test_e_a_link_to_a_past_view_is_one_click_and_says_which_past_to_whom_it_is_sent(reader: Reader) -> None:
    page = reader.at(f"{SWAP}?at=2025-05-20&reported_until=2025-05-21").page
    link = page.get_by_role("link", name="Copy link")
    sent = str(link.get_attribute("href"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.click(link)
    page.get_by_text("Copied", exact=True).wait_for()

    assert reader.clicks == 1
    assert {"at", "reported_until", "position"} <= parse_qs(urlsplit(sent).query).keys()
    reader.at(sent)
    assert "You see 20 May 2025, from reports up to 21 May 2025" in reader.text("#reading")
    assert page.get_by_role("link", name="Back to today").is_visible()


def test_f_all_that_one_person_said_is_two_clicks_away_in_the_order_of_time(reader: Reader) -> None:
    page = reader.at("/").page
    reader.click(page.get_by_role("link", name="People and parties"))
    reader.click(page.get_by_role("link", name="Vladimir Medinsky"))
    page.get_by_role("heading", level=1, name="Vladimir Medinsky").wait_for()

    assert "For Russia" in reader.text() or "Russia" in reader.text()
    assert reader.clicks == 2


def test_g_what_is_overdue_or_lapsed_stands_in_one_place_that_nothing_contradicts(reader: Reader) -> None:
    page = reader.at("/").page
    reader.click(page.get_by_role("link", name="Due", exact=True))

    due = page.locator("#due ~ ul").all_inner_texts()
    lapsed = [row for row in page.locator(".matters tr").all_inner_texts() if "lapsed" in row]
    assert lapsed
    for row in lapsed:
        title = row.split("\t")[0].strip()
        assert any(title in each for each in due)
        reader.page.goto(f"{reader.site}/")
        page.get_by_role("link", name=title).first.click()
        page.get_by_role("heading", level=1, name=title).wait_for()
        assert reader.text(".stand strong") == "lapsed"
    assert reader.clicks == 1


def test_h_a_printed_past_view_says_which_past_and_its_address(reader: Reader) -> None:
    page = reader.at("/?at=2025-05-20&reported_until=2025-05-21").page
    page.emulate_media(media="print")

    assert "position=" in reader.text(".printed")
    assert "20 May 2025" in reader.text("#reading")
    for hidden in (".presets", "nav", ".story"):
        assert not page.locator(hidden).first.is_visible()
    page.emulate_media(media="screen")


def test_i_a_day_of_the_past_is_reached_by_the_keyboard_alone(reader: Reader) -> None:
    page = reader.at(SWAP).page
    page.locator("#clocks .track").first.wait_for(state="attached")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "turn":
            break
    page.keyboard.press("Enter")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "at":
            break
    page.keyboard.type("20 May 2025")
    page.keyboard.press("Enter")
    page.wait_for_url("**at=20*May*2025**")
    page.locator(".stand strong", has_text="agreed").wait_for()
    assert reader.clicks == 0


def test_each_sides_account_is_two_clicks_from_a_matter_and_sets_their_words_side_by_side(reader: Reader) -> None:
    page = reader.at("/subjects/return-of-children").page
    reader.click(page.locator("#turn"))
    reader.click(page.locator("#accounts"))
    page.get_by_role("heading", level=1, name="Return of children to Ukraine: as Ukraine and Russia have it").wait_for()

    row = " ".join(page.locator("tr", has_text="Number to return").inner_text().split())
    assert re.search(r"Number to return 400 .*LIGA.net.* 339 .*RBC-Ukraine", row)
    agreed = page.get_by_text("They agree on")
    assert not page.locator("details.folded", has_text="They agree on").locator("td").first.is_visible()
    agreed.click()
    assert page.locator("details.folded", has_text="They agree on").locator("td").first.is_visible()
    assert reader.clicks == 2
