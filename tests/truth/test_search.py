"""Search: what stands at the clocks is found whatever its case, accents and alphabet, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.commands.record_facts import describe_subject
from events.commands.record_sources import register_source
from events.errors import Invalid
from events.kinds.any_subject import StatementMade, SubjectDescribed
from events.kinds.swap import SwapAgreed
from projections.clocks import Asked
from projections.queries.evidence import fact_pages
from projections.queries.evidence.search import Found, search
from projections.read_models.texts.folding import folded_words, sought_in
from projections.read_models.texts.search import passages_of
from service.databases.chronology import Chronology
from tests.conftest import Api
from tests.fixtures.stories import Chronicle

LATER = {"kind": "misattribution", "reason": "misread"}


def found(chronology: Chronology, words: str, limit: int = 100, **clocks: Any) -> Found:
    chronology.follower.catch_up()
    with chronology.ask(Asked(**clocks)) as (snapshot, bounds):
        return search(snapshot, words, bounds, limit)


def ids(chronology: Chronology, words: str, **clocks: Any) -> tuple[list[str], list[str], list[str]]:
    answer = found(chronology, words, **clocks)
    return (
        [each["subject"] for each in answer["subjects"]],
        [each["fact"] for each in answer["facts"]],
        [each["source"] for each in answer["sources"]],
    )


def described(chronology: Chronology, **given: Any) -> None:
    chronology.write("teller", lambda unit: describe_subject(unit, given))


def test_case_accents_and_alphabets_make_no_difference(chronology: Chronology, chronicle: Chronicle) -> None:
    described(chronology, id="minister", kind="actor", title="Рустем Умеров", aliases=["Große Sache"])
    described(chronology, id="land", kind="actor", title="Tu\u0308rkiye")
    chronicle.given(StatementMade, "land", "said", by="minister", gist="Зеленський в Києві", note="İstanbul 会谈")

    for words in ("umerov", "UMEROV rustem", "Умеров", "grosse sache", "umerov große"):
        assert ids(chronology, words)[0] == ["minister"], words
    assert ids(chronology, "Türkiye")[0] == ids(chronology, "turkiye")[0] == ["land"]
    for words in ("Zelensky", "Зеленский", "istanbul", "谈", "kiev"):
        assert ids(chronology, words)[1] == ["said"], words


def test_words_are_found_by_their_beginnings_numbers_and_short_words_whole(
    chronology: Chronology, chronicle: Chronicle
) -> None:
    chronicle.given(StatementMade, "it", "said", subject_kind="process", by="him", gist="1000 captives go home")

    for words in ("capt", "captives 1000", "go", '"captives" (home)'):
        assert ids(chronology, words)[1] == ["said"], words
    for words in ("100", "g", "aptives", "captives 10", "captives NOT home xyz"):
        assert ids(chronology, words)[1] == [], words


def test_hits_are_marked_where_they_stand(chronology: Chronology, chronicle: Chronicle) -> None:
    told = "Начало. " * 100 + "Rustem Umerov said so; Умеров again. " + "End. " * 500
    citation = chronicle.report(text=told)
    chronicle.given(SwapAgreed, "swap", "agreed", citations=[{**citation, "exact": "Umerov said so; Умеров"}])

    answer = found(chronology, "umerov")

    (quote,) = answer["facts"][0]["passages"]
    assert (quote["where"], quote["source"]) == ("quote", citation["source"])
    assert [quote["text"][start:end] for start, end in quote["marks"]] == ["Umerov", "Умеров"]
    (passage,) = answer["sources"][0]["passages"]
    assert [passage["text"][start:end] for start, end in passage["marks"]] == ["Umerov", "Умеров"]
    assert told[passage["start"] :].startswith(passage["text"])
    assert answer["sources"][0]["is_latest"]
    assert len(passage["text"]) <= 300


def test_nothing_is_found_that_was_not_known_at_the_clocks(chronology: Chronology, chronicle: Chronicle) -> None:
    chronicle.given(SubjectDescribed, "swap", subject_kind="swap", title="First title")
    citation = chronicle.report(reported="2024-05-01", text="Zebra said so.")
    before = chronicle.given(StatementMade, "swap", "said", by="him", gist="walrus", citations=[citation])
    with chronology.ask(Asked()) as (snapshot, _):
        position = snapshot.position
    chronicle.amend("said", "corrections", changes={"gist": "ostrich"})
    chronicle.given(SubjectDescribed, "swap", title="Second title")
    chronicle.revise(citation["source"], text="Okapi says so.", retrieved_at="2024-06-01T00:00:00Z")
    chronicle.given(SwapAgreed, "swap", "late", note="penguin", reported="2024-09-01")

    assert before == "said"
    assert ids(chronology, "walrus")[1] == []
    assert ids(chronology, "walrus", position=position)[1] == ["said"]
    assert ids(chronology, "ostrich")[1] == ["said"]
    assert ids(chronology, "ostrich", position=position)[1] == []
    assert ids(chronology, "zebra", reported_until="2024-04-01") == ([], [], [])
    assert found(chronology, "zebra")["sources"][0]["is_latest"] is False
    assert found(chronology, "zebra", reported_until="2024-05-15")["sources"][0]["is_latest"]
    assert ids(chronology, "okapi", reported_until="2024-05-15")[2] == []
    assert ids(chronology, "okapi")[2] == [citation["source"]]
    assert ids(chronology, "penguin", reported_until="2024-08-01")[1] == []
    assert (ids(chronology, "first title")[0], ids(chronology, "second title")[0]) == ([], ["swap"])
    assert ids(chronology, "first title", position=position)[0] == ["swap"]
    assert ids(chronology, "second title", position=position)[0] == []


def test_words_that_came_with_several_events_are_found_together(chronology: Chronology, chronicle: Chronicle) -> None:
    chronicle.given(StatementMade, "it", "said", subject_kind="process", by="him", gist="walrus")
    chronicle.amend("said", "corroborations", citations=[chronicle.report(text="Zebra says so.")])
    chronicle.given(SubjectDescribed, "it", title="Alpha", aliases=["Beta"])
    chronicle.given(SubjectDescribed, "it", aliases=["Gamma"])

    assert ids(chronology, "zebra walrus")[1] == ["said"]
    assert ids(chronology, "gamma beta alpha")[0] == ["it"]
    chronicle.amend("said", "retractions")
    assert found(chronology, "zebra walrus")["facts"][0]["retracted"]


def test_the_words_of_a_dispute_in_force_are_found_where_they_were_published(
    chronology: Chronology, chronicle: Chronicle
) -> None:
    chronicle.given(StatementMade, "it", "said", subject_kind="process", by="him", gist="walrus", reported="2024-01-02")
    against = chronicle.report(text="Zebra said otherwise.", reported="2024-05-01")
    dispute = chronicle.amend("said", "disputes", citations=[against], changes={"gist": "ostrich"})

    for words in ("zebra", "ostrich", "walrus zebra ostrich"):
        assert ids(chronology, words)[1] == ["said"], words
        assert ids(chronology, words, reported_until="2024-04-01")[1] == [], words
    (passage,) = found(chronology, "zebra")["facts"][0]["passages"]
    assert (passage["where"], passage["source"]) == ("dispute", against["source"])
    chronicle.amend("said", "withdrawal", withdraws=dispute.n)
    assert ids(chronology, "zebra")[1] == ids(chronology, "ostrich")[1] == []


def test_a_subject_is_found_under_what_it_was_merged_into(chronology: Chronology, api: Api) -> None:
    described(chronology, id="one", kind="swap", title="Walrus")
    described(chronology, id="two", kind="swap", title="Zebra")
    api.posted("/subjects/one/merges", {**LATER, "into": "two"})

    assert ids(chronology, "zebra")[0] == ["two"]
    assert "one" not in ids(chronology, "walrus")[0]


@given(
    texts=st.lists(st.text(st.sampled_from("aeiouäЖя бé'-谈_1 \n"), min_size=1, max_size=4_500), min_size=1, max_size=5)
)
def test_the_search_for_any_word_of_a_text_finds_all_passages_with_it(texts: list[str]) -> None:
    for told in texts:
        passages = list(passages_of(told))
        assert "".join(passage for _, passage in passages) == told
        assert all(told.startswith(passage, start) and len(passage) <= 2_000 for start, passage in passages)
        for word in folded_words(told):
            assert sought_in(word).stand_in(folded_words(told))


@pytest.mark.parametrize("most", [0, 20_000])
def test_the_index_finds_what_a_reading_of_all_facts_and_texts_finds(
    chronology: Chronology, chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(fact_pages, "MOST_FOUND", most)
    letters = ["alpha", "Älpha", "альфа", "beta", "bet", "7", "77", "it's", "会谈", "gam-ma", "ŝ", "_delta"]
    said: dict[str, str] = {}
    for n in range(24):
        words = " ".join(letters[(n * step + step) % len(letters)] for step in (1, 2, 3, 5)[: n % 4 + 1])
        name = chronicle.given(StatementMade, "it", f"said-{n:02}", subject_kind="process", by="him", gist=words)
        said[name] = f"{words} it him What report {n + 1} says."

    for asked in [*letters, "alpha beta", "bet 7", "will ' OR 1", "delta AND", "report 12", "him"]:
        expected = [name for name, words in said.items() if sought_in(asked).stand_in(folded_words(words))]
        assert ids(chronology, asked)[1] == expected, asked
        for sort in ("occurred", "reported"):
            with chronology.ask(Asked()) as (snapshot, clocks):
                views, _ = fact_pages.page_of_facts(
                    snapshot, clocks, {"q": asked, "sort": sort}, fact_pages.UNBOUNDED, b"", 100
                )
            assert sorted(each["id"] for each in views) == expected, (asked, sort)


HOSTILE = [
    '"', "'", '" OR 1=1 --', "NEAR(a b)", "words:walrus", "walrus*", "^walrus", "walrus AND NOT (", "walrus & !x | (",
    "_fact", "{passages}", "? %s %(x)s", "\\", "::tsquery", "a" * 200, " ".join("abcdefghijklmnopqrst"), "\u202e", "😀",
    "walrus:*", "'walrus':A", "--", "\x01",
]  # fmt: skip


def test_hostile_words_are_answered_or_refused_by_name(api: Api, chronicle: Chronicle) -> None:
    chronicle.given(StatementMade, "it", "said", subject_kind="process", by="him", gist="walrus")
    chronicle.chronology.follower.catch_up()

    for path in ("/search", "/facts"):
        for words in HOSTILE:
            answer = api.get(path, q=words)
            assert answer.status_code in (200, 422), (words, answer.text)
            if answer.status_code == 422:
                assert answer.get_json()["errors"][0]["pointer"] == "/q", words
        for words in ("a" * 10_000, "a\0b", "", " ".join(f"{n}{'abcdefghijk'[n % 11]}" for n in range(30))):
            refused = api.get(path, q=words)
            assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/q"), words[:20]
    assert api.get("/search").status_code == 422
    assert [each["fact"] for each in api.get("/search", q="walrus*").get_json()["facts"]] == ["said"]
    assert api.get("/facts", q='"WALRUS"').get_json()["facts"][0]["id"] == "said"


def test_a_list_says_that_there_is_more(chronology: Chronology, chronicle: Chronicle) -> None:
    for n in range(4):
        described(chronology, id=f"swap-{n}", kind="swap", title="Walrus")
        chronicle.given(SwapAgreed, f"swap-{n}", note="walrus", citations=[chronicle.report(text=f"Walrus {n}.")])

    assert found(chronology, "walrus", limit=3)["more"] == ["subjects", "facts", "sources"]
    assert found(chronology, "walrus", limit=100)["more"] == []


def test_too_many_words_are_refused() -> None:
    with pytest.raises(Invalid):
        sought_in(" ".join(f"w{n}" for n in range(21)))


def test_a_long_text_is_indexed_by_passages(chronology: Chronology) -> None:
    told = " ".join(f"word{n}" for n in range(150_000))
    source = {"id": "long", "title": "Long", "publisher": "P", "text": told, "zone": "UTC", "published": "2024-01-01"}
    chronology.write("teller", lambda call: register_source(call, source))

    (hit,) = found(chronology, "word149999")["sources"]
    assert told[hit["passages"][0]["start"] :].startswith(hit["passages"][0]["text"])
