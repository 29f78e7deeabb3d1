"""Dates in words, told from a report of Monday, 2 June 2025."""

from datetime import date

import pytest

from events.dates.edtf import parse
from events.dates.in_words.reader import clock_typed, date_typed, dates_in

MONDAY = date(2025, 6, 2)

ENGLISH = {
    "end of this month": "[2025-06-21..2025-06-30]",
    "on Monday": "2025-06-02",
    "last Monday": "2025-05-26",
    "next Monday": "2025-06-09",
    "on Sunday": "2025-06-01",
    "will meet on Sunday": "2025-06-08",
    "on Friday will resume": "2025-06-06",
    "on Tuesday last week": "2025-05-27",
    "2 June 2025": "2025-06-02",
    "the second of June": "2025-06-02",
    "June 2nd, 2025": "2025-06-02",
    "20.05.2025": "2025-05-20",
    "May 16": "2025-05-16",
    "Monday, 26 May": "2025-05-26",
    "20 December": "2024-12-20",
    "Thursday, 20 November": "2025-11-20",
    "16 May last year": "2024-05-16",
    "June 2-3": "2025-06-02/2025-06-03",
    "2 and 4 June": "{2025-06-02,2025-06-04}",
    "1 or 2 June": "[2025-06-01,2025-06-02]",
    "from 30 May to 2 June": "2025-05-30/2025-06-02",
    "between 3 and 9 May": "[2025-05-03..2025-05-09]",
    "early July": "[2025-07-01..2025-07-10]",
    "mid-July": "[2025-07-11..2025-07-20]",
    "the second half of June": "[2025-06-16..2025-06-30]",
    "last week": "[2025-05-26..2025-06-01]",
    "over the weekend": "[2025-05-31..2025-06-01]",
    "were to follow over the weekend": "[2025-06-07..2025-06-08]",
    "yesterday": "2025-06-01",
    "last night": "[2025-06-01..2025-06-02]",
    "three days ago": "2025-05-30",
    "two weeks ago": "2025-05-19~",
    "summer 2025": "2025-22",
    "last summer": "2024-22",
    "on the night of 5 to 6 June": "[2025-06-05..2025-06-06]",
    "by 20 June": "../2025-06-20",
    "by the end of June": "../2025-06-30",
    "before 20 June": "[..2025-06-20]",
    "since May": "2025-05/..",
    "in 2024": "2024",
    "around 20 May": "2025-05-20~",
}
OTHERS = {
    "uk": {
        "у середу": "2025-05-28",
        "минулої п'ятниці": "2025-05-30",
        "у червні": "2025-06",
        "першого червня": "2025-06-01",
        "з 5 по 6 червня": "2025-06-05/2025-06-06",
        "у ніч на 6 червня": "[2025-06-05..2025-06-06]",
        "наприкінці червня": "[2025-06-21..2025-06-30]",
        "до 20 червня": "../2025-06-20",
        "торік восени": "2024-23",
        "тиждень тому": "2025-05-26~",
    },
    "ru": {
        "в среду": "2025-05-28",
        "2 июня 2025 года": "2025-06-02",
        "в июне прошлого года": "2024-06",
        "2–3 июня": "2025-06-02/2025-06-03",
        "в конце этого месяца": "[2025-06-21..2025-06-30]",
        "на выходных": "[2025-05-31..2025-06-01]",
        "неделю назад": "2025-05-26~",
    },
    "tr": {
        "2 Haziran'da": "2025-06-02",
        "2 Haziran 2025 Pazartesi günü": "2025-06-02",
        "bu ayın sonunda": "[2025-06-21..2025-06-30]",
        "20 Haziran'a kadar": "../2025-06-20",
        "mayıstan beri": "2025-05/..",
        "5 Haziran'ı 6 Haziran'a bağlayan gece": "[2025-06-05..2025-06-06]",
    },
    "fr": {
        "1er juin": "2025-06-01",
        "fin juin": "[2025-06-21..2025-06-30]",
        "le week-end dernier": "[2025-05-31..2025-06-01]",
        "avant-hier": "2025-05-31",
        "lundi dernier": "2025-05-26",
        "jusqu'au 20 juin": "../2025-06-20",
        "il y a trois jours": "2025-05-30",
    },
    "ar": {
        "٢ حزيران ٢٠٢٥": "2025-06-02",
        "2 يونيو/حزيران": "2025-06-02",
        "كانون الأول 2024": "2024-12",
        "الاثنين الماضي": "2025-05-26",
        "في 2 و3 يونيو": "2025-06-02/2025-06-03",
        "بحلول 20 حزيران": "../2025-06-20",
        "قبل يومين": "2025-05-31",
    },
}
CASES = [("en", words, edtf) for words, edtf in ENGLISH.items()] + [
    (language, words, edtf) for language, cases in OTHERS.items() for words, edtf in cases.items()
]


@pytest.mark.parametrize(("language", "words", "edtf"), CASES)
def test_words_are_read_as_the_date_that_a_reader_of_that_day_understands(language, words, edtf):
    (found,) = dates_in(words, language, MONDAY)

    assert found.edtf == edtf
    for each in (found.edtf, *found.others):
        parse(each)


@pytest.mark.parametrize(
    "words",
    ["may have been", "the march on the capital", "S-300", "2000 people", "they may", "31 February", "среда обитания"],
)
def test_words_that_are_no_dates_are_left_alone(words):
    assert dates_in(words, "ru" if words[0] == "с" else "en", MONDAY) == []


def test_where_two_readings_are_honest_both_are_offered_and_the_rule_is_named():
    text = "It met on Friday. It is to meet again on Friday. They had met on 5/6/2025."

    past, coming, numbers = dates_in(text, "en-GB", MONDAY)

    assert (past.edtf, past.others, past.rule) == ("2025-05-30", ("2025-06-06",), "weekday before the report")
    assert (coming.edtf, coming.others, coming.rule) == ("2025-06-06", ("2025-05-30",), "weekday after the report")
    assert (numbers.edtf, numbers.others, numbers.rule) == ("2025-06-05", ("2025-05-06",), "date in numbers")
    assert text[past.start : past.end] == "Friday"


def test_a_day_is_told_from_the_date_that_stands_before_it():
    days = [
        each.edtf
        for each in dates_in("Agreed on 16 May. The next day it began, three days later it ended.", "en", MONDAY)
    ]

    assert days == ["2025-05-16", "2025-05-17", "2025-05-20"]


@pytest.mark.parametrize(
    ("typed", "reading"),
    [
        ("20 May 2025", "2025-05-20"),
        ("may 20, 2025", "2025-05-20"),
        ("20.05.2025", "2025-05-20"),
        ("20 May", "2025-05-20"),
        ("20 мая", "2025-05-20"),
        ("yesterday", "2025-06-01"),
        ("end of May 2025", "2025-05-31"),
        ("May 2025", "2025-05-31"),
        ("now", "now"),
        ("2025-05-20", "2025-05-20"),
        ("2025-05-20T14:00:00Z", "2025-05-20T14:00:00Z"),
        ("20 Ma 2025", "20 Ma 2025"),
        ("since May", "since May"),
    ],
)
def test_a_clock_may_be_typed_in_words_and_reads_as_the_last_day_of_them(typed, reading):
    assert clock_typed(typed, MONDAY) == reading


def test_what_is_typed_is_one_date_or_none():
    assert date_typed("20 May, or so they say", MONDAY) is None
    assert date_typed("2 Haziran 2025", MONDAY).edtf == "2025-06-02"
