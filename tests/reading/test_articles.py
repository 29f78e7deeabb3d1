"""Twelve articles as newspapers write them: what is suggested of them is right, and lies where something stands."""

from collections import Counter

from events.dates.in_words.reader import dates_in
from events.facts import KINDS, whole_values
from projections.queries.reading.kinds_for_words import kinds_for
from tests.reading.articles import articles

LEAST_RIGHT, LEAST_REAL, LEAST_AMONG_THREE = 0.85, 0.97, 0.9


def test_the_articles_are_two_in_each_language_and_tell_a_hundred_facts_in_words_that_stand_in_them():
    told = articles()

    assert Counter(each.language for each in told) == dict.fromkeys(["en", "uk", "ru", "tr", "fr", "ar"], 2)
    assert sum(len(each.facts) for each in told) >= 100
    for article in told:
        for fact in article.facts:
            values = {**fact["fields"], "subject": fact["subject"], "occurred": fact["occurred"]}
            assert fact["quote"] in article.text
            assert whole_values(KINDS[fact["kind"]], values)[1] == []


def test_of_a_hundred_dates_eighty_five_are_right_at_once_and_of_the_proposals_ninety_seven_are_of_real_dates():
    right = told = real = proposed = 0
    for article in articles():
        found, dates = dates_in(article.text, article.language, article.day), article.dates()
        for date in dates:
            touching = [each for each in found if each.start < date.end and date.start < each.end]
            right += any(each.edtf == date.edtf for each in touching)
        real += sum(any(each.start < date.end and date.start < each.end for date in dates) for each in found)
        told, proposed = told + len(dates), proposed + len(found)

    print(f"{right} of {told} dates right at the first proposal ({right / told:.1%}),", end=" ")
    print(f"{real} of {proposed} proposals on real dates ({real / proposed:.1%})")
    assert told >= 100
    assert right / told >= LEAST_RIGHT
    assert real / proposed >= LEAST_REAL


def test_a_text_of_unknown_language_is_read_in_that_in_which_most_dates_are_found():
    for article in articles():
        known, unknown = (dates_in(article.text, language, article.day) for language in (article.language, None))
        assert len(unknown) >= len(known)


def test_the_kind_of_nine_facts_in_ten_is_among_the_three_that_are_suggested_for_their_quotes():
    facts = [(article.language, fact) for article in articles() for fact in article.facts]

    suggested = [[each.kind for each in kinds_for(fact["quote"], language)] for language, fact in facts]

    among = sum(fact["kind"] in kinds for (_, fact), kinds in zip(facts, suggested, strict=True))
    print(f"{among} of {len(facts)} kinds among the three suggested ({among / len(facts):.1%})")
    assert max(map(len, suggested)) == 3
    assert among / len(facts) >= LEAST_AMONG_THREE
