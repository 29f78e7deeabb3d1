"""A quote is a gate: its words stand in the text, once, or the fact is refused."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.commands.amend_facts import amend
from events.commands.quotes import SearchableText, TextSpan, fold, says
from events.commands.record_sources import register_source, revise_source
from events.commands.redact import redact
from events.commands.review import accept, propose
from events.errors import Conflict, Invalid, QuoteAmbiguous, QuoteNotFound, TooLong
from events.log.unit_of_work import UnitOfWork
from projections.clocks import Asked
from projections.queries.evidence.facts import fact
from service.chronicle.file import LISTS, ParsedChronicle
from service.chronicle.importing import take_in
from service.databases.chronology import Chronology
from tests.fixtures.recording import record_facts

TEXT = "The talks began.  On Monday,\n\nthe talks ended. No more was said of the talks."


def found(text: str, *quote: str | None) -> str:
    place = SearchableText(text).locate(*(*quote, None, None)[:3])  # type: ignore[arg-type]
    return text[place.start : place.end]


def test_white_space_is_folded_and_the_place_is_that_in_the_text_as_given() -> None:
    assert found(TEXT, "On Monday, the talks ended.") == "On Monday,\n\nthe talks ended."


def test_a_composed_letter_finds_a_decomposed_one() -> None:
    text = "Zu\u0308rich and Mu\u0308nchen agreed."

    assert found(text, "München agreed") == "Mu\u0308nchen agreed"


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Three o\ufb03cers \ufb02ew home.", "officers flew"),
        ("The pris\xadon\xaders were freed.", "prisoners"),
        ("The 1,000\xa0prisoners and\u202f9 others.", "1,000 prisoners and 9 others"),
        ("\u201cIt\u2019s over\u201d, he said.", '"It\'s over", he said'),
        ('"It\'s over", he said.', "\u201cIt\u2019s over\u201d, he said"),
        ("He said \u200f\u202bتبادل\u202c الأسرى", "said تبادل الأسرى"),
        ("\ufe97\ufe92\ufe8e\ufea9\ufedd", "تبادل"),
        ("A star \u2b50\ufe0f over Kyiv.", "star \u2b50 over"),
        ("A cease\u2011fire holds.", "cease-fire holds"),
        ("Cafe\u200d\u0301 opens.", "Café opens"),
        ("One \u200b two", "One two"),
        ("Some twenty\xadfive pris\xadoners, well-known.", "twenty-five prisoners, well-known"),
    ],
)
def test_what_typesetting_adds_to_words_does_not_make_an_honest_quote_fail(text: str, quote: str) -> None:
    place = SearchableText(text).locate(quote, None, None)

    assert says(text[place.start : place.end], quote)
    assert place.end - place.start >= len(quote) - 4


def test_a_hyphen_that_is_not_soft_in_the_text_is_compared_like_any_letter() -> None:
    for text, quote in (("They re\xadsign the re-signed.", "resigned"), ("A re\xadsigned man.", "re-signed-man")):
        with pytest.raises(QuoteNotFound):
            SearchableText(text).locate(quote, None, None)


def test_one_letter_that_differs_is_not_found() -> None:
    with pytest.raises(QuoteNotFound, match="does not stand"):
        SearchableText(TEXT).locate("On monday", None, None)


def test_words_in_several_places_are_refused_with_the_places() -> None:
    with pytest.raises(QuoteAmbiguous, match=r"3 places \(characters 4 to 9, 34 to 39, 71 to 76\)"):
        SearchableText(TEXT).locate("talks", None, None)


def test_a_prefix_or_a_suffix_chooses_among_places() -> None:
    assert SearchableText(TEXT).locate("talks", "Monday, the ", None).start == 34
    assert SearchableText(TEXT).locate("talks", None, " began").start == 4


def test_a_prefix_that_does_not_stand_there_is_not_found() -> None:
    with pytest.raises(QuoteNotFound, match="between that prefix and suffix"):
        SearchableText(TEXT).locate("talks", "Sunday, the ", None)


@given(st.text(alphabet="ab \n\t\u0308\u00fcü.\xad\ufb01\u200f", min_size=1, max_size=40), st.data())
def test_every_piece_of_a_text_is_found_in_it_where_it_stands(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    piece = fold(text[start:end])
    whole = SearchableText(text)

    for place in whole.places(piece):
        assert piece in fold(text[place.start : place.end])
    if piece and fold(text).count(piece):
        assert whole.places(piece)


def places_one_by_one(text: SearchableText, exact: str, prefix: str, suffix: str) -> list[int]:
    """Where the folded quote stands in the folded text, each place looked at by itself."""
    wanted, before, after = fold(exact), fold(prefix), fold(suffix)
    return [
        start
        for start in range(len(text.folded))
        if wanted
        and text.folded.startswith(wanted, start)
        and text.folded[:start].removesuffix(" ").endswith(before)
        and text.folded[start + len(wanted) :].removeprefix(" ").startswith(after)
    ]


FEW = st.text(alphabet="ab \u0308\u00fc\xad\ufb01", max_size=4)


@given(st.text(alphabet="ab \n\u0308\u00fc\xad\ufb01", max_size=30), FEW, FEW, FEW)
def test_places_between_prefix_and_suffix_are_those_found_one_by_one(
    text: str, exact: str, prefix: str, suffix: str
) -> None:
    whole = SearchableText(text)
    expected = places_one_by_one(whole, exact, prefix, suffix)[:20]

    found = whole.places(exact, prefix, suffix)

    assert len(found) == len(expected)
    assert [fold(text[: place.start]) for place in found] == [whole.folded[:start].rstrip() for start in expected]


def test_of_very_many_places_twenty_are_named() -> None:
    with pytest.raises(QuoteAmbiguous, match=r"20 places or more \(characters 0 to 5, 1 to 6, .* 19 to 24\)"):
        SearchableText("a" * 1_000_000).locate("a" * 5, None, None)


def test_the_dearest_quotes_are_looked_for_in_time_that_grows_with_the_text() -> None:
    text = SearchableText("a" * 1_000_000)
    began = time.thread_time()

    for suffix in ("a" * 1_000, "a" * 999 + "b"):
        assert len(text.places("a" * 5_000, "a" * 1_000, suffix)) in (0, 20)

    assert time.thread_time() - began < 5  # it was 15 seconds


LONG = "It was said that they agreed. " + "Nothing was said. " * 4_000 + "It is done."
SOURCE = {"id": "long", "title": "Long", "publisher": "Gazette", "published": "2024-01-02", "text": LONG}
AGREED = {"kind": "SwapAgreed", "subject": "swap", "occurred": "2024-01-01"}


def citing(*quotes: str, **values: Any) -> dict[str, Any]:
    return {**AGREED, "citations": [{"source": "long", "exact": quote} for quote in quotes], **values}


@pytest.fixture
def searched_in_turn(chronology: Chronology, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each search in a text, whether it is made while a writer has its turn."""
    searches, turns = [], []
    locate, writing = SearchableText.locate, chronology.record.recorder.writing

    @contextmanager
    def turn(now: int) -> Iterator[Any]:
        with writing(now) as transaction:
            turns.append(transaction)
            try:
                yield transaction
            finally:
                turns.pop()

    def noted(text: SearchableText, *quote: Any) -> TextSpan:
        searches.append(bool(turns))
        return locate(text, *quote)

    monkeypatch.setattr(chronology.record.recorder, "writing", turn)
    monkeypatch.setattr(SearchableText, "locate", noted)
    return searches


def start_of(chronology: Chronology, name: str) -> int:
    with chronology.ask(Asked()) as (snapshot, clocks):
        citation: Any = fact(snapshot, name, clocks)["citations"][0]  # type: ignore[typeddict-item]
        return int(citation["start"])


def test_quotes_are_looked_for_in_a_long_text_while_others_may_write(
    chronology: Chronology, searched_in_turn: list[bool], tmp_path: Path
) -> None:
    def of_source_and_fact(unit: UnitOfWork) -> Any:
        register_source(unit, SOURCE)
        return record_facts(unit, [citing("It is done.", id="done")], [""])

    chronology.write("clerk", of_source_and_fact)
    chronology.write(
        "clerk", lambda unit: amend(unit, "done", "corroborations", {"citations": citing("they agreed.")["citations"]})
    )
    file = tmp_path / "more.ndjson"
    file.write_text(
        '{"fact": {"id": "more", "kind": "SwapAgreed", "subject": "swap", "occurred": "2024-01-03", '
        '"citations": [{"source": "long", "exact": "It was said"}]}}\n'
    )
    take_in(chronology, "clerk", file)
    lists: dict[str, Any] = {**{name: [] for name in LISTS}, "facts": [citing("It is done", id="seen-twice")]}
    proposal, _ = chronology.write("clerk", lambda unit: propose(unit, lists, ParsedChronicle(lists).record))
    assert proposal is not None
    chronology.write(
        "editor", lambda unit: accept(unit, proposal.id, lambda given: ParsedChronicle({**lists, **given}).record, str)
    )

    assert searched_in_turn == [False] * 5
    assert start_of(chronology, "done") == start_of(chronology, "seen-twice") == LONG.index("It is done.")


def test_a_long_text_is_opened_while_others_may_write_and_not_once_it_is_erased(chronology: Chronology) -> None:
    chronology.write("clerk", lambda unit: register_source(unit, {**SOURCE, "text": LONG * 4}))
    read: list[str | None] = []

    def read_text(unit: UnitOfWork) -> None:
        read.append(None)
        read[-1] = unit.entries("source", "long")[0].data["text"]

    chronology.write("clerk", read_text)
    chronology.write("admin", lambda unit: redact(unit, "source", "long", {"reason": "a private letter"}))
    chronology.write("clerk", read_text)

    assert read == [None, LONG * 4, None, "redacted"]


def test_a_short_text_is_searched_in_the_turn_so_that_there_is_one(
    chronology: Chronology, searched_in_turn: list[bool]
) -> None:
    chronology.write("clerk", lambda unit: register_source(unit, {**SOURCE, "text": "It is done."}))
    chronology.write("clerk", lambda unit: record_facts(unit, [citing("It is done.")], [""]))

    assert searched_in_turn == [True]


def test_a_text_revised_while_it_was_searched_is_searched_again(
    chronology: Chronology, monkeypatch: pytest.MonkeyPatch
) -> None:
    chronology.write("clerk", lambda unit: register_source(unit, SOURCE))
    locate = SearchableText.locate
    revision = {"text": "Revised. " + LONG, "retrieved_at": "2024-01-05"}

    def meanwhile(text: SearchableText, *quote: Any) -> TextSpan:
        monkeypatch.setattr(SearchableText, "locate", locate)
        chronology.write("other", lambda unit: revise_source(unit, "long", revision))
        return locate(text, *quote)

    monkeypatch.setattr(SearchableText, "locate", meanwhile)
    chronology.write("clerk", lambda unit: record_facts(unit, [citing("It is done.", id="done")], [""]))

    assert start_of(chronology, "done") == revision["text"].index("It is done.")


def test_all_that_is_refused_is_named_in_order_however_long_its_text(chronology: Chronology) -> None:
    chronology.write("clerk", lambda unit: register_source(unit, SOURCE))
    chronology.write("clerk", lambda unit: record_facts(unit, [citing("It is done.", id="done")], [""]))
    bodies = [citing("They never said so."), citing("they agreed.", id="done")]

    with pytest.raises(Invalid) as refused:
        chronology.write("clerk", lambda unit: record_facts(unit, bodies, ["/0", "/1"]))
    with pytest.raises(Conflict):
        chronology.write("clerk", lambda unit: record_facts(unit, bodies[1:], ["/1"]))

    assert [fault.pointer for fault in refused.value.faults] == ["/0/citations/0/exact", "/1"]


def test_a_call_whose_quotes_take_too_long_to_find_is_given_up(chronology: Chronology) -> None:
    chronology.write("clerk", lambda unit: register_source(unit, SOURCE))
    head = chronology.record.head()

    with pytest.raises(TooLong, match="nothing was recorded"):
        chronology.record.write("clerk", lambda unit: record_facts(unit, [citing("It is done.")], [""]), seconds=-1)

    assert chronology.record.head() == head
