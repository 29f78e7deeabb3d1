"""Pages say what the record says: dates, labels and states held against the answers of the API, in several zones."""

import random
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from events.facts import KINDS
from events.kinds.actor import ActorNamed
from events.kinds.swap import SwapAgreed, SwapProposed
from events.kinds.talks import MeetingProposed
from service.databases.chronology import Chronology
from service.wording.date_wording import in_words
from tests.fixtures.samples import readings
from tests.fixtures.stories import Chronicle
from tests.pages.test_pages import Page, read

ZONES = ("Europe/Kyiv", "America/New_York")


def facts_of(client: FlaskClient, **clocks: Any) -> dict[str, dict[str, Any]]:
    answer = client.get("/api/v1/facts", query_string={"limit": 1000, **clocks}).get_json()
    return {fact["id"]: fact for fact in answer["facts"]}


def rows_of(page: Page, html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


@pytest.mark.parametrize("zone", ZONES)
def test_the_timeline_reads_out_the_date_and_the_label_of_every_fact_as_the_fact_has_them(
    site: FlaskClient, zone: str
) -> None:
    facts = facts_of(site, zone=zone)
    items = site.get("/chronology.json", query_string={"zone": zone}).get_json()["items"]

    assert len(items) > 80
    for *_, modality, retracted, label, name, when, _ in items:
        fact = facts[name]
        is_beginning = KINDS[fact["kind"]].begins and str(fact["occurred"]).startswith("../")
        assert when == in_words(f"[..{fact['occurred'][3:]}]" if is_beginning else fact["occurred"]), name
        how = "retracted: " if retracted else "" if modality == "actual" else f"{modality}: "
        assert fact["modality"] == modality, name
        assert label.startswith(how), name
        assert not label.removeprefix(how).startswith(("denied", "planned", "alleged"))


def test_the_list_puts_each_fact_under_the_month_of_its_own_zone(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed, occurred="2024-06-01", zone="Europe/Kyiv", reported="2024-06-02")

    assert re.search("from June 2024 .*1 June 2024", read(pages, "/chronology").text)


def test_what_is_denied_never_labels_its_row_as_done(site: FlaskClient) -> None:
    items = site.get("/chronology.json").get_json()["items"]

    labels = {item[6] for item in items if "demand was met" in item[6]}
    assert labels == {"denied: The demand was met"}


def test_the_belief_charts_table_gives_the_day_of_a_report_in_the_zone_of_its_source(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    citation = chronicle.report(published="2024-01-05", zone="America/New_York")
    chronicle.given(SwapAgreed, occurred="2024-01-05", citations=[citation])

    assert re.search("5 January 2024 5 January 2024", read(pages, "/subjects/it").text)


def test_a_page_without_clocks_says_how_things_stand_today(site: FlaskClient) -> None:
    for path in ("/subjects/june-meeting", "/subjects/swap-1000-for-1000"):
        state = site.get(f"/api/v1{path}?at=now").get_json()
        page = read(site, path)
        assert page.strong[0] == state["status"]["value"]
        assert "Now: today , all reports , our records as of now ." in page.text
    assert read(site, "/subjects/june-meeting").strong[0] == "lapsed"
    assert read(site, "/subjects/june-meeting", at="none").strong[0] == "proposed"
    assert read(site, "/subjects/june-meeting", at="no limit").strong[0] == "proposed"
    assert site.get("/api/v1/subjects/june-meeting").get_json()["status"]["value"] == "proposed"


def test_what_lapsed_is_lapsed_everywhere_on_the_overview_and_says_what_was_promised(site: FlaskClient) -> None:
    states = site.get("/api/v1/subjects?at=now&limit=1000").get_json()["subjects"]
    lapsed = [each for each in states if each["status"]["value"] == "lapsed"]
    text = read(site, "/").text

    assert f"{len(lapsed)} are lapsed" in text
    for each in lapsed:
        promised = f"was proposed for {in_words(each['fields']['proposed_for']['value'])}"
        assert f"{each['title']} lapsed {promised}" in text
        assert f"{each['title']} {promised}; no report says that it took place." in text


def test_a_meeting_proposed_by_a_past_report_is_not_past_its_date_in_it(site: FlaskClient) -> None:
    page = read(site, "/", reported_until="2025-05-28")

    assert re.search("Second round proposed", page.text)
    assert "lapsed" not in page.text
    assert "Where things stood on 28 May 2025" in page.text


def test_every_page_in_the_past_says_which_past_with_links_to_it_and_back_to_today(site: FlaskClient) -> None:
    past = {"at": "20 May 2025", "reported_until": "2025-05-21", "zone": "Europe/Kyiv"}
    for path in ("/", "/chronology", "/subjects/swap-1000-for-1000", "/sources", "/actors", "/facts/swap-1000-agreed"):
        html = site.get(path, query_string=past).get_data(as_text=True)
        page = Page(html)
        said = "You see 20 May 2025 , from reports up to 21 May 2025 , our records as of now, in days of Europe/Kyiv."
        assert said in page.text, path
        back = unescape(re.search(r'<a href="([^"]+)">Back to today', html)[1])  # type: ignore[index]
        assert parse_qs(urlsplit(back).query) == {"zone": ["Europe/Kyiv"]}
        fixed = unescape(re.search(r'<a href="([^"]+)" data-copy', html)[1])  # type: ignore[index]
        assert parse_qs(urlsplit(fixed).query)["at"] == ["2025-05-20"]
        assert "position" in parse_qs(urlsplit(fixed).query)


def test_the_address_that_always_shows_a_page_shows_it_later_too(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(MeetingProposed, "talks", occurred="2024-01-01", proposed_for="2099-01-01", reported="2024-01-02")
    html = pages.get("/subjects/talks").get_data(as_text=True)
    fixed = unescape(re.search(r'data-copy href="([^"]+)">Copy a link to exactly', html)[1])  # type: ignore[index]
    before = read(pages, fixed).text
    chronicle.given(SwapAgreed, "swap")

    assert read(pages, fixed).text == before
    assert "at=2026-" in fixed


def test_nothing_that_was_reported_later_than_the_clocks_is_on_a_page(site: FlaskClient, sample: Chronology) -> None:
    chance, known = random.Random(17), facts_of(site)
    for subject, clocks in [each for each in readings(sample) if "reported_until" in each[1]][:40]:
        visible = facts_of(site, **clocks)
        now = [c["exact"] for fact in visible.values() for c in fact["citations"]]
        later = {c["exact"] for fact in known.values() for c in fact["citations"]} - {*now}
        unborn = known.keys() - visible.keys()
        path = chance.choice((f"/subjects/{subject}", "/", "/chronology", "/sources", "/actors/medinsky"))
        answer = site.get(path, query_string=clocks)
        if answer.status_code == 200:
            text = " ".join(unescape(re.sub("<[^>]+>", " ", answer.get_data(as_text=True))).split())
            assert not [words for words in later if " ".join(words.split()) in text], (path, clocks)
            linked = {re.split(r"[/?]", link)[2] for link in Page(answer.text).links if link.startswith("/facts/")}
            assert not linked & unborn, (path, clocks)


def test_the_belief_chart_ends_at_the_clocks_and_says_so(site: FlaskClient) -> None:
    page = read(site, "/subjects/swap-1000-for-1000", at="2025-05-20", reported_until="2025-05-21")

    assert "Nothing reported after 21 May 2025 is shown." in page.text
    assert "2 June" not in page.text
    assert "corroboration" not in page.text
    assert "The swap was completed" not in read(site, "/subjects/swap-1000-for-1000", at="2025-05-20").text


def test_what_had_not_happened_by_the_first_clock_is_in_no_list(site: FlaskClient) -> None:
    for path in ("/chronology", "/chronology.json", "/actors/medinsky"):
        for name, fact in facts_of(site, at="2025-05-20").items():
            if fact["certainty"] == "not yet" and fact["modality"] != "planned":
                assert f"/facts/{name}?" not in site.get(path, query_string={"at": "2025-05-20"}).text, (path, name)


def test_a_fact_of_the_future_keeps_its_history_to_itself(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01-01", reported="2024-01-05")
    chronicle.amend("fact-1", "corroborations", reported="2024-02-01", kind=None, reason=None)

    hidden = read(pages, "/facts/fact-1", reported_until="2024-01-02").text
    assert "no source had reported it by then" in hidden
    assert "What report" not in hidden
    known = read(pages, "/facts/fact-1", reported_until="2024-01-10").text
    assert "1 entry that came later is not shown" in known
    assert "What report 2 says" not in known
    assert "What report 2 says" in read(pages, "/facts/fact-1").text


def test_a_later_correction_is_no_news_of_an_earlier_day(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01-01", count_each=12, reported="2024-01-05")
    chronicle.amend("fact-1", "corrections", reported="2024-02-01", publisher="Gazette", changes={"count_each": 13})

    assert "correction by the source 1 February 2024 It : number, each side: 12 → became 13" in read(pages, "/").text
    assert "correction" not in read(pages, "/", reported_until="2024-01-10").text


def test_names_that_were_reported_later_are_not_known_earlier(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapProposed, by="rivermark", occurred="2024-01-01", reported="2024-01-02")
    chronicle.given(ActorNamed, "rivermark", name="The Realm of Rivermark", reported="2024-02-01")
    chronicle.given(ActorNamed, "highmoor", name="The Realm of Highmoor", reported="2024-02-01")

    for path in ("/subjects/it", "/actors", "/actors/rivermark", "/facts/fact-1", "/chronology"):
        assert "The Realm of Rivermark" in read(pages, path).text, path
        then = read(pages, path, reported_until="2024-01-10").text
        assert "Realm" not in then, path
        assert "Rivermark" in then, path
    assert "Highmoor" not in read(pages, "/actors", reported_until="2024-01-10").text


def test_who_took_office_before_a_day_is_not_said_to_hold_it_until_then(site: FlaskClient) -> None:
    page = read(site, "/actors/umerov")
    items = {item[7]: item[8] for item in site.get("/chronology.json").get_json()["items"]}

    assert "on or before 16 May 2025 Took office as minister of defence, Ukraine" in page.text
    assert page.text.count("Took office as minister of defence, Ukraine") == 1
    assert items["office-umerov"] == "on or before 16 May 2025"
    assert items["mediation-offered"] == "until 2 June 2025"
