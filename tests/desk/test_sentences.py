"""A text is cut into sentences and marked words are cited so that they are found."""

from datetime import date

from projections.queries.reading.suggestions import MarkedSpan
from service.pages.desk.marking.passages import Reading, citations_of
from service.pages.desk.marking.sentences import paragraphs_of, sentence_around
from tests.reading.articles import articles

TEXT = 'Gen. A. Olden spoke first.  "We agreed," he said. Then 3.5 tonnes came…\n\nНічого. الأحد؟ نعم.'


def words(text, cited=()):
    return [[text[each.start : each.end] for each in paragraph] for paragraph in paragraphs_of(text, cited)]


def test_sentences_end_where_another_begins_and_not_after_initials_or_within_numbers():
    assert words(TEXT) == [
        ["Gen. A. Olden spoke first.", '"We agreed," he said.', "Then 3.5 tonnes came…"],
        ["Нічого.", "الأحد؟", "نعم."],
    ]


def test_sentences_and_their_stretches_hold_every_word_of_a_text_once():
    for article in articles():
        cited = [(article.text.index(fact["quote"]), article.text.index(fact["quote"]) + 9) for fact in article.facts]
        sentences = [each for paragraph in paragraphs_of(article.text, cited) for each in paragraph]
        told = "".join(stretch.text for each in sentences for stretch in each.stretches)

        assert "".join(told.split()) == "".join(article.text.split())
        assert sum(each.is_cited for each in sentences) >= len({a for a, _ in cited}) // 2
        start, end = sentence_around(article.text, cited[0])
        assert start <= cited[0][0] < end


def test_words_that_stand_twice_are_cited_with_those_around_them():
    text = "It rained on Monday. They met on Monday. They left."
    reading = Reading("s", 1, {"language": "en", "published": "2025-06-02", "zone": "UTC"}, text)
    place = text.rindex("on Monday")

    cited = citations_of(reading, [MarkedSpan(place, place + 9), MarkedSpan(0, 9)])

    assert cited["citations.0.prefix"] == "It rained on Monday. They met"
    assert cited["citations.0.suffix"] == ". They left."
    assert "citations.1.prefix" not in cited
    assert reading.day == date(2025, 6, 2)
