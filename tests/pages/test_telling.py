"""Pages tell: what changed and from what, what is disputed and how it was judged, what is due, what two days differ in."""

import re

from flask.testing import FlaskClient

from events.commands.acts_on_subjects import judge
from events.kinds.actor import OfficeAssumed, OfficeLeft
from events.kinds.ceasefire import CeasefireProposed
from events.kinds.demand import ReturnDemanded
from events.kinds.swap import SwapAgreed, SwapCompleted, SwapProposed
from events.kinds.talks import MeetingProposed
from service.pages import overview
from tests.fixtures.stories import Chronicle
from tests.pages.test_pages import read


def judged(chronicle: Chronicle, finding: str, prefers: str | None) -> None:
    body = {"finding": finding, "prefers": prefers, "reason": "it counted them itself"}
    chronicle.chronology.write("editor", lambda call: judge(call, "it", body))


def counted(chronicle: Chronicle, *counts: int) -> None:
    for number in counts:
        chronicle.given(SwapAgreed, "it", f"of-{number}", count_each=number, publisher=f"Paper {number}")


def test_the_overview_says_of_a_denial_what_overtook_it(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapCompleted, occurred="../2024-01-02", modality="denied", reported="2024-01-03")
    assert "overtaken" not in read(pages, "/").text

    chronicle.given(SwapCompleted, occurred="2024-01-06", reported="2024-01-07")
    assert "Gazette; overtaken by The swap was completed , 6 January 2024" in read(pages, "/").text
    assert "overtaken" not in read(pages, "/", reported_until="2024-01-04").text


def test_sides_without_a_verdict_stand_both_or_all_and_none_is_called_right(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    counted(chronicle, 400, 412)
    assert "Both sides stand with their words. None of them is called right." in read(pages, "/subjects/it").text

    counted(chronicle, 390)
    text = read(pages, "/subjects/it").text
    assert "All 3 sides stand with their words. None of them is called right." in text
    assert "Both sides" not in text


def test_a_verdict_says_what_it_prefers_since_when_and_by_whom_and_nobody_else_is_called_right(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    counted(chronicle, 400, 412)
    judged(chronicle, "count_each", "of-400")

    text = read(pages, "/subjects/it").text
    assert "Since 1 January 2026 this desk prefers 400 : it counted them itself (editor)." in text
    assert "None of them is called right" not in text
    assert "this desk prefers 400, 1 January 2026" in read(pages, "/").text


def test_a_verdict_that_was_opened_anew_says_so_and_leads_to_what_did_it(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    counted(chronicle, 400, 412)
    judged(chronicle, "count_each", "of-400")
    counted(chronicle, 390)

    page = read(pages, "/subjects/it")
    assert "On 1 January 2026 this desk preferred 400 : it counted them itself (editor)." in page.text
    assert "What was recorded since has opened the question anew. All 3 sides stand" in page.text
    assert "/facts/of-390" in page.links
    assert "a verdict of this desk was opened anew" in read(pages, "/").text


def test_a_verdict_that_cannot_decide_leaves_both_standing(chronicle: Chronicle, pages: FlaskClient) -> None:
    counted(chronicle, 400, 412)
    judged(chronicle, "count_each", None)

    text = read(pages, "/subjects/it").text
    assert "On 1 January 2026 this desk found that it cannot be decided: it counted them itself (editor)." in text
    assert "Both sides stand with their words." in text


def test_an_office_is_held_or_held_no_longer_and_its_institution_needs_no_article(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(OfficeAssumed, "rowan", office="secretary", body="Council of Elders", occurred="2024-01-01")
    chronicle.given(OfficeLeft, "rowan", office="secretary", occurred="2024-02-01", reported="2024-02-02")

    assert "Took office as secretary, Council of Elders" in read(pages, "/actors/rowan").text
    text = read(pages, "/compare", from_reported_until="2024-01-05", to_reported_until="2024-02-05").text
    assert re.search("Office, Secretary in office .* no longer in office", text)


def test_the_lead_says_the_newest_change_what_is_disputed_and_what_is_due(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapProposed, occurred="2024-01-01", reported="2024-01-02")
    chronicle.given(SwapAgreed, occurred="2024-01-03", reported="2024-01-04", count_each=10)
    chronicle.given(SwapAgreed, occurred="2024-01-03", reported="2024-01-04", count_each=11)
    chronicle.given(MeetingProposed, "talks", occurred="2024-01-01", proposed_for="2024-01-05", reported="2024-01-02")

    told = "The newest change of a state was reported on 4 January 2024: It went from proposed to agreed ."
    disputed = "Sources disagree on one value , It, number, each side : 11 or 10 ."
    text = read(pages, "/").text
    assert f"{told} {disputed} Of what was promised or asked for, 1 has lapsed; see what is due ." in text
    then = read(pages, "/", reported_until="2024-01-02").text
    assert "reported on 2 January 2024: Talks came to be proposed ; no state had been known before." in then
    assert "Sources disagree on no value. Of what was promised or asked for, 1 is to come; see what is due ." in then


def test_what_changed_lately_stands_with_what_was_before_and_nothing_later_than_the_clocks(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01-03", reported="2024-01-04")
    chronicle.given(SwapCompleted, occurred="2024-01-08", reported="2024-01-09", publisher="Herald")

    assert "9 January 2024 It : agreed → became completed , on 8 January 2024" in read(pages, "/").text
    then = read(pages, "/", reported_until="2024-01-05").text
    assert "4 January 2024 It : nothing known → became agreed" in then
    assert "Herald" not in then


def test_what_is_due_is_listed_in_words_with_the_days_that_are_left_and_a_limit(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    for number in range(overview.MOST_PROMISED + 2):
        chronicle.given(
            MeetingProposed, f"talks-{number}", occurred="2024-01-01", proposed_for="2024-01-05", reported="2024-01-02"
        )
    chronicle.given(ReturnDemanded, "demand", by="rivermark", occurred="2024-01-01", reported="2024-01-02")

    coming = read(pages, "/", at="2024-01-02").text
    assert "Coming in 3 days Talks 0 : Proposed a meeting for 5 January 2024 , 1 January 2024." in coming
    assert "and 2 more" in coming
    assert (
        "Demand : Rivermark demanded that people be returned , 1 January 2024; no report tells of an answer." in coming
    )
    assert "Lapsed Talks 0 was proposed for 5 January 2024; no report says that it took place." in read(pages, "/").text
    assert "without a day, nothing is due" in read(pages, "/", at="none").text


def test_a_comparison_counts_what_changed_what_is_disputed_since_and_what_is_new(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapAgreed, "changed", occurred="2024-01-01", reported="2024-01-02")
    chronicle.given(SwapAgreed, "disputed", occurred="2024-01-01", reported="2024-01-02", count_each=5)
    chronicle.given(SwapAgreed, "the-same", occurred="2024-01-01", reported="2024-01-02")
    chronicle.given(SwapCompleted, "changed", occurred="2024-01-08", reported="2024-01-09")
    chronicle.given(SwapAgreed, "disputed", occurred="2024-01-01", reported="2024-01-09", count_each=6)
    for name in ("new-one", "new-two"):
        chronicle.given(CeasefireProposed, name, occurred="2024-01-08", reported="2024-01-09")

    query = {"from_reported_until": "5 January 2024", "to_reported_until": "10 January 2024"}
    html = pages.get("/compare", query_string=query).get_data(as_text=True)
    text = read(pages, "/compare", **query).text
    assert (
        "What changed between 5 January 2024 and 10 January 2024 1 matter changed , 1 is now disputed , 2 are new ."
        in text
    )
    assert re.search("Changed agreed → became completed , on 8 January 2024 new fact : The swap was completed", text)
    assert "The same on other grounds" not in text
    folded = "".join(re.findall('<details class="folded">.*', html, re.DOTALL))
    assert "New two" in folded
    assert "Disputed</a></h3>" not in folded
    assert "No matter" not in text
    back = read(pages, "/compare", from_reported_until="2024-01-10", to_reported_until="2024-01-05").text
    assert "2 are no longer known" in back


def test_a_comparison_asks_for_two_days_first(pages: FlaskClient) -> None:
    inputs = [at["name"] for tag, at in read(pages, "/compare").elements if tag == "input"]

    assert inputs[:2] == ["from_reported_until", "to_reported_until"]
