"""The pages without JavaScript: what they show, that they keep the clocks, and that they never run what sources say."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from events.commands.record_facts import describe_subject
from events.commands.record_sources import withdraw_source
from events.kinds.actor import ActorNamed
from events.kinds.any_subject import StatementMade, SubjectDescribed
from events.kinds.demand import ReturnDemanded
from events.kinds.occurrence import Occurred
from events.kinds.swap import SwapAgreed, SwapCompleted, SwapPostponed, SwapProposed
from projections.queries.evidence import fact_pages
from service.databases.chronology import Chronology
from service.wording.date_wording import in_words, occurred_in_words
from service.wording.phrases import count_in_words, finding_name, finding_value, plain, sentence
from tests.fixtures.recording import record_facts
from tests.fixtures.samples import matters, readings
from tests.fixtures.stories import Chronicle

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{7*7}}"


class Page(HTMLParser):
    """A page as read: its words, its links, the attributes of its elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.strong: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "script":
            return
        self.words.append(data)
        if self.elements and self.elements[-1][0] == "strong" and data.strip():
            self.strong.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def links(self) -> list[str]:
        return [str(attributes["href"]) for tag, attributes in self.elements if tag == "a" and "href" in attributes]


def read(client: FlaskClient, path: str, status: int = 200, **query: Any) -> Page:
    answer = client.get(path, query_string=query or None)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    assert answer.content_type.startswith("text/html")
    return Page(answer.get_data(as_text=True))


def test_the_overview_lists_every_matter_with_its_state(site: FlaskClient, sample: Chronology) -> None:
    html = unescape(site.get("/").get_data(as_text=True))
    states = site.get("/api/v1/subjects?limit=1000&at=now").get_json()["subjects"]

    for state in states:
        if state["kind"] == "occurrence":
            assert state["title"] in html
        elif state["kind"] != "actor" and state["part_of"]:
            row = re.search(rf"<tr><th[^>]*><a [^>]*/subjects/{state['id']}[\"?].*?</tr>", html, re.DOTALL)
            assert row, state["id"]
            assert state["title"] in row[0]
            assert (state["status"]["value"] or "") in row[0]


def test_a_subject_page_shows_every_finding_with_the_words_and_the_source_that_carry_it(
    site: FlaskClient, sample: Chronology
) -> None:
    for subject in matters(sample):
        state = site.get(f"/api/v1/subjects/{subject}").get_json()
        page = read(site, f"/subjects/{subject}")
        for name, finding in state["fields"].items():
            for fact in finding["because"] if name not in ("title", "part_of") else []:
                for citation in site.get(f"/api/v1/facts/{fact}").get_json()["citations"]:
                    assert " ".join(citation["exact"].split()) in page.text
                    assert citation["publisher"] in page.text
                    assert any(f"/sources/{citation['source']}" in link for link in page.links)


def back_to_today(path: str, zone: str, **_: str) -> str:
    return f"{path}?{urlencode({'zone': zone}, safe='/')}"


def test_every_link_keeps_the_clocks_of_the_address(site: FlaskClient) -> None:
    clocks = {"at": "2025-05-20", "reported_until": "2025-06-02", "zone": "Europe/Kyiv", "position": "100"}
    for path in (
        "/",
        "/chronology",
        "/subjects/swap-1000-for-1000",
        "/sources",
        "/actors",
        "/search",
        "/actors/medinsky",
    ):
        for link in read(site, path, **clocks).links:
            if (
                link.startswith("/")
                and link not in ("/docs", back_to_today(path, **clocks))
                and not link.startswith(("/sign-in", "/help", "/checks", "/docs#", "/api/v1/chronicle", path + "?q"))
                and not link.startswith("/api/v1/feed.")  # they tell what changes from now on
                and "at=none" not in link  # "no limit" is asked for
            ):
                kept = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
                assert clocks.items() <= kept.items() or link == path, link


def test_the_page_of_a_day_says_what_was_known_of_it(site: FlaskClient) -> None:
    now = read(site, "/subjects/swap-1000-for-1000")
    then = read(site, "/subjects/swap-1000-for-1000", at="20 May 2025")

    assert "completed on 25 May 2025" in now.text
    assert "agreed on 16 May 2025" in then.text


def test_page_and_api_agree_on_every_status_at_200_readings_of_the_clocks(
    site: FlaskClient, sample: Chronology
) -> None:
    for subject, clocks in readings(sample):
        answer = site.get(f"/api/v1/subjects/{subject}", query_string=clocks)
        page = read(site, f"/subjects/{subject}", answer.status_code, **{"at": "none", **clocks})
        if answer.status_code == 200:
            assert _status_shown(page) == answer.get_json()["status"]["value"], (subject, clocks)


def _status_shown(page: Page) -> str | None:
    return page.strong[0] if page.strong else None


def test_rivals_stand_side_by_side_each_with_its_own_words(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01-01", count_each={"best": 400}, publisher="Gazette")
    chronicle.given(SwapAgreed, occurred="2024-01-01", count_each={"best": 412}, publisher="Herald")

    page = read(pages, "/subjects/it")

    assert re.search(r"412 by Herald “?.*What report 2 says.* or 400 by Gazette.*What report 1 says", page.text)


def test_a_denial_stands_beside_the_state_and_says_so(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01-01")
    chronicle.given(SwapPostponed, occurred="2024-01-02", modality="denied", reported="2024-01-03")

    page = read(pages, "/subjects/it")

    assert "agreed on 1 January 2024" in page.text
    assert "Denied: The swap was postponed" in page.text


def test_a_denial_that_was_overtaken_says_by_what_and_a_plan_that_nothing_came_of_is_overdue(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapCompleted, occurred="../2024-01-02", modality="denied", reported="2024-01-03")
    chronicle.given(SwapCompleted, occurred="2024-01-05", modality="planned", reported="2024-01-03")

    assert "5 January 2024, by Gazette; overdue" in read(pages, "/subjects/it", at="2024-01-05").text

    chronicle.given(SwapCompleted, occurred="2024-01-06", reported="2024-01-07")
    page = read(pages, "/subjects/it", by="recorded")
    assert "by Gazette; overtaken by The swap was completed" in page.text
    assert "by Gazette; carried out by The swap was completed" in page.text
    assert "Denied: The swap was completed → became The swap was completed, overtaken by another fact" in page.text


def test_a_refusal_is_said_once_and_blames_the_clocks_only_where_they_are_at_fault(site: FlaskClient) -> None:
    unread = read(site, "/", at="yesterdays", status=422).text
    unknown = read(site, "/subjects/nobody", status=404).text
    nowhere = site.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"})

    assert unread.count("is neither a date") == 1
    assert "What had happened by : 'yesterdays' is neither" in unread
    assert "The clocks could not be read." in unread
    assert "The clocks could not be read." not in unknown
    assert (nowhere.status_code, nowhere.mimetype) == (404, "text/html")
    assert "There is no such page" in nowhere.get_data(as_text=True)
    assert site.get("/nowhere").get_json()["title"] == "There is no such address"


def test_two_accounts_are_compared_by_name(chronicle: Chronicle, pages: FlaskClient) -> None:
    for actor in ("rivermark", "highmoor"):
        chronicle.given(ActorNamed, actor, name=actor.title())
    chronicle.given(SwapCompleted, attributed_to="rivermark")

    page = read(pages, "/compare", from_reading="Highmoor", to_reading="Rivermark")
    assert re.search("told by one, not by the other.*Status nothing known completed", page.text)
    assert "no actor 'Nobody' is named" in read(pages, "/compare", 422, from_reading="Nobody", to_at="2024-01-01").text


def test_a_source_that_was_taken_back_is_told_in_the_steps_and_in_a_comparison(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapCompleted)
    before = chronicle.head
    chronicle.withdraw_source("report-1")

    assert "Status: completed its source was withdrawn" in read(pages, "/subjects/it", by="recorded").text
    page = read(pages, "/compare", from_position=before, to_position=chronicle.head)
    assert re.search("Status completed.* completed its source was withdrawn.*source withdrawn", page.text)


def test_nothing_known_is_said_and_not_left_blank(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01-01", reported="2024-01-05")

    assert "Nothing is known at these clocks." in read(pages, "/subjects/it", reported_until="2024-01-02").text
    assert "no source had reported it by then" in read(pages, "/facts/fact-1", reported_until="2024-01-02").text


def test_a_quote_that_could_not_be_looked_up_is_marked_unverified(chronicle: Chronicle, pages: FlaskClient) -> None:
    citation = chronicle.report(text=None) | {"exact": "They agreed."}
    chronicle.given(SwapAgreed, citations=[citation])

    for path in ("/subjects/it", "/facts/fact-1", "/sources/report-1"):
        assert "unverified" in read(pages, path).text


def test_words_that_are_gone_and_sources_that_were_withdrawn_are_marked(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapAgreed, "swap", "agreed", reported="2024-01-02", count_each=5)
    chronicle.given(SwapCompleted, "swap", "done", reported="2024-01-03", occurred="2024-01-03")
    chronicle.revise("report-1", text="Something else.", retrieved_at="2024-02-01T00:00:00Z")
    withdrawal = {"reason": "taken back", "published": "2024-02-02"}
    chronicle.chronology.write("teller", lambda call: withdraw_source(call, "report-2", withdrawal))

    for path in ("/facts/agreed", "/subjects/swap", "/search?q=report"):
        assert "its words are gone from a later version" in read(pages, path).text, path
    for path in ("/facts/done", "/subjects/swap", "/search?q=report"):
        assert "its source was withdrawn" in read(pages, path).text, path
    assert "Its publisher took this document back" in read(pages, "/sources/report-2").text
    assert "withdrawn" in read(pages, "/sources").text
    assert "withdrawn" not in read(pages, "/sources", reported_until="2024-02-01").text


def test_a_source_marks_each_cited_passage_and_names_the_facts_on_it(site: FlaskClient) -> None:
    page = read(site, "/sources/anews-2025-05-24")

    marks = [attributes["id"] for tag, attributes in page.elements if tag == "mark"]
    quoted = site.get("/api/v1/facts/swap-1000-stage-2").get_json()["citations"][0]
    assert f"c{quoted['start']}-{quoted['end']}" in marks
    assert any(link.startswith("/facts/swap-1000-stage-2") for link in page.links)


def test_a_value_leads_to_its_words_highlighted_in_the_source(site: FlaskClient) -> None:
    page = read(site, "/subjects/swap-1000-for-1000", at="2025-05-20")

    link = next(link for link in page.links if link.startswith("/sources/hurriyet-2025-05-16"))
    address, _, place = link.partition("#")
    source = read(site, address)
    assert place in [attributes.get("id") for tag, attributes in source.elements if tag == "mark"]
    assert "at=2025-05-20" in address


def test_versions_of_a_source_are_compared(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed, citations=[chronicle.report(text="They met in the night to Friday.")])
    chronicle.revise("report-1", text="They met on Friday.", retrieved_at="2024-02-01T00:00:00Z")

    html = pages.get("/sources/report-1?version=2&against=1").get_data(as_text=True)

    assert "<del>in the night to</del>" in html
    assert "<ins>on</ins>" in html


def test_a_fact_shows_its_whole_stream_withdrawn_amendments_included(site: FlaskClient) -> None:
    page = read(site, "/facts/second-swap-completed")

    assert "correction, ours: precision refinement" in page.text
    assert "withdrawn later" in page.text
    assert "Neither report says that the ninth phase was the last" in page.text
    assert "one of the days 4 to 23 July 2025" in page.text


def test_an_actor_page_tells_what_they_said_and_took_part_in(site: FlaskClient) -> None:
    page = read(site, "/actors/medinsky")

    assert page.text.index("What they said") < page.text.index("What they took part in")
    assert "Head of delegation, Members of the delegation" in page.text


def test_search_finds_words_in_quotes_and_names(site: FlaskClient) -> None:
    page = read(site, "/search", q="thousand captives")

    assert any(link.startswith("/facts/swap-1000-agreed") for link in page.links)
    assert any(
        link.startswith("/subjects/swap-1000-for-1000") for link in read(site, "/search", q="swap of 1,000 for").links
    )


def test_search_looks_among_all_subjects_without_case_whatever_their_number(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    names = [f"a-{number:04}" for number in range(2_010)]
    chronicle.chronology.write(
        "teller", lambda call: [describe_subject(call, {"id": name, "kind": "swap"}) for name in names]
    )
    described = {"id": "zzz", "kind": "process", "title": "Обмін 100%_", "aliases": ["Große Sache"]}
    chronicle.chronology.write("teller", lambda call: describe_subject(call, described))

    for words in ("ОБМІН", "100%_", "GROSSE обмін", "zzz"):
        page = read(pages, "/search", q=words)
        assert any(link.startswith("/subjects/zzz") for link in page.links), words
        assert "1 matter or actor" in page.text
    assert "None has these words in its name" in read(pages, "/search", q="101%a").text
    assert "8 or more matters and actors" in read(pages, "/search", q="a-").text


def test_search_marks_words_in_names_facts_and_texts_and_runs_no_script(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    citation = chronicle.report(text="Умеров said so: <script>umerov()</script>.")
    chronicle.given(SwapAgreed, "swap", "agreed", note="<b>Umerov</b>", citations=[citation])

    page = pages.get("/search", query_string={"q": "umerov"}).text

    assert page.count("<mark>Умеров</mark>") == 2
    assert "&lt;b&gt;<mark>Umerov</mark>&lt;/b&gt;" in page
    assert "<script>umerov" not in page
    assert "There is no word to look for" in pages.get("/search?q=%25").text


def test_search_says_among_which_facts_it_has_looked_and_goes_on(
    chronicle: Chronicle, pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        chronicle.given(SwapAgreed, "swap", f"agreed-{number}", note=f"note{number}")
    for name, most in (("MOST_SOUGHT", 2), ("_AT_ONCE", 2), ("MOST_FOUND", 0)):
        monkeypatch.setattr(fact_pages, name, most)

    first = read(pages, "/search", q="note2")
    assert "up to entry 4 of the log" in first.text
    assert not any(link.startswith("/facts/") for link in first.links)
    (further,) = [link for link in first.links if "after=" in link]
    assert any(link.startswith("/facts/agreed-2") for link in read(pages, further).links)
    assert "recorded after entry 4" in read(pages, further).text


def test_the_chronology_is_in_order_of_occurrence_whatever_the_order_of_recording(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapCompleted, occurred="2024-03-01", reported="2024-03-02")
    chronicle.given(SwapProposed, occurred="2024-01-01", reported="2024-03-05")

    newest, oldest = (
        read(pages, "/chronology", order=order).text.partition("The same as a list")[2] for order in ("", "oldest")
    )

    assert newest.index("Proposed a swap") > newest.index("The swap was completed")
    assert oldest.index("Proposed a swap") < oldest.index("The swap was completed")


def test_a_timeline_asked_from_no_place_draws_all(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(Occurred, "it", occurred="2024-03-01", what="a thing", reported="2024-03-09")

    assert pages.get("/chronology.json", query_string={"after": "no place"}).status_code == 200


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"at": "some day or other"}, "what had happened by"),
        ({"reported_until": "soon"}, "as reported by"),
        ({"recorded_until": "2025-13-01"}, "as this desk had recorded by"),
        ({"at": "2025-05-20", "zone": "Mars/Olympus"}, "the time zone of the days"),
        ({"position": "many"}, "the entry of the log"),
        ({"position": "999999"}, "the entry of the log"),
        ({"recorded_until": "2025-01-01", "position": "5"}, "the entry of the log"),
    ],
)
def test_a_clock_that_cannot_be_read_is_named_on_the_page(site: FlaskClient, query: dict[str, str], named: str) -> None:
    page = read(site, "/", 422, **query)

    assert named[:1].upper() + named[1:] in page.text
    assert list(query.values())[-1] in str(page.elements)


@pytest.mark.parametrize(
    "path", ["/subjects/nobody", "/facts/none", "/sources/none", "/sources/liga-2025-06-02?version=9"]
)
def test_what_is_not_recorded_is_a_page_of_status_404(site: FlaskClient, path: str) -> None:
    assert "Nothing is recorded under that name" in read(site, path, 404).text


def test_what_sources_say_never_becomes_markup(chronicle: Chronicle, pages: FlaskClient) -> None:
    report = chronicle.report(publisher=HOSTILE, title=HOSTILE, text=f"{HOSTILE} they said.", url="javascript:alert(1)")
    facts = [
        {
            "kind": "StatementMade",
            "subject": "it",
            "subject_kind": "swap",
            "occurred": "2024",
            "gist": HOSTILE,
            "by": "eve",
        },
        {"kind": "SwapCompleted", "subject": "it", "occurred": "2024-01-01", "note": HOSTILE, "modality": "denied"},
        {"kind": "SwapPostponed", "subject": "it", "occurred": "2024-01-01", "reason": HOSTILE},
        {"kind": "ActorNamed", "subject": "eve", "name": HOSTILE, "aliases": [HOSTILE]},
        {"kind": "SubjectDescribed", "subject": "it", "title": HOSTILE, "aliases": [HOSTILE]},
    ]
    bodies = [{"id": f"f{n}", "citations": [report], **fact} for n, fact in enumerate(facts)]
    chronicle.chronology.write(HOSTILE, lambda call: record_facts(call, bodies, [""] * len(bodies)))
    chronicle.amend("f2", "disputes", changes={"reason": f"not {HOSTILE}"}, citations=[report], kind=None, reason=None)

    paths = [
        "/",
        "/chronology",
        "/subjects/it",
        "/sources",
        "/sources/report-1",
        "/actors",
        "/actors/eve",
        "/search?q=script",
    ]
    for path in [*paths, *(f"/facts/f{n}" for n in range(5)), f"/search?q={HOSTILE}", f"/?at={HOSTILE}"]:
        html = pages.get(path).get_data(as_text=True)
        page = Page(html)
        assert all(
            attributes.get("src") or attributes.get("type") in ("application/json", "application/ld+json")
            for tag, attributes in page.elements
            if tag == "script"
        )
        assert not any(tag == "img" for tag, _ in page.elements)
        assert not any(
            name.startswith("on") or name == "style" for _, attributes in page.elements for name in attributes
        )
        assert not any(str(link).startswith("javascript:") for link in page.links)
        assert "49" not in re.findall(r"'(\d+)", html)


def test_no_page_asks_anything_of_another_host_or_needs_inline_code(site: FlaskClient) -> None:
    for path in ("/", "/chronology", "/subjects/return-of-children", "/sources/liga-2025-06-02", "/search?q=a"):
        for tag, attributes in read(site, path).elements:
            assert "style" not in attributes
            loads = tag == "link" and attributes.get("rel") != "alternate"
            asked = attributes.get("src") or (attributes.get("href") if loads else None) or ""
            assert not asked or asked.startswith(("/static/", "data:,"))


def test_an_unchanged_page_is_answered_304(site: FlaskClient) -> None:
    first = site.get("/?position=100")

    assert site.get("/?position=100", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_the_moments_of_change_are_days_and_recorded_instants_in_order(site: FlaskClient) -> None:
    moments = site.get("/moments.json").get_json()

    for name in ("at", "reported_until", "recorded_until"):
        values = [moment["value"] for moment in moments[name]]
        assert values == sorted(values)
        assert values
    assert "2025-05-25" in [moment["value"] for moment in moments["at"]]


def test_a_version_whose_source_was_corrected_ends_when_that_was_recorded(
    chronicle: Chronicle, pages: FlaskClient
) -> None:
    chronicle.given(SwapCompleted, occurred="2024-01-01", reported="2024-01-02")
    chronicle.correct_source("report-1", zone="Asia/Tokyo")

    page = read(pages, "/subjects/it", by="recorded")

    assert page.text.count("The swap was completed") >= 2
    assert "its source was corrected" in page.text


@pytest.mark.parametrize("year", ["Y99999", "Y-99999"])
def test_a_year_that_no_clock_can_be_asked_for_leaves_the_sliders_and_pages_as_they_are(
    chronicle: Chronicle, pages: FlaskClient, year: str
) -> None:
    chronicle.given(SwapAgreed, "swap", occurred="2024-01-01", reported="2024-01-02")
    chronicle.given(SwapProposed, "swap", "far", occurred=year, reported=year)

    moments = pages.get("/moments.json").get_json()
    assert [moment["value"] for moment in moments["at"]] == ["2024-01-01"]
    for path in ("/", "/subjects/swap", "/facts/far", "/chronology", "/chronology.json", "/sources/report-2"):
        assert pages.get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "name"),
    [("/sources/{}", "version"), ("/sources/{}", "against"), ("/", "position")],
)
@pytest.mark.parametrize("text", ["-1", "x", "\u00b2", "9" * 5000])
def test_a_number_of_the_address_that_is_none_is_named(site: FlaskClient, path: str, name: str, text: str) -> None:
    answer = site.get(
        path.format(site.get("/api/v1/sources").get_json()["sources"][0]["id"]), query_string={name: text}
    )

    assert answer.status_code == 422
    assert "is not" in answer.text


def test_a_retracted_version_stays_in_the_history_of_beliefs(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapCompleted, occurred="2024-01-01", reported="2024-01-02", publisher="Herald")
    chronicle.amend("fact-1", "retractions", reported="2024-01-04", publisher="Herald")

    page = read(pages, "/subjects/it")

    assert "2 January 2024 4 January 2024, retracted" in page.text
    assert "Retracted: The swap was completed" in page.text


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("2025-05-16", "16 May 2025"),
        ("2025-05", "May 2025"),
        ("2025-05-16T13:35:00", "16 May 2025, 13:35"),
        ("2025-05-16T13:35:00Z", "16 May 2025, 13:35 UTC"),
        ("2025-05-16T13:35", "16 May 2025, 13:35"),
        ("2025-05-16T13:35:05.5+03", "16 May 2025, 13:35:05.5 +03"),
        ("2025-05-16T23Z", "16 May 2025, 23:00 to 24:00 UTC"),
        ("2025-05-16T13:35/2025-05-17", "16 May 2025, 13:35 to 17 May 2025"),
        ("[2025-05-16T13:35..2025-05-16T14:00]", "at a time from 16 May 2025, 13:35 to 16 May 2025, 14:00"),
        ("2022~", "about 2022"),
        ("2025-05-16?", "perhaps 16 May 2025"),
        ("[2025-06-21..2025-06-30]", "one of the days 21 to 30 June 2025"),
        ("[2025-05-22,2025-05-23]", "22 May 2025 or 23 May 2025"),
        ("[..2025-06-02]", "on or before 2 June 2025"),
        ("2025-05-28/2025-06-03", "28 May to 3 June 2025"),
        ("2025-05-28/..", "from 28 May 2025"),
        ("/2025-06-02", "until 2 June 2025"),
        ("2025-05-XX", "a day in May 2025"),
        ("202X", "the 2020s"),
        ("2025-22", "summer 2025"),
        ("-0043-03-15", "15 March 44 BC"),
        ("Y-170000002", "Y-170000002"),
    ],
)
def test_dates_are_said_in_words(edtf: str, words: str) -> None:
    assert in_words(edtf) == words


@pytest.mark.parametrize(
    ("edtf", "words"),
    [("../2025-06-02", "on or before 2 June 2025"), ("2025-06-02", "2 June 2025"), ("../..", "at all times")],
)
def test_a_beginning_dated_until_a_day_lies_on_or_before_it(edtf: str, words: str) -> None:
    assert occurred_in_words(edtf, begins=True) == words
    assert occurred_in_words(edtf, begins=False) == in_words(edtf)


def test_a_part_of_a_sentence_in_brackets_goes_with_its_field() -> None:
    whole = {"parties": ["russia", "ukraine"], "count_each": {"best": 1000}, "categories": ["prisoners of war"]}

    assert (
        plain(sentence(SwapAgreed, whole, str.title))
        == "Russia and Ukraine agreed to swap 1,000 each (prisoners of war)"
    )
    assert plain(sentence(SwapAgreed, {}, str.title)) == "Agreed to swap"
    assert plain(sentence(ActorNamed, {"name": "Ada"}, str)) == "Named Ada"


def test_findings_are_named_in_words() -> None:
    assert finding_name("count_each", str) == "Number, each side"
    assert finding_name("head[russia]", str.title) == "Head of delegation, Russia"
    assert finding_name("StatementMade.gist", str) == "What was said"
    assert finding_name("counts[1][russia]", str.title) == "Number handed over, stage 1, Russia"


def test_counts_of_a_stage_and_the_progress_of_a_swap_are_said_in_words() -> None:
    progress = {"russia": {"done": {"best": 697}, "of": {"best": 1000}}, "ukraine": {"done": {"low": 690}}}

    assert plain(finding_value("counts[1][russia]", {"best": 390}, str.title)) == "390"
    assert plain(finding_value("progress", progress, str.title)) == "Russia: 697 of 1,000 and Ukraine: at least 690"
    assert plain(finding_value("holds[minister]", False, str.title)) == "no longer in office"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        ({"best": 1000}, "1,000"),
        ({"low": 1200}, "at least 1,200"),
        ({"high": 10}, "at most 10"),
        ({"best": 15, "low": 12, "high": 18}, "15 (12 to 18)"),
    ],
)
def test_counts_are_said_with_their_range(count: dict[str, int], words: str) -> None:
    assert count_in_words(count) == words


def test_every_kind_has_a_sentence_that_reads_without_any_field() -> None:
    for kind in (StatementMade, SubjectDescribed, ReturnDemanded, SwapProposed):
        assert plain(sentence(kind, {}, str)).strip()


def test_two_readings_are_compared_with_the_events_that_made_the_difference(site: FlaskClient) -> None:
    page = read(site, "/compare", from_reported_until="2025-05-24", to_reported_until="2 June 2025")

    assert "differs" in str([attributes.get("class") for _, attributes in page.elements])
    assert re.search(r"Swap of 1,000 for 1,000.*Status partly carried out.*completed.*new fact", page.text)
    assert "1,000 people had returned to either country" in page.text


def test_a_comparison_names_every_finding_that_the_api_says_differs(site: FlaskClient) -> None:
    clocks = {"from_position": "150", "to_position": "167"}
    differences = site.get("/api/v1/diff", query_string=clocks).get_json()["differences"]
    page = read(site, "/compare", **clocks)

    shown = [each for each in differences if each["finding"] not in ("title", "part_of", "aliases")]
    assert f"{len(shown)} findings differ" in page.text
    assert all(
        any(f"/facts/{event['fact']}" in link for link in page.links) for each in shown for event in each["events"]
    )


@pytest.mark.parametrize(
    ("query", "named"),
    [({"from_at": "soon"}, "A, what had happened by"), ({"to_position": "9999"}, "B, the entry of the log")],
)
def test_a_clock_of_a_comparison_that_cannot_be_read_is_named(
    site: FlaskClient, query: dict[str, str], named: str
) -> None:
    assert named in read(site, "/compare", 422, **query).text


def test_the_steps_of_understanding_are_told_with_what_was_believed_before(site: FlaskClient) -> None:
    page = read(site, "/subjects/swap-wounded-and-young")

    assert re.search(r"Status: in preparation → became postponed or in preparation", page.text)


def test_one_partys_account_counts_what_others_say_as_alleged(site: FlaskClient) -> None:
    heard = {"reading": "ukraine"}
    page = read(site, "/subjects/return-of-the-dead", **heard)

    state = site.get("/api/v1/subjects/return-of-the-dead", query_string=heard).get_json()
    beside = page.text.partition("How we came to know")[0]
    assert beside.count("Alleged:") == len(state["alleged"]) > 0
    assert "as told by" in read(site, "/", 422, reading="nobody").text


def test_who_listens_is_told_at_once_what_was_recorded_before(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapCompleted)
    chronicle.chronology.follower.catch_up()
    heard = pages.get("/news", buffered=False)

    assert [next(heard.response) for _ in range(2)][1] == b'id: 2\ndata: {"position":2}\n\n'
    heard.close()
