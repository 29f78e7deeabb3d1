"""From an empty chronology to facts at the reading desk, by mouse and by keys alone; drafts; refusals."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import api_of
from tests.desk.hand import Hand, registered
from tests.fixtures.browsers import browser, served
from tests.pages.test_acts_in_browser import look
from tests.reading.articles import articles

MOST_CLICKS, MOST_TYPED = 90, 200
SEEDED = ("000_95b8250ccd96b254.txt", "002_1039a34a0dc7a305.txt")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Chronology]:
    """An empty chronology."""
    settings = Settings(database=f"sqlite:///{tmp_path}/desk.db", signing_key=f"{tmp_path}/key")
    chronology = Chronology(settings, follows=True)
    yield chronology
    chronology.close()


@pytest.fixture(scope="module")
def started() -> Iterator[Any]:
    with browser() as running:
        yield running


def opened(started: Any, look_of: str) -> Any:
    page = started.new_context(viewport={"width": 1440, "height": 900}, color_scheme=look_of).new_page()
    page.set_default_timeout(60_000)
    return page


def sign_in(hand: Hand, base: str, token: str) -> None:
    hand.page.goto(f"{base}/sign-in")
    hand.paste("#token", token)
    hand.press("Enter")
    hand.page.wait_for_url("**/")


def take_in(hand: Hand, text: str) -> None:
    """Paste a text, put right what is guessed of it, and begin to read."""
    hand.click('nav a[href="/desk"]')
    hand.page.wait_for_url("**/desk")
    hand.paste("#text", text)
    hand.click("form.document button.first")
    hand.page.locator("#f-title").wait_for()
    for field, typed in (("publisher", "TRT World"), ("published", "2 June 2025")):
        if not hand.page.locator(f"#f-{field}").input_value():
            hand.go_to(f"#f-{field}") if hand.by_keys else hand.click(f"#f-{field}")
            hand.type(typed)
    hand.click("form.document button.first")
    hand.page.wait_for_url("**/desk/sources/*")


def fact(hand: Hand, sentence: int, kind: str, **fields: Any) -> None:
    """Make a fact of a sentence: of each field which of what is offered is taken, or what is typed."""
    hand.sentence(sentence)
    hand.begin("f")
    hand.page.locator("#h-hand", has_text="What happened?").wait_for()
    if not hand.page.locator(f'.kinds-first [data-kind="{kind}"]').count():
        hand.click("#hand summary")
    hand.click(f'[data-kind="{kind}"]')
    hand.page.locator("#fact").wait_for()
    for field, wanted in fields.items():
        for each in wanted:
            offered = hand.offered(field)
            found = [value for value in offered if each in value]
            assert found, (field, each, offered)
            hand.take(field, found[0])


def record(hand: Hand) -> None:
    if hand.by_keys:
        hand.press("Control+Enter")
    else:
        hand.click("#fact button.first")
    assert hand.recorded() == "Recorded."


@pytest.mark.parametrize("by_keys", [False, True], ids=["by mouse", "by keys alone"])
def test_two_articles_become_five_facts_a_second_source_a_contradiction_and_a_proposal_that_is_accepted(
    desk: Chronology, started: Any, shared: Path, by_keys: bool
) -> None:
    first, second = ((shared / "seeds" / name).read_text(encoding="utf-8") for name in SEEDED)
    look_of = "dark" if by_keys else "light"
    with served(desk) as base:
        hand = Hand(opened(started, look_of), by_keys=by_keys)
        sign_in(hand, base, desk.keyring.issue("Recording editor", "editor", "test")[1])
        take_in(hand, first)
        numbers = {
            words: number
            for number, sentence in enumerate(hand.page.locator(".sentence").all_inner_texts(), 1)
            for words in ("Ciragan", "Galuzin", "Zelenskyy", "1,000", "May 25")
            if words in sentence
        }
        fact(hand, numbers["Ciragan"], "TalksBegan", subject=["+"], parties=["+Russia", "+Ukraine"])
        record(hand)
        fact(hand, numbers["Galuzin"], "DelegationNamed", subject=["talks"], side=["russia"], head=["Medinsky"])
        look(hand.page, f"desk-fact-{look_of}-1440")
        record(hand)
        fact(hand, numbers["Zelenskyy"], "StatementMade", subject=["talks"], by=["Zelenskyy"], gist=["memorandum"])
        record(hand)
        fact(hand, numbers["1,000"], "SwapAgreed", subject=["+"], parties=["russia", "ukraine"], count_each=["1000"])
        record(hand)
        fact(hand, numbers["May 25"], "SwapCompleted", subject=["swap"])
        record(hand)
        assert "sentences read" in hand.page.locator("#progress").inner_text()

        take_in(hand, second)
        told = hand.page.locator(".sentence").all_inner_texts()
        led = next(number for number, each in enumerate(told, 1) if "Medinsky" in each)
        ended = next(number for number, each in enumerate(told, 1) if "an hour" in each)
        new = max(number for number, each in enumerate(told, 1) if "this month" in each)
        hand.sentence(led)
        hand.begin("s")
        hand.click('.like [data-act="corroborate"]')
        hand.page.locator("#fact").wait_for()
        record(hand)
        hand.sentence(ended)
        hand.begin("d")
        hand.click('.like [data-act="dispute"]')
        hand.page.locator("#fact").wait_for()
        hand.choose("#f-changes-status", "concluded")
        record(hand)
        fact(hand, new, "MeetingProposed", subject=["+"], by=["ukraine"], proposed_for=["2025-06"])
        hand.click('#fact [value="send"]')
        assert hand.recorded() == "Sent to an editor."
        look(hand.page, f"desk-so-far-{look_of}-1440")

        other = Hand(opened(started, look_of), by_keys=by_keys)
        sign_in(other, base, desk.keyring.issue("Accepting editor", "editor", "test")[1])
        other.click('nav a[href="/proposals"]')
        other.page.wait_for_url("**/proposals")
        other.click('button:has-text("Accept"):not(:has-text("chosen"))')
        other.page.get_by_text("Nothing waits").wait_for()

    clicks, typed = hand.clicks + other.clicks, hand.typed + other.typed
    print(f"{clicks} clicks, {hand.presses + other.presses} presses, {typed} typed characters")
    api = api_of(desk, "reader")
    kinds = [each["kind"] for each in api.get("/facts").get_json()["facts"]]
    assert {"TalksBegan", "DelegationNamed", "StatementMade", "SwapAgreed", "SwapCompleted", "MeetingProposed"} <= {
        *kinds
    }
    if by_keys:
        assert clicks == 0
    assert clicks <= MOST_CLICKS
    assert typed <= MOST_TYPED


def test_on_a_phone_drafts_survive_a_closed_tab_words_are_added_and_refusals_stand_beside_the_field(
    desk: Chronology, started: Any
) -> None:
    article = articles()[2]
    api_of(desk, "editor").posted("/sources", registered(article))
    swap, more = article.facts[1]["quote"], article.facts[2]["quote"]
    phone = started.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True)
    with served(desk) as base:
        hand = Hand(phone.new_page())
        sign_in(hand, base, desk.keyring.issue("Recorder", "recorder", "test")[1])
        hand.page.goto(f"{base}/desk/sources/{article.name}")
        hand.mark(article.text, swap)
        look(hand.page, "desk-marked-390-dark")
        assert hand.page.locator('.bar [data-key="d"]').count() == 0
        hand.begin("f")
        hand.page.locator("#h-hand", has_text="What happened?").wait_for()
        look(hand.page, "desk-kinds-390-dark")
        hand.click('[data-kind="SwapAgreed"]')
        hand.page.locator("#fact").wait_for()
        hand.page.locator("#f-subject").fill("The May swap")
        hand.press("Enter")
        hand.page.locator("#f-count_each").fill("a great many")
        hand.press("Control+Enter")
        hand.page.locator("#f-count_each[aria-invalid]").wait_for()
        assert "a great many" in hand.page.locator("#f-count_each-wrong").inner_text()
        look(hand.page, "desk-refused-390-dark")
        hand.page.close()

        hand = Hand(phone.new_page())
        hand.page.goto(f"{base}/desk/sources/{article.name}")
        hand.page.locator(".taken", has_text="The May swap").wait_for()
        assert hand.page.locator("#f-count_each").input_value() == "a great many"
        hand.page.locator("#f-count_each").fill("1,212")
        hand.mark(article.text, more)
        assert "Add words for “Number, each side”" in hand.page.locator(".bar").inner_text()
        hand.begin("a")
        hand.page.locator("#fact q").nth(1).wait_for()
        assert hand.page.evaluate("document.activeElement.id") == "f-count_each"
        hand.click("#fact button.first")
        assert hand.recorded() == "Recorded."
        assert "1,212" in hand.page.locator("#last").inner_text()
        assert str(hand.page.locator("#last a").get_attribute("href")) in hand.page.locator("#so-far").inner_html()
        assert "2 of 14 sentences read" in hand.page.locator("#progress").inner_text()
        look(hand.page, "desk-recorded-390-dark")

    (fact,) = api_of(desk, "reader").get("/facts", kind="SwapAgreed").get_json()["facts"]
    assert [each["exact"] for each in fact["citations"]] == [swap, more]
    assert fact["fields"]["count_each"] == {"best": 1212}


def test_with_a_finger_words_are_selected_longer_and_the_bar_stands_within_the_screen(
    desk: Chronology, started: Any
) -> None:
    article = articles()[2]
    text = " ".join(article.text.split())
    api_of(desk, "editor").posted("/sources", {**registered(article), "text": text})
    phone = started.new_context(viewport={"width": 390, "height": 500}, has_touch=True, is_mobile=True)
    with served(desk) as base:
        hand = Hand(phone.new_page())
        sign_in(hand, base, desk.keyring.issue("Recorder", "recorder", "test")[1])
        hand.page.goto(f"{base}/desk/sources/{article.name}")
        first, *_, last = text.partition(". ")[0].split()
        hand.mark(text, first)
        hand.mark(text, text[: text.index(last) + len(last)])
        box = hand.page.locator(".bar").bounding_box()
        paragraph = hand.page.locator("#reading p").bounding_box()
        look(hand.page, "desk-touch-390")
        hand.page.locator('.bar [data-key="f"]').tap()
        hand.page.locator("#h-hand", has_text="What happened?").wait_for()

        assert paragraph["y"] + paragraph["height"] > 500
        assert (box["x"] >= 0, box["x"] + box["width"] <= 390) == (True, True)
        assert (box["y"] > 0, box["y"] + box["height"] <= 500) == (True, True)
        assert hand.page.locator("#hand q").inner_text().endswith(last)


def test_of_two_at_the_desk_on_one_fact_one_wins_and_the_other_sees_it_and_loses_no_typing(
    desk: Chronology, started: Any
) -> None:
    article, api = articles()[2], api_of(desk, "editor")
    api.posted("/sources", registered(article))
    quote = article.facts[1]["quote"]
    body = {"id": "swap", "kind": "SwapAgreed", "subject": "the-swap", "occurred": "2025-05-16", "count_each": 1000}
    api.posted("/facts", {**body, "citations": [{"source": article.name, "exact": quote}]})
    with served(desk) as base:
        hands = [Hand(opened(started, "light")) for _ in range(2)]
        for number, hand in enumerate(hands):
            sign_in(hand, base, desk.keyring.issue(f"Editor {number}", "editor", "test")[1])
            hand.page.goto(f"{base}/desk/sources/{article.name}")
            hand.mark(article.text, quote)
            hand.begin("d")
            hand.click('.like [data-act="dispute"]')
            hand.page.locator("#f-changes-count_each").fill(f"1,21{number}")
        record(hands[0])
        hands[1].click("#fact button.first")
        hands[1].page.locator("#wrong", has_text="It has changed since you opened this form").wait_for()

        assert "by Editor 0" in hands[1].page.locator("#wrong").inner_text()
        assert hands[1].page.locator("#f-changes-count_each").input_value() == "1,211"
        look(hands[1].page, "desk-changed-1440-light")
        record(hands[1])

    stream = api.get("/facts/swap").get_json()["stream"]
    assert [each["recorded_by"] for each in stream[1:]] == ["Editor 0", "Editor 1"]
