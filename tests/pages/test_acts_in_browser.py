"""The forms in a real browser: by keyboard alone on a phone, without JavaScript, and what axe finds."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import Api, api_of
from tests.fixtures.browsers import browser, served, violations
from tests.fixtures.stories import Ticking
from tests.pages.test_acts import FACT, PAPER, POST
from tests.pages.test_browser import keep


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chronology]:
    folder: Path = tmp_path_factory.mktemp("desk")
    settings = Settings(database=f"sqlite:///{folder}/desk.db", signing_key=f"{folder}/key")
    chronology = Chronology(replace(settings, four_eyes="facts"), now=Ticking(), follows=True)
    api: Api = api_of(chronology, "editor")
    for path, body in (("/sources", PAPER), ("/sources", POST), ("/facts", FACT)):
        api.posted(path, body)
    yield chronology
    chronology.close()


def look(page: Any, name: str) -> None:
    """Keep a picture; nothing is wider than the screen, and axe finds nothing."""
    keep(page, name)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert violations(page) == [], name


def press_to(page: Any, name: str) -> None:
    """Press Tab until what has the focus is called so."""
    for _ in range(80):
        page.keyboard.press("Tab")
        called = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim().split('\\n')[0]"
        )
        if called.startswith(name):
            return
    pytest.fail(f"{name} is not reached by the keyboard")


def signed_in(started: Any, base: str, desk: Chronology, role: str, **look_of: Any) -> Any:
    page = started.new_context(**look_of).new_page()
    page.goto(f"{base}/sign-in")
    page.get_by_label("Your token").fill(desk.keyring.issue(f"Somebody, {role}", role, "test")[1])
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    return page


def test_a_fact_is_sent_to_an_editor_by_keys_alone_on_a_phone_and_accepted_without_javascript(
    desk: Chronology,
) -> None:
    phone = {"viewport": {"width": 390, "height": 900}, "color_scheme": "dark"}
    screen = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", "java_script_enabled": False}
    with browser() as started, served(desk) as base:
        page = signed_in(started, base, desk, "recorder", **phone)
        page.goto(f"{base}/subjects/swap")
        for name in ("Record, merge, judge", "Record a fact"):
            press_to(page, name)
            page.keyboard.press("Enter")
        page.wait_for_url("**/record")
        look(page, "act-kinds-390-dark")
        press_to(page, "The swap was completed")
        page.keyboard.press("Enter")
        page.wait_for_url("**/record?kind=SwapCompleted")
        for label, typed in (
            ("Number, each side", "300 to 339"),
            ("Happened", "2024-01-03"),
            ("From which source", "paper"),
            ("The exact words", "It was over on the fourth."),
        ):
            press_to(page, label)
            page.keyboard.type(typed)
        press_to(page, "See what it would change")
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        look(page, "act-refused-390-dark")
        page.get_by_label("The exact words").focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("It was over on the third.")
        press_to(page, "See what it would change")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="What it would say and change").wait_for()
        look(page, "act-would-390-dark")
        press_to(page, "Send to an editor")
        page.keyboard.press("Enter")
        page.wait_for_url("**/proposals*")

        editor = signed_in(started, base, desk, "editor", **screen)
        editor.goto(f"{base}/desk/fact/agreed/correct")
        assert editor.get_by_label("Number, each side").input_value() == "339"
        keep(editor, "act-correct-1440-light")
        editor.goto(f"{base}/proposals")
        would = editor.locator(".would").inner_text().replace("→", " ")
        assert "agreed became completed, on 3 January 2024" in " ".join(would.split())
        editor.get_by_label("Choose").check()
        editor.get_by_role("button", name="Accept those chosen").click()
        editor.get_by_text("1 proposal is accepted.").wait_for()
        keep(editor, "proposals-accepted-1440-light")
    assert api_of(desk, "reader").get("/subjects/swap").get_json()["status"]["value"] == "completed"
