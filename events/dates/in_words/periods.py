"""Readings of words that mean weeks, months, seasons, years and parts of them."""

from datetime import date, timedelta

from events.dates.in_words import reading
from events.dates.in_words.place import Place
from events.dates.in_words.reading import WEEK, Reading, at, month_of, on, one_of, roughly, week_of

_LEADS_TO_MONTH = frozenset("iSbTltf<>~Wp")
_LEADS_TO_YEAR = frozenset("iSbW")
_YEARS_OF_NEWS = range(1900, 2101)
_SPRING, _WINTER = 21, 24


def ago(place: Place) -> list[Reading]:
    """So many days, weeks, months or years before the report."""
    unit = place.value("u")
    number = place.value("q") if place.token("q") else unit or 1
    today, letter = place.published, place.letters("u")
    if letter == "D":
        return [on(today - timedelta(number))]
    if letter == "K":
        return [roughly((today - timedelta(WEEK * number)).isoformat())]
    if letter == "M":
        return [roughly(month_of(today.year, today.month - number))]
    return [roughly(month_of(today.year - number, 1)[:4])]


def month(place: Place) -> list[Reading]:
    """A month; without a year the one nearest to the report."""
    return [at(each) for each in _months(place)] if _is_month(place) else []


def part_of_month(place: Place) -> list[Reading]:
    """The beginning, the middle or the end of a month."""
    return [reading.part_of_month(each, place.value("p")) for each in _months(place)]


def _months(place: Place) -> list[str]:
    number = place.value("m")
    offset = place.offset("rel") if place.letters("rel") else place.offset("end")
    if offset is None:
        return [month_of(year, number) for year in place.years(number, 15)]
    today = place.published
    if offset == 0:
        return [month_of(today.year, number)]
    if offset == -1:
        return [month_of(today.year - (number >= today.month), number)]
    return [month_of(today.year + (number <= today.month), number)]


def _is_month(place: Place) -> bool:
    """Whether the name of a month means one: many are words of other things, too."""
    token = place.token("m")
    if place.token("y") or place.letters("ry") or "M" in place.fit[0] or (token and token.ends):
        return True
    led = place.before in _LEADS_TO_MONTH or place.led_by_article or bool(place.letters("rel") or place.letters("end"))
    return led and place.is_capital


def part_of_this_month(place: Place) -> list[Reading]:
    """A part of the month of the report, or of the one before or after."""
    offset = _offset(place) or 0
    return [reading.part_of_month(month_of(place.published.year, place.published.month + offset), place.value("p"))]


def part_of_year(place: Place) -> list[Reading]:
    """A part of a year."""
    if place.token("y"):
        year = place.value("y")
        return [reading.part_of_year(year, place.value("p"))]
    return [reading.part_of_year(place.published.year + (_offset(place) or 0), place.value("p"))]


def _offset(place: Place) -> int | None:
    return place.offset("rel") if place.letters("rel") else place.offset("end")


def season(place: Place) -> list[Reading]:
    """A season; without a year the last, or the next where what is to come is told."""
    number = place.value("s")
    if place.token("y"):
        return [at(f"{place.value('y'):04}-{number}")]
    today = place.published
    if place.letters("ry"):
        offset = place.offset("ry")
        return [at(f"{today.year + (place.value('ry') if offset is None else offset):04}-{number}")]
    offset = _offset(place)
    if offset is None and place.letters("s") == "s" and place.before not in "iSbTp" and not place.led_by_article:
        return []
    begun = today.month >= 3 * (number - _SPRING) + 3
    last, coming = today.year - (not begun), today.year + begun
    lasts = (today.month - 3 * (number - _SPRING) - 3) % 12 < 3
    if offset is not None:
        year = last - lasts if offset == -1 else coming if offset == 1 else last if lasts else today.year
        return [at(f"{year:04}-{number}")]
    ahead = place.before == "b" or place.is_to_come
    return [at(f"{year:04}-{number}") for year in ((coming, last) if ahead else (last, coming))]


def relative(place: Place) -> list[Reading]:
    """The last, this or the next week, month or year."""
    today = place.published
    if place.letters("ry"):
        return [at(month_of(today.year + place.value("ry"), 1)[:4])]
    offset, unit = place.offset("rel") or 0, place.letters("u")
    if unit == "K":
        return [week_of(today + timedelta(WEEK * offset))]
    if unit == "M":
        return [at(month_of(today.year, today.month + offset))]
    return [at(month_of(today.year + offset, 1)[:4])]


def weekend(place: Place) -> list[Reading]:
    """The last weekend, that of the day of the report included; the next where what is to come is told."""
    today, offset = place.published, _offset(place)
    monday = today - timedelta(today.weekday())
    past = monday if today.isoweekday() > 5 else monday - timedelta(WEEK)
    if offset == -1:
        return [_weekend_after(monday - timedelta(WEEK))]
    if offset == 1:
        return [_weekend_after(monday + timedelta(WEEK if today.isoweekday() > 5 else 0))]
    ahead = place.before == "b" or place.is_to_come
    found = [_weekend_after(each) for each in ((monday, past) if ahead else (past, monday))]
    return found[:1] if found[0] == found[1] else found


def _weekend_after(monday: date) -> Reading:
    return one_of((monday + timedelta(5)).isoformat(), (monday + timedelta(6)).isoformat())


def year(place: Place) -> list[Reading]:
    """A number that is called a year."""
    return [at(f"{place.value('y' if place.token('y') else 'y2'):04}")]


def bare_year(place: Place) -> list[Reading]:
    """A number that stands where a year would."""
    token = place.token("y")
    assert token is not None
    led = place.before in _LEADS_TO_YEAR and place.language.code not in ("uk", "ru")
    is_one = token.value in _YEARS_OF_NEWS and (led or token.ends or place.before == "i")
    return [at(f"{token.value:04}")] if is_one else []
