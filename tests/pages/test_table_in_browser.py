"""The page of a table in a real browser: matched, put right, recorded; and what axe finds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.browsers import browser, served
from tests.fixtures.stories import Ticking
from tests.fixtures.tables import table_of_rows
from tests.pages.test_acts_in_browser import look, signed_in


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chronology]:
    folder: Path = tmp_path_factory.mktemp("desk")
    chronology = Chronology(
        Settings(database=f"sqlite:///{folder}/desk.db", signing_key=f"{folder}/key"), now=Ticking(), follows=True
    )
    yield chronology
    chronology.close()


def test_a_table_is_chosen_matched_mended_and_recorded_and_a_row_without_words_is_given_them(
    desk: Chronology, tmp_path: Path
) -> None:
    table = tmp_path / "boats.csv"
    table.write_text(table_of_rows(24), encoding="utf-8-sig")
    phone = {"viewport": {"width": 390, "height": 900}, "color_scheme": "dark", "java_script_enabled": True}
    screen = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", "java_script_enabled": True}
    with browser() as started, served(desk) as base:
        page = signed_in(started, base, desk, "recorder", **screen)
        page.goto(f"{base}/desk")
        page.get_by_role("link", name="Take in a table").click()
        look(page, "table-1440-light")
        page.get_by_label("File").set_input_files(table)
        page.get_by_role("button", name="Match its columns").click()
        page.get_by_label("Number each").select_option("count_each")
        look(page, "table-matched-1440-light")
        page.get_by_role("button", name="See what its rows say").click()
        page.get_by_text("22 of 24 rows can be taken in").wait_for()
        look(page, "table-faults-1440-light")
        page.set_viewport_size(phone["viewport"])
        page.emulate_media(color_scheme="dark")
        look(page, "table-faults-390-dark")
        page.locator("[id='cell.8.0']").fill("4 July 2015")
        page.get_by_label("Leave row 23 out").check()
        page.get_by_role("button", name="Look again").first.click()
        page.get_by_text("23 of 23 rows can be taken in").wait_for()
        page.get_by_role("button", name="Record").click()
        page.get_by_role("heading", name="The table is taken in").wait_for()
        look(page, "table-taken-390-dark")

        page.get_by_role("link", name="What waits").click()
        look(page, "unsourced-390-dark")
        page.get_by_role("link", name="Give it words").first.click()
        look(page, "give-words-390-dark")
        page.get_by_label("The exact words").fill("they spoke of 10 boats")
        page.get_by_role("button", name="See what it would change").click()
        page.get_by_role("button", name="Record").click()
        page.wait_for_url("**/facts/**")
        page.goto(f"{base}/proposals")
        assert page.get_by_role("link", name="Give it words").count() == 1
