"""A walk through the pages at many clocks: nothing is on them that the API's answers at those clocks do not bear out."""

import json
import os
import random
import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any
from urllib.parse import unquote

from flask.testing import FlaskClient

from events.facts import KINDS
from projections.queries.subjects.states import spelled
from service.databases.chronology import Chronology
from service.wording.date_wording import in_words, occurred_in_words
from service.wording.phrases import plain, sentence
from tests.fixtures.samples import readings

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
CLOCKS = 200 if NIGHTLY else 12
EACH = None if NIGHTLY else 2
"""How many pages of each sort are read at each clock: all of them by night."""
MONTHS = [in_words(f"2025-{month:02}").partition(" ")[0] for month in range(1, 13)]
DATE = re.compile(rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)}) -?\d{{4,}}")
ISO = re.compile(r"-?\d{4,}-\d\d-\d\d")
FACT_LINK = re.compile(r'<a [^>]*href="/facts/([^"?#]+)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
ROW = re.compile(
    r'<th scope="row"><a class="plain" href="/subjects/([^"?#]+)[^>]*>.*?</th>\s*<td>(.*?)</td>', re.DOTALL
)
WORDS = {"quote and history", "the fact and its words", "the fact", "What was recorded since", "Back to today"}
VERSIONS = re.compile(r'<section aria-labelledby="h-evol">.*?</section>', re.DOTALL)
"""How a matter came to be known: sentences of facts as they were before they were corrected stand there too."""


class Borne:
    """What the API answers at the clocks, gathered: facts, states, names, dates, and the words of sources."""

    def __init__(self, client: FlaskClient, clocks: dict[str, Any]) -> None:
        self.client, self.clocks = client, clocks
        self.facts = {each["id"]: each for each in self._all("facts")}
        self.states = {each["id"]: each for each in self._all("subjects")}
        self.sources = {each["id"]: each for each in self._all("sources", ("position", "recorded_until"))}
        agenda = client.get("/api/v1/agenda", query_string=clocks).get_data(as_text=True) if "at" in clocks else ""
        told = json.dumps([self.facts, self.states, self.sources, clocks], ensure_ascii=False) + agenda
        self.days = {in_words(day) for day in ISO.findall(told)} | set(DATE.findall(told))

    def _all(self, name: str, only: Iterable[str] | None = None) -> list[dict[str, Any]]:
        asked = {key: value for key, value in self.clocks.items() if only is None or key in only}
        answer = self.client.get(f"/api/v1/{name}", query_string={"limit": 1000, **asked}).get_json()
        return list(answer[name])

    def known(self) -> set[str]:
        """The ids of facts, and of descriptions of subjects."""
        return {*self.facts, *(f"subject:{name}" for name in self.states)}

    def cited(self) -> set[str]:
        """The sources that the facts known at the clocks cite."""
        return {each["source"] for fact in self.facts.values() for each in fact["citations"]}

    def named(self, name: str) -> str:
        state = self.states.get(name)
        return str(state["title"]) if state and state["title"] else spelled(name)

    def said(self, fact: str) -> str:
        view = self.facts[fact]
        return plain(sentence(KINDS[view["kind"]], view["fields"], self.named))

    def pages(self, chance: random.Random) -> Iterator[str]:
        """The addresses of pages: all lists, and of each sort some or all."""
        matters = [name for name, each in self.states.items() if each["kind"] != "actor"]
        actors = [name for name, each in self.states.items() if each["kind"] == "actor"]
        yield from ("/", "/chronology", "/actors", "/sources", "/accounts", "/search")
        for sort, names in (("subjects", matters), ("actors", actors), ("facts", [*self.facts])):
            some = names if EACH is None else chance.sample(names, min(EACH, len(names)))
            yield from (f"/{sort}/{name}" for name in some)


def words_cited(borne: Borne, but: Iterable[str] = ()) -> set[str]:
    """The words that facts cite, but of those sources."""
    cited = [each for fact in borne.facts.values() for each in fact["citations"] if each["source"] not in but]
    return {" ".join(each["exact"].split()) for each in cited}


def words_of(html: str) -> str:
    without_scripts = re.sub("<(script|style)[^>]*>.*?</\\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]+>", " ", without_scripts)).split())


def test_no_date_state_label_or_sentence_of_a_page_is_without_its_like_in_the_api_at_the_same_clocks(
    site: FlaskClient, sample: Chronology
) -> None:
    chance = random.Random(17)
    everything = Borne(site, {})
    seen = 0
    for _, clocks in [*readings(sample)][:: 200 // CLOCKS]:
        borne = Borne(site, clocks)
        later = words_cited(everything, but=borne.cited()) - words_cited(borne)
        for path in borne.pages(chance):
            answer = site.get(
                path, query_string={"at": "none", **clocks, **({"q": "swap"} if path == "/search" else {})}
            )
            assert answer.status_code == 200, (path, clocks)
            html = re.sub('<details class="cite">.*?</details>', "", answer.get_data(as_text=True), flags=re.DOTALL)
            main = html[html.index("<main") : html.index("</main>")]
            seen += 1
            said_here = words_of(main)
            assert not [words for words in later if words in said_here], (path, clocks)
            assert_dates(borne, said_here, path)
            assert_facts(borne, main, path)
            assert_states(borne, main, path)
    assert seen >= 10 * CLOCKS


def assert_dates(borne: Borne, text: str, path: str) -> None:
    unknown = {day for day in DATE.findall(text) if day not in borne.days}
    assert not unknown, (path, borne.clocks, unknown)


def assert_facts(borne: Borne, html: str, path: str) -> None:
    """Each fact that a page links to is known by then, and is linked by its own sentence, or its date, or fixed words."""
    now = VERSIONS.sub("", html)
    assert {unquote(name) for name, _ in FACT_LINK.findall(html)} <= borne.known(), (path, borne.clocks)
    for name, inner in ((unquote(name), inner) for name, inner in FACT_LINK.findall(now)):
        if name.startswith("subject:"):
            continue
        text = words_of(inner)
        fact = borne.facts[name]
        when = occurred_in_words(fact["occurred"], begins=KINDS[fact["kind"]].begins)
        allowed = {borne.said(name), when, *WORDS}
        assert text in {" ".join(each.split()) for each in allowed}, (path, borne.clocks, name, text, allowed)


def assert_states(borne: Borne, html: str, path: str) -> None:
    """Each matter of a table has the state that the API gives it, and the page of a matter has its own."""
    for name, cell in ROW.findall(html):
        known = borne.states[name]["status"]["value"]
        assert words_of(cell).endswith(known or words_of(cell)), (path, borne.clocks, name)
    stand = re.search(r"<strong>(.*?)</strong>", html)
    if path.startswith("/subjects/"):
        known = borne.states[path.rpartition("/")[2]]["status"]["value"]
        assert (stand and stand[1]) == known, (path, borne.clocks)
