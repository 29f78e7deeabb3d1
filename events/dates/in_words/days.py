"""Readings of words that mean days."""

import re
from datetime import date, timedelta

from events.dates.in_words.place import Place
from events.dates.in_words.reading import WEEK, Reading, at, lasts, on, one_of, roughly, weekday_from, weekday_until

_LEADS_TO_WEEKDAY = frozenset("iSbT<>c-,W")


def in_numbers(place: Place) -> list[Reading]:
    """A date in numbers: the day before the month, in English with slashes perhaps after it."""
    token = place.token("X")
    assert token is not None
    parts = re.findall(r"\d+", place.text[token.start : token.end])
    if len(parts[0]) == 4:
        return [on(date(*map(int, parts)))]
    first, second, year = map(int, parts)
    orders = [(second, first), (first, second)] if place.language.month_first and first != second else [(second, first)]
    return [on(date(year, month, day)) for month, day in orders if month <= 12]


def day(place: Place) -> list[Reading]:
    """A day of a month."""
    month, number = place.value("m"), place.value("d")
    return [on(date(year, month, number)) for year in place.years(month, number)]


def run_of_days(place: Place) -> list[Reading]:
    """Days of one month: those that follow each other are one time, others a set."""
    numbers, between = _numbers(place)
    month = place.value("m")
    found = []
    for year in place.years(month, numbers[-1]):
        each = [date(year, month, number).isoformat() for number in numbers]
        follow = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        if "R" in between:
            found.append(Reading(f"[{','.join(each)}]", each[0], each[-1]))
        elif follow or "c" not in between:
            found.append(lasts(each[0], each[-1]))
        else:
            found.append(Reading(f"{{{','.join(each)}}}", each[0], each[-1]))
    return found


def between_days(place: Place) -> list[Reading]:
    """One of the days between two of a month; or all of that time."""
    numbers, _ = _numbers(place)
    month = place.value("m")
    year = place.years(month, numbers[-1])[0]
    first, last = (date(year, month, number).isoformat() for number in (numbers[0], numbers[-1]))
    return [one_of(first, last), lasts(first, last)]


def _numbers(place: Place) -> tuple[list[int], str]:
    first, after = place.fit.start("more"), place.fit.end("more")
    more = [token.value for token in place.tokens[first:after] if token.letter == "n"]
    numbers = [place.value("d"), *more]
    if sorted(set(numbers)) != numbers:
        raise ValueError("days do not go back")
    return numbers, place.letters("more")


def night(place: Place) -> list[Reading]:
    """A night: one of its two days; or the whole of it."""
    month, number = place.value("m"), place.value("d")
    last = date(place.years(month, number)[0], month, number)
    if place.token("d1"):
        first = last - timedelta(1)
        if first.day != place.value("d1"):
            raise ValueError("a night has two days that follow each other")
    elif place.language.code in ("uk", "ru"):
        first = last - timedelta(1)
    else:
        first, last = last, last + timedelta(1)
    return _either_day(first, last)


def night_of_weekdays(place: Place) -> list[Reading]:
    """The night between two weekdays."""
    last = weekday_until(place.published, place.value("w"))
    if not place.token("w1") and place.language.code == "ar":
        return _either_day(last, last + timedelta(1))
    return _either_day(last - timedelta(1), last)


def last_night(place: Place) -> list[Reading]:
    """The night before the report; a bare "at night" is none."""
    token = place.token("N")
    if token and token.value == 0:
        return []
    return _either_day(place.published - timedelta(1), place.published)


def _either_day(first: date, last: date) -> list[Reading]:
    one, other = first.isoformat(), last.isoformat()
    return [one_of(one, other), lasts(one, other)]


def weekday_of_week(place: Place) -> list[Reading]:
    """A weekday of last week, of this, of next."""
    monday = place.published - timedelta(place.published.weekday())
    return [on(monday + timedelta(WEEK * (place.offset("week") or 0) + place.value("w") - 1))]


def weekday(place: Place) -> list[Reading]:
    """The last day of that name before the report or on its day; the next where what is to come is told."""
    number, today = place.value("w"), place.published
    offset = place.offset("rel") if place.letters("rel") else place.offset("end")
    past, coming = weekday_until(today, number), weekday_from(today, number)
    if offset == -1:
        return [on(weekday_until(today - timedelta(1), number))]
    if offset == 1:
        return [on(weekday_from(today + timedelta(1), number))]
    if offset == 0:
        return weekday_of_week(place)
    if not (place.language.bare_weekdays or _is_led_to(place)):
        return []
    ahead = place.before == "b" or place.fit.string[place.fit.end() :].startswith("b") or place.is_to_come
    first, second = (coming, past) if ahead else (past, coming)
    return [on(first)] if first == second else [on(first), on(second)]


def _is_led_to(place: Place) -> bool:
    token = place.token("w")
    return place.before in _LEADS_TO_WEEKDAY or bool(set(place.fit[0]) & set("De")) or bool(token and token.ends)


def relative_day(place: Place) -> list[Reading]:
    """Yesterday, today, tomorrow."""
    return [on(place.published + timedelta(place.value("r") if place.token("r") else 0))]


def from_date_before(place: Place) -> list[Reading]:
    """A day told from the date that the text named before: "the next day", "two days earlier"."""
    if place.told is None:
        return []
    if place.token("r"):
        return [on(place.told + timedelta(place.value("r")))]
    length = place.value("q") * (WEEK if place.letters("u") == "K" else 1)
    found = place.told + timedelta(length if place.letters("way") == "+" else -length)
    return [roughly(found.isoformat()) if place.letters("u") == "K" else at(found.isoformat())]
