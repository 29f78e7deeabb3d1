"""The pages in a real browser: a newcomer's path, the keyboard, no JavaScript, small and wide, light and dark."""

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from werkzeug import Response
from werkzeug.serving import make_server

from events.kinds.swap import SwapCompleted
from service.databases.chronology import Chronology
from service.settings import Settings
from service.web import streams
from tests.fixtures.browsers import browser, served, violations
from tests.fixtures.recording import record_facts
from tests.fixtures.samples import readings
from tests.fixtures.stories import Chronicle, Ticking

ARTEFACTS = Path(__file__).parents[2] / "artefacts"
SWAP = "/subjects/swap-1000-for-1000"
PAGES = {
    "overview": "/",
    "overview-of-a-day": "/?at=2025-07-10",
    "chronology": "/chronology",
    "subject": SWAP,
    "contested": "/subjects/return-of-children",
    "fact": "/facts/second-swap-completed",
    "sources": "/sources",
    "source": "/sources/liga-2025-06-02",
    "actors": "/actors",
    "actor": "/actors/medinsky",
    "search": "/search?q=captives",
    "compare": "/compare?to_reported_until=2025-06-20&from_reported_until=2025-06-02",
    "accounts": "/accounts",
    "accounts-of-a-matter": "/accounts?subject=return-of-children",
    "api": "/docs",
    "refused": "/?at=yesterday",
    "help": "/help",
    "embedded": "/embed/subjects/swap-1000-for-1000",
    "embedded-timeline": "/embed/chronology",
    "sign-in": "/sign-in?next=/sources",
}
NAME_OF_FOCUS = "(({ id, ariaLabel, textContent }) => id || ariaLabel || textContent.trim())(document.activeElement)"
ASKED = """async (questions) => {
  const { travel } = await import("/static/js/travel.js");
  const answers = [];
  for (const [subject, query] of questions) {
    const reached = await travel(`/subjects/${subject}?${query}`, { remember: "replace" });
    const state = await (await fetch(`/api/v1/subjects/${subject}?${query.replace("at=none&", "")}`)).json();
    const shown = document.querySelector(".stand strong")?.textContent ?? null;
    answers.push([reached, shown, state.status?.value ?? null]);
  }
  return answers;
}"""
CUT = """() => [...document.querySelectorAll("main *")].filter((each) => {
  const { overflowX, overflowY } = getComputedStyle(each);
  const isCut = each.scrollHeight > each.clientHeight + 2 && each.clientHeight > 0 && overflowY !== "visible";
  return isCut || (each.scrollWidth > each.clientWidth + 2 && each.clientWidth > 0 && overflowX !== "visible");
}).filter((each) => !each.closest("svg, .away")).map((each) => each.outerHTML.slice(0, 80))"""
HOSTILE = "\"><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def site(sample: Chronology) -> Iterator[str]:
    with served(sample) as address:
        yield address


@pytest.fixture
def opened(chrome: Any, site: str) -> Iterator[Open]:
    """Opens pages, each in a browser of its own or `on` a page; nothing is asked of other hosts and nothing fails."""
    contexts: list[Any] = []
    asked: list[str] = []
    failed: list[str] = []

    def open_page(
        path: str = "/",
        width: int = 1440,
        scheme: str = "light",
        javascript: bool = True,
        base: str = site,
        on: Any = None,
        turned: bool = True,
    ) -> Any:
        page = on or new_page(width, scheme, javascript)
        page.goto(base + path)
        if javascript and not any(
            each in path for each in ("yesterday", "/compare", "/sign-in", "/help", "/embed", "/docs")
        ):
            page.locator("#clocks .track").first.wait_for(state="attached")
            page.evaluate(f"document.querySelector('.turn').open = {'true' if turned else 'false'}")
        return page

    def new_page(width: int, scheme: str, javascript: bool) -> Any:
        context = chrome.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=javascript,
            bypass_csp=False,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("console", lambda message: failed.append(message.text) if "Security" in message.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    strangers = [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:"))]
    assert strangers == []
    assert failed == []


def keep(page: Any, name: str, *, whole: bool = True) -> None:
    """Keep a picture of the page, where there is a folder for it: `mkdir artefacts`."""
    if ARTEFACTS.is_dir():
        page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=whole)


def wait_for_status(page: Any, status: str) -> None:
    """Until the page says so. (Polling from a string is what the page's policy forbids.)"""
    page.locator(".stand strong", has_text=status).wait_for(timeout=15_000)


def test_a_newcomer_finds_the_swap_goes_back_to_20_may_and_reads_the_words(opened: Open) -> None:
    page = opened("/")
    page.get_by_role("link", name="Swap of 1,000 for 1,000").first.click()
    page.locator("#turn").click()
    page.locator("#clocks .track").first.wait_for()
    assert page.locator(".stand strong").inner_text() == "completed"

    at = page.get_by_role("slider", name="What had happened by")
    while at.get_attribute("aria-valuetext") != "16 May 2025":
        at.press("ArrowLeft")
    page.wait_for_url("**at=2025-05-16**")
    page.get_by_label("What had happened by", exact=True).fill("20 May 2025")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**at=20*May*2025**")
    wait_for_status(page, "agreed")
    keep(page, "newcomer-agreed")

    page.locator(".stand a").first.click()
    page.locator("#finding-status").get_by_role("link", name="Istanbul hosts first direct").click()
    mark = page.locator("mark:target")
    assert mark.inner_text() == "a deal: a thousand captives for a thousand"
    keep(page, "newcomer-quote")

    again = opened(page.url.removeprefix(urlsplit(page.url).scheme + "://" + urlsplit(page.url).netloc))
    assert again.locator("mark:target").inner_text() == mark.inner_text()
    assert parse_qs(urlsplit(again.url).query)["at"] == ["2025-05-20"]


def test_dragging_a_slider_changes_the_state_in_place_and_the_address_with_it(opened: Open) -> None:
    page = opened(SWAP)
    page.evaluate("window.same = true")
    reported = page.get_by_role("slider", name="from reports up to")
    box = reported.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 12, box["y"] + box["height"] / 2, steps=6)
    page.mouse.up()

    wait_for_status(page, "agreed")
    assert "reported_until=2025-05-16" in page.url
    assert page.evaluate("window.same")
    page.go_back()
    wait_for_status(page, "completed")


def test_the_replay_steps_through_what_became_known_and_escape_ends_it(opened: Open) -> None:
    page = opened(SWAP)
    page.get_by_role("button", name="Replay the news").click()
    page.wait_for_url("**reported_until=2025-05-16**")
    wait_for_status(page, "agreed")
    wait_for_status(page, "partly carried out")
    assert "partly carried out" in page.locator("p.away[role=status]").inner_text()

    page.keyboard.press("Escape")

    page.get_by_role("region", name="Replay of the news").wait_for(state="hidden")
    before = page.url
    page.wait_for_timeout(2000)
    assert page.url == before


def test_everything_is_reached_by_the_keyboard_alone(opened: Open) -> None:
    page = opened("/chronology")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(NAME_OF_FOCUS))
    assert {"turn", "at", "reported_until", "recorded_until", "Show", "Zoom in"} <= reached

    timeline = page.get_by_role("application")
    timeline.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    said = page.locator(".chart-says a")
    assert said.get_attribute("href").startswith("/facts/")
    page.keyboard.press("Enter")
    page.wait_for_url("**/facts/**")


def test_the_belief_charts_arrow_keys_move_the_clocks(opened: Open) -> None:
    page = opened("/subjects/swap-wounded-and-young")
    page.locator("belief-chart svg").focus()

    page.keyboard.press("ArrowDown")

    page.wait_for_url("**reported_until=**")
    keep(page, "belief-chart")


def test_every_page_is_whole_without_javascript(opened: Open) -> None:
    page = None
    for name, path in PAGES.items():
        page = opened(path, javascript=False, on=page)
        assert page.locator("h1").inner_text()
        keep(page, f"plain-{name}")
    page = opened(SWAP, javascript=False, on=page)
    page.locator("#turn").click()
    page.get_by_label("What had happened by").fill("20 May 2025")
    page.get_by_role("button", name="Show", exact=True).click()
    assert page.locator(".stand strong").inner_text() == "agreed"


NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
LOOKS = [(1440, "light"), (390, "dark"), *([(1440, "dark"), (390, "light")] if NIGHTLY else [])]
"""Widths and schemes in which each page is looked at; by day each width and each scheme once."""
ALIKE = None if NIGHTLY else "details.operation:nth-of-type(n+6)"
"""What of the longest page axe does not see by day: a tenth of a second for each operation that is written as the last."""
TAKEN_OUT = """(alike) => [...document.querySelectorAll(alike)].map((each) => {
  const place = document.createComment("");
  each.replaceWith(place);
  return [place, each];
})"""
PUT_BACK = "(taken) => taken.forEach(([place, each]) => place.replaceWith(each))"


def test_no_page_is_wider_than_the_screen_and_axe_finds_nothing(opened: Open) -> None:
    page = None
    for number, (name, path) in enumerate(PAGES.items()):
        page = opened(path, on=page)
        for look, (width, scheme) in enumerate(LOOKS):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(150)
            keep(page, f"{name}-{width}-{scheme}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
            if NIGHTLY or number % len(LOOKS) == look:  # axe takes a second: by day it reads each page once
                taken = page.evaluate_handle(TAKEN_OUT, ALIKE) if ALIKE else None
                assert violations(page) == [], (name, width, scheme)
                if taken:
                    taken.evaluate(PUT_BACK)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_reader_signs_in_is_named_on_every_page_and_signs_out(
    opened: Open, sample: Chronology, javascript: bool
) -> None:
    width, scheme = (390, "dark") if javascript else (1440, "light")
    page = opened("/sign-in?next=/sources", width=width, scheme=scheme, javascript=javascript)
    page.get_by_label("Your token").fill("a mistake")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    keep(page, f"sign-in-refused-{width}-{scheme}")
    token_id, token = sample.keyring.issue("Ada of the night desk", "editor", "test")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sources")

    assert "Ada of the night desk (editor)" in page.locator(".who").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") if javascript else True
    keep(page, f"signed-in-{width}-{scheme}", whole=False)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert page.context.cookies() == []
    sample.keyring.revoke(token_id, "test")  # so that the name is free again


def test_the_readers_choice_of_colours_is_kept(opened: Open) -> None:
    page = opened("/")
    page.get_by_role("button", name="Switch to the dark page").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"


def test_print_keeps_the_clocks_and_drops_the_controls(opened: Open) -> None:
    page = opened("/?at=2025-07-10")
    page.emulate_media(media="print")

    assert page.get_by_text("You see 10 July 2025, all reports, our records as of now.").is_visible()
    assert not page.locator(".track").first.is_visible()
    assert not page.locator("nav").first.is_visible()
    keep(page, "print")


def test_a_printed_page_is_white_cuts_nothing_and_ends_with_address_day_and_head_of_the_log(
    opened: Open, sample: Chronology
) -> None:
    for path in ("/", SWAP):
        page = opened(path, width=794, scheme="dark")
        page.emulate_media(media="print", color_scheme="dark")
        page.wait_for_timeout(100)

        end = page.locator(".printed").inner_text()
        assert f"position={sample.record.head()}" in end
        assert "read 1 January 2026" in end
        assert f"log up to entry {sample.record.head()}, root " in end
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(CUT) == []
        keep(page, f"print-{'matter' if path == SWAP else 'overview'}")


def test_the_code_that_embeds_a_matter_shows_it_in_a_page_of_another_host(opened: Open, site: str) -> None:
    page = opened(SWAP)
    page.get_by_text("Embed", exact=True).click()
    code = page.get_by_label("Embed code").input_value()
    assert page.get_by_text("Copy embed code").get_attribute("data-copy") == code

    elsewhere = make_server("127.0.0.1", 0, Response(f"<!doctype html>{code}", content_type="text/html"))
    Thread(target=elsewhere.serve_forever, daemon=True).start()
    page.goto(f"http://127.0.0.1:{elsewhere.server_port}")

    frame = page.frame_locator("iframe")
    frame.get_by_text("completed").first.wait_for()
    with page.context.expect_page() as whole:
        frame.get_by_role("link", name="Swap of 1,000 for 1,000").click()
    assert whole.value.url.startswith(f"{site}{SWAP}")
    elsewhere.shutdown()
    assert page.context.cookies() == []


@pytest.mark.parametrize("places", [8, 0], ids=["told by the server", "asking where no stream is free"])
def test_an_open_page_says_that_more_was_recorded_and_offers_to_show_it(
    chrome: Any, opened: Open, tmp_path: Path, places: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "FOR_READERS", streams.Places(places))
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/news.db"), now=Ticking(), follows=True)
    chronicle = Chronicle(chronology)
    chronicle.given(SwapCompleted)
    with served(chronology) as address:
        page = opened("/", base=address)
        chronicle.given(SwapCompleted)
        chronology.follower.catch_up()
        page.get_by_text("2 more entries were recorded").wait_for()
        page.get_by_role("link", name="Show the page with them").click()
        page.locator("body[data-position='4']").wait_for()
        page.close()
    chronology.close()


def test_no_script_runs_from_anything_that_a_source_says(chrome: Any, opened: Open, tmp_path: Path) -> None:
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/hostile.db"), now=Ticking(), follows=True)
    chronicle = Chronicle(chronology)
    report = chronicle.report(
        publisher=HOSTILE, title=HOSTILE, text=f"{HOSTILE} they said.", url="javascript:document.title='run'"
    )
    bodies = [
        {
            "id": "f0",
            "kind": "StatementMade",
            "subject": "it",
            "subject_kind": "swap",
            "occurred": "2024",
            "gist": HOSTILE,
            "by": "eve",
        },
        {
            "id": "f1",
            "kind": "SwapPostponed",
            "subject": "it",
            "occurred": "2024-01-01",
            "reason": HOSTILE,
            "note": HOSTILE,
        },
        {"id": "f2", "kind": "ActorNamed", "subject": "eve", "name": HOSTILE},
        {"id": "f3", "kind": "SubjectDescribed", "subject": "it", "title": HOSTILE},
    ]
    bodies = [{**body, "citations": [report]} for body in bodies]
    chronology.write(HOSTILE, lambda call: record_facts(call, bodies, [""] * len(bodies)))
    page = None
    with served(chronology) as address:
        for path in (
            "/",
            "/chronology",
            "/subjects/it",
            "/facts/f1",
            "/sources",
            "/sources/report-1",
            "/actors",
            "/actors/eve",
            "/search?q=they",
        ):
            page = opened(path, base=address, on=page)
            page.wait_for_timeout(100)
            for chart in page.get_by_role("application").all():
                chart.focus()
                page.keyboard.press("ArrowRight")
            assert page.title() != "run"
        page.close()
    chronology.close()


def test_travelling_in_the_page_shows_what_the_api_answers_at_any_reading_of_the_clocks(
    opened: Open, sample: Chronology
) -> None:
    page = opened(SWAP)
    asked = [[subject, urlencode({"at": "none", **clocks})] for subject, clocks in readings(sample)]

    answers = page.evaluate(ASKED, asked if NIGHTLY else asked[::4])  # a second for six: by day one in four

    assert len(answers) == (200 if NIGHTLY else 50)
    assert [shown for _, shown, _ in answers] == [known if isinstance(known, str) else None for _, _, known in answers]
    assert all(reached for reached, _, _ in answers)


def test_what_changed_between_two_days_is_replayed_from_the_one_to_the_other(opened: Open) -> None:
    page = opened("/compare?from_reported_until=2025-05-24&to_reported_until=2025-06-01")
    page.get_by_role("link", name="Replay the news between them").click()
    story = page.get_by_role("region", name="Replay of the news")

    story.get_by_text("26 May 2025").wait_for()
    steps = int(story.locator(".num").last.inner_text().split()[-1])
    for _ in range(steps - 1):
        story.get_by_role("button", name="Next").click()
    story.get_by_text("1 June 2025", exact=True).wait_for()
    assert story.get_by_role("button", name="Next").is_disabled()


def test_two_readings_are_compared_from_one_form(opened: Open) -> None:
    page = opened("/compare")
    page.get_by_label("What changed between").fill("24 May 2025")
    page.get_by_label("and", exact=True).fill("5 June 2025")
    page.get_by_role("button", name="Compare").click()

    page.get_by_role("heading", name="Swap of 1,000 for 1,000").wait_for()
    assert "from_reported_until=24" in page.url


def test_javascript_weighs_at_most_45_kb_compressed() -> None:
    folder = Path(__file__).parents[2] / "service" / "pages" / "static" / "js"

    assert sum(len(gzip.compress(path.read_bytes())) for path in folder.rglob("*.js")) < 45_000


def test_every_mark_of_a_belief_chart_lies_within_it(opened: Open) -> None:
    for path in (SWAP, f"{SWAP}?at=2025-05-20&reported_until=2025-05-21", "/subjects/return-of-children"):
        page = opened(path, width=390)
        outside = page.evaluate(
            """() => {
              const box = document.querySelector(".belief-svg").getBoundingClientRect();
              const marks = [...document.querySelectorAll(".belief-svg .m-hollow, .belief-svg .b-handle, .belief-svg .b-body")];
              return marks.filter((mark) => {
                const { top, bottom } = mark.getBoundingClientRect();
                return top < box.top - 1 || bottom > box.bottom + 1;
              }).length;
            }"""
        )
        assert outside == 0, path


def test_the_table_of_beliefs_is_whole_on_a_phone(opened: Open) -> None:
    page = opened(SWAP, width=390)

    assert page.evaluate(
        "(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)(document.querySelector('.scroll'))"
    )


def test_paper_is_white_also_from_a_dark_screen(opened: Open) -> None:
    page = opened("/", scheme="dark")
    page.locator("chronology-timeline .chart canvas").wait_for()
    page.wait_for_timeout(500)
    corner = """() => [...document.querySelector("chronology-timeline canvas").getContext("2d").getImageData(3, 3, 1, 1).data]"""
    assert max(page.evaluate(corner)[:3]) < 60
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert min(page.evaluate(corner)[:3]) > 240
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert max(page.evaluate(corner)[:3]) < 60


def test_the_last_row_of_a_timeline_is_reached_and_read_with_its_date(opened: Open) -> None:
    page = opened("/")
    chart = page.locator("chronology-timeline .chart")
    page.wait_for_timeout(500)
    room = chart.evaluate("(chart) => [chart.scrollHeight, chart.clientHeight]")
    rows = page.evaluate("document.querySelector('chronology-timeline').data.groups.length")
    assert room[0] >= 30 + 34 * rows
    chart.focus()
    page.keyboard.press("End")
    page.keyboard.press("End")
    said = page.locator(".chart-says").inner_text()
    assert "A fourth round" in said
    assert "12 November 2025" in said
    assert chart.evaluate("(chart) => chart.scrollTop + chart.clientHeight >= chart.scrollHeight - 40")


def test_one_step_of_the_charts_keys_goes_to_a_moment_of_its_own_matter(opened: Open) -> None:
    page = opened(SWAP)
    page.locator("belief-chart svg").focus()
    page.keyboard.press("ArrowLeft")

    page.wait_for_url("**at=2025-05-2*")


def test_in_the_past_one_click_copies_the_link_and_one_goes_back(opened: Open) -> None:
    page = opened(SWAP)
    page.get_by_label("What had happened by", exact=True).fill("20 May 2025")
    page.get_by_role("button", name="Show", exact=True).click()
    wait_for_status(page, "agreed")
    assert "You see 20 May 2025" in page.locator("#reading").inner_text()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="Copy link").click()
    page.get_by_text("Copied", exact=True).wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(copied).query)["at"] == ["2025-05-20"]
    page.get_by_role("link", name="Back to today").click()
    page.wait_for_url(f"**{SWAP}")
    assert page.locator(".stand strong").inner_text() == "completed"


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_moves_while_a_page_loads_or_plays(opened: Open, width: int) -> None:
    shifts = """() => new Promise((done) => {
      let sum = 0;
      const watch = new PerformanceObserver((list) => list.getEntries().forEach((each) => { sum += each.hadRecentInput ? 0 : each.value; }));
      watch.observe({ type: "layout-shift", buffered: true });
      setTimeout(() => done(sum), 200);
    })"""
    page = None
    for path in ("/", "/chronology", SWAP):
        page = opened(path, width=width, on=page, turned=False)
        page.wait_for_timeout(600)
        assert page.evaluate(shifts) < 0.05, path
    page.locator("#turn").click()
    play = page.get_by_role("button", name="Replay the news")
    play.click()
    page.get_by_role("region", name="Replay of the news").wait_for()
    assert page.evaluate(shifts) < 0.05
