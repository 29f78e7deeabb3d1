"""Numbers in words are counts as section 3.3 has them: best, low and high."""

import pytest

from projections.queries.reading.numbers import count_typed, numbers_in

CASES = [
    ("en", "1,212 people", {"best": 1212}),
    ("en", "1 212 people", {"best": 1212}),
    ("en", "over 500", {"low": 501}),
    ("en", "more than 6,000 soldiers", {"low": 6001}),
    ("en", "at least 20", {"low": 20}),
    ("en", "not quite 400", {"low": 350, "high": 399}),
    ("en", "fewer than 40", {"high": 39}),
    ("en", "up to 50", {"high": 50}),
    ("en", "about 300", {"best": 300, "low": 250, "high": 350}),
    ("en", "between 25 and 30", {"low": 25, "high": 30}),
    ("en", "25-30 men", {"low": 25, "high": 30}),
    ("en", "twenty-five", {"best": 25}),
    ("en", "two hundred and fifty", {"best": 250}),
    ("en", "three thousand", {"best": 3000}),
    ("en", "dozens", {"low": 24}),
    ("uk", "понад 300 людей", {"low": 301}),
    ("uk", "двадцять п'ять", {"best": 25}),
    ("ru", "не менее 120 детей", {"low": 120}),
    ("ru", "более 6 тысяч", {"low": 6001}),
    ("tr", "300'den fazla", {"low": 301}),
    ("tr", "yirmi beş", {"best": 25}),
    ("fr", "plus de 1 200", {"low": 1201}),
    ("fr", "quatre-vingt-dix", {"best": 90}),
    ("ar", "أكثر من ٣٠٠", {"low": 301}),
]


@pytest.mark.parametrize(("language", "words", "count"), CASES)
def test_numbers_are_read_with_how_exactly_they_are_told(language, words, count):
    (found,) = numbers_in(words, language)

    assert found.count == count


@pytest.mark.parametrize("words", ["one of them", "S-300", "10%", "1.5 per cent"])
def test_what_counts_nothing_is_no_number(words):
    assert list(numbers_in(words, "en")) == []


def test_each_side_of_an_exchange_is_a_number_of_its_own():
    text = "by the formula 205 for 205"

    assert [(text[each.start : each.end], each.count) for each in numbers_in(text, "en")] == [
        ("205", {"best": 205})
    ] * 2


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("one", {"best": 1}),
        ("390 to 400", {"low": 390, "high": 400}),
        ("15 (12 to 18)", {"best": 15, "low": 12, "high": 18}),
        ("15 (at least 12)", {"best": 15, "low": 12}),
        ("20 (20 to 20)", {"best": 20, "low": 20, "high": 20}),
        ("понад 500", {"low": 501}),
        ("1.5", None),
        ("400 to 300", None),
        ("12 boats", None),
    ],
)
def test_what_is_typed_is_one_count_or_none(typed: str, count: dict[str, int] | None) -> None:
    assert count_typed(typed) == count
