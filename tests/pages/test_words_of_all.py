"""Pages are whole and in order: nothing cut in silence, each value beside its own words, sentences that read."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from events.kinds.actor import ActorNamed, OfficeAssumed, OfficeLeft
from events.kinds.any_subject import StatementMade
from events.kinds.demand import DemandMet, ReturnDemanded
from events.kinds.occurrence import Occurred
from events.kinds.swap import SwapAgreed, SwapCompleted, SwapPostponed
from events.kinds.talks import OutcomeCharacterised
from projections.queries.subjects import outlines
from service.pages.wording.status_ladders import status_when
from service.web import streams
from service.wording.phrases import plain, sentence
from tests.fixtures.stories import Chronicle
from tests.pages.test_pages import read


def test_a_corrected_value_stands_beside_the_words_of_its_correction_alone(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01-01", count_each=14, reported="2024-01-02", publisher="Gazette")
    chronicle.amend("fact-1", "corrections", reported="2024-01-05", publisher="Gazette", changes={"count_each": 13})
    html = pages.get("/subjects/it").get_data(as_text=True)

    bodies = [
        body for body in re.findall("<tbody.*?</tbody>", html, re.DOTALL) if "headers" in body or "rowheader" in body
    ]
    (count,) = [body for body in bodies if 'id="finding-count-each"' in body]
    (status,) = [body for body in bodies if 'id="finding-status"' in body]
    assert "What report 2 says" in count
    assert "What report 1 says" not in count
    assert "What report 1 says" in status
    assert "What report 2 says" not in status


def test_a_general_chronology_reads_date_and_happening_newest_first(chronicle: Chronicle, pages: FlaskClient) -> None:
    for number in range(60):
        day = (date(2024, 1, 1) + timedelta(number)).isoformat()
        chronicle.given(
            Occurred, f"it-{number}", occurred=day, what=f"thing {number} came about", reported="2024-05-09"
        )

    page = read(pages, "/")

    assert "Nothing is known" not in page.text
    assert "The latest: Thing 59 came about , 29 February 2024." in page.text
    told = [int(number) for number in re.findall(r"Thing (\d+) came about", page.text)][1:51]
    assert told == [*range(59, 9, -1)]
    assert "These are the latest 50." in page.text
    assert "All that happened, in order" in page.text


def test_in_the_past_the_overview_says_among_how_many_matters_it_looked(
    chronicle: Chronicle, pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 6):
        chronicle.given(SwapAgreed, f"swap-{number}", occurred=f"2024-01-0{number}", reported="2024-01-09")
    assert "Of 5 matters," in read(pages, "/").text
    monkeypatch.setattr(outlines, "MOST_FOLDED", 3)

    assert "Of 5 matters," in read(pages, "/").text
    past = read(pages, "/", reported_until="2024-02-01").text
    assert "Of 3 matters, looked for among the first 2,000 by kind and id," in past


def test_two_readings_at_which_nothing_was_known_do_not_claim_to_agree(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapAgreed, occurred="2025-01-01", reported="2025-01-02")

    text = read(pages, "/compare", from_recorded_until="2025-05-25", to_recorded_until="2025-06-10").text
    assert "Nothing was known" in text
    assert "this desk recorded its first entry on 1 January 2026" in text
    assert "same grounds" not in text


def test_an_account_of_one_who_said_nothing_is_named_as_such(chronicle: Chronicle, pages: FlaskClient) -> None:
    for actor in ("rivermark", "highmoor"):
        chronicle.given(ActorNamed, actor, name=actor.title())
    chronicle.given(SwapCompleted, attributed_to="rivermark", occurred="2024-01-01", reported="2024-01-02")

    page = read(pages, "/compare", from_reading="Highmoor", to_reading="Rivermark")
    text = page.text
    assert [a["value"] for tag, a in page.elements if tag == "option"] == ["Highmoor", "Rivermark"]
    assert "Nothing here is attributed to Highmoor" in text
    assert "attributed to Rivermark" not in text


def test_two_days_of_reports_differ_by_reports_and_not_by_the_passing_of_time(site: FlaskClient) -> None:
    page = read(site, "/compare", from_reported_until="2025-05-24", to_reported_until="2025-06-02").text

    assert "time passed" not in page
    assert page.count("happened by 2 June 2025") == 2
    assert "reported by 24 May 2025" in page


def test_sources_stand_newest_first_by_the_days_they_name(chronicle: Chronicle, pages: FlaskClient) -> None:
    for published in ("[2025-06-02..2025-06-03]", "2025-11-12", "2025-05", None):
        chronicle.given(SwapAgreed, citations=[chronicle.report(published=published, title=f"Of {published}")])
    text = read(pages, "/sources").text

    places = [text.index(f"Of {each}") for each in ("2025-11-12", "[2025-06-02", "2025-05", "None")]
    assert places == sorted(places)


def test_an_actor_asked_for_as_a_matter_is_shown_as_an_actor_at_the_same_clocks(site: FlaskClient) -> None:
    answer = site.get("/subjects/medinsky?at=2025-06-10")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/actors/medinsky?at=2025-06-10")


def test_what_an_actor_said_stands_in_the_order_of_time(site: FlaskClient) -> None:
    facts = {each["id"]: each for each in site.get("/api/v1/facts?sort=occurred&limit=1000").get_json()["facts"]}
    order = [*facts]
    for actor in ("medinsky", "zelenskyy", "umerov"):
        links = [
            re.split("[/?]", link)[2] for link in read(site, f"/actors/{actor}").links if link.startswith("/facts/")
        ]
        said = [
            order.index(each) for each in links if facts[each]["attributed_to"] == actor and facts[each]["occurred"]
        ]
        assert said == sorted(said)


def test_the_sliders_of_a_matter_have_its_own_moments(site: FlaskClient) -> None:
    own = site.get("/moments.json?subject=swap-1000-for-1000").get_json()
    everything = site.get("/moments.json").get_json()

    assert [each["value"] for each in own["at"]][-1] == "2025-05-25"
    for clock in ("at", "reported_until"):
        assert {each["value"] for each in own[clock]} < {each["value"] for each in everything[clock]}
    assert own["recorded_until"]


def test_readers_beyond_the_places_for_news_get_no_failure(site: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "FOR_READERS", streams.Places(0))

    assert site.get("/news").status_code == 204
    assert site.get("/position.json").get_json()["position"] > 0


@pytest.mark.parametrize(
    ("edtf", "lasting", "reached"),
    [
        ("2025-05-25", "since 25 May 2025", "on 25 May 2025"),
        ("2025-05", "since May 2025", "in May 2025"),
        ("2025-05-25~", "since about 25 May 2025", "on about 25 May 2025"),
        ("2025-XX-XX", "since a day in 2025", "on a day in 2025"),
        ("202X", "since the 2020s", "in the 2020s"),
        ("20XX", "in the years 2000 to 2099", "in the years 2000 to 2099"),
        ("/2025-06-02", "at some time until 2 June 2025", "at some time until 2 June 2025"),
        ("2025-06-02/..", "since 2 June 2025", "since 2 June 2025"),
        ("[2025-07-14..2025-07-20]", *["on one of the days 14 to 20 July 2025"] * 2),
        ("[2025-05-22,2025-05-23]", *["on 22 May 2025 or 23 May 2025"] * 2),
        ("[..2025-06-02]", *["on or before 2 June 2025"] * 2),
        ("2025-05-28/2025-06-03", *["during 28 May to 3 June 2025"] * 2),
    ],
)
def test_when_a_status_began_or_was_reached_reads_well_for_every_form_of_a_date(
    edtf: str, lasting: str, reached: str
) -> None:
    assert status_when("in force", edtf, "agreement") == lasting
    assert status_when("signed", edtf, "agreement") == reached


def test_sentences_have_their_objects_whatever_is_said() -> None:
    assert plain(sentence(ReturnDemanded, {"by": "ukraine"}, str.title)) == "Ukraine demanded that people be returned"
    whole = {"by": "ukraine", "of": "russia", "persons": "children", "count": {"best": 339}}
    told = "Ukraine demanded of Russia that people be returned: children (339)"
    assert plain(sentence(ReturnDemanded, whole, str.title)) == told
    for characterisation in ("it had not gone badly", "satisfied"):
        values = {"by": "ministry", "characterisation": characterisation}
        said = f"Ministry said of the outcome: {characterisation}"
        assert plain(sentence(OutcomeCharacterised, values, str.title)) == said


def test_no_page_of_the_sample_has_a_broken_sentence(site: FlaskClient) -> None:
    subjects = [each["id"] for each in site.get("/api/v1/subjects?limit=1000").get_json()["subjects"]]
    facts = [each["id"] for each in site.get("/api/v1/facts?limit=1000").get_json()["facts"]]
    for path in ["/", "/chronology", "/search?q=medinsky", *(f"/subjects/{each}" for each in subjects if each)]:
        answer = site.get(path, follow_redirects=True)
        text = " ".join(re.sub("<[^>]+>", " ", answer.get_data(as_text=True)).split())
        for trap in (
            "that be returned",
            "since until",
            "since from",
            "1 more findings",
            "called the outcome",
            "since on",
        ):
            assert trap not in text, (path, trap)
        assert not re.search("Described as [^.]{3,60}, on a day not said", text), path
    assert len(facts) > 80


def test_the_same_words_spaced_otherwise_are_quoted_once(chronicle: Chronicle, pages: FlaskClient) -> None:
    report = chronicle.report(text="They met  in the night.")
    for name, exact in (("one", "They met  in the night"), ("other", "They met in the night")):
        chronicle.given(DemandMet, "demand", name, occurred="2024-01-01", citations=[{**report, "exact": exact}])
    html = pages.get("/subjects/demand").get_data(as_text=True)

    (found,) = re.findall("<table class=.findings.*?</table>", html, re.DOTALL)
    assert len(re.findall("in the night", found)) == 1


def test_statements_of_two_speakers_stand_side_by_side(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01-01")
    for by, gist in (("greta", "nothing is settled"), ("david", "a date is near")):
        chronicle.given(StatementMade, "it", occurred="2024-01-02", by=by, gist=gist, reported="2024-01-03")

    page = read(pages, "/subjects/it").text
    assert "nothing is settled" in page
    assert "a date is near" in page
    assert "contested" not in page


def test_a_denied_postponement_does_not_label_the_timeline(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapPostponed, occurred="2024-01-02", modality="denied", reported="2024-01-03")

    assert pages.get("/chronology.json").get_json()["items"][0][6] == "denied: The swap was postponed"


def test_a_fact_names_the_offices_that_people_held_at_its_time(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(ActorNamed, "ada", name="Ada Quill", type="person")
    chronicle.given(OfficeAssumed, "ada", occurred="2024-01-01", office="minister of bridges", body="Arvenia")
    chronicle.given(OfficeLeft, "ada", occurred="2024-03-01", office="minister of bridges")
    chronicle.given(OfficeAssumed, "ada", occurred="2024-03-02", office="envoy")
    for name, day in (("early", "2023-12-31"), ("then", "2024-02-01"), ("later", "2024-04-01")):
        chronicle.given(SwapAgreed, "swap", name, occurred=day, count_each=5, attributed_to="ada")

    early, then, later = (read(pages, f"/facts/{name}").text for name in ("early", "then", "later"))

    assert "at that time" not in early
    assert "Ada Quill , at that time minister of bridges (Arvenia)" in then
    assert "Ada Quill , at that time envoy" in later
    assert "minister" not in later
    assert "minister" not in read(pages, "/facts/then", reported_until="2023-06-01").text
