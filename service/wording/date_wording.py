"""Dates as people say them: EDTF in words."""

import re

from service.web.addresses.permalinks import NO_LIMIT

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}
_DATE = re.compile(r"(-?\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2})(:\d{2})?(?::(\d{2}(?:\.\d+)?))?([Zz]|[+-]\d{2}(?::\d{2})?)?")
_MASKED = re.compile(r"(\d{4}|\d{3}X|\d{2}XX)(?:-(\d{2}|XX))?(?:-(\d{2}|XX))?")

_HEDGES = {"?": "perhaps ", "~": "about ", "%": "perhaps about "}


def in_words(text: str | None) -> str:
    """EDTF text in words, as in "one of the days 21 to 30 June 2025"; what is not understood stays."""
    if text is None:
        return "on a day not said"
    try:
        bare = text.strip()
        if bare[:1] + bare[-1:] in ("[]", "{}"):
            return _set(bare)
        return _interval(*bare.split("/", 1)) if "/" in bare else _single(bare)
    except ValueError:
        return text


def occurred_in_words(text: str | None, *, begins: bool) -> str:
    """When a fact happened: of one that marks a beginning, `../b` is some time until b and not all of it."""
    first, _, last = (text or "").strip().partition("/")
    is_until = begins and first in ("", "..") and last not in ("", "..")
    return in_words(f"[..{last}]" if is_until else text)


def _set(text: str) -> str:
    inner = text[1:-1].strip()
    one_of = text[0] == "["
    first, dots, last = inner.partition("..")
    if dots and "," not in inner:
        if not first:
            return f"on or before {_single(last)}" if one_of else f"every day until {_single(last)}"
        if not last:
            return f"on or after {_single(first)}" if one_of else f"every day from {_single(first)}"
        if "T" in inner:
            return f"{'at a time from' if one_of else 'all the time from'} {_range(first, last)}"
        return f"{'one of the days' if one_of else 'every day from'} {_range(first, last)}"
    members = [_single(member.strip()) for member in inner.split(",")]
    return (" or " if one_of else " and ").join(members)


def _interval(first: str, last: str) -> str:
    if first in ("", "..") and last in ("", ".."):
        return "at all times"
    if first in ("", ".."):
        return f"until {_single(last)}"
    if last in ("", ".."):
        return f"from {_single(first)}"
    return _range(first, last)


def _range(first: str, last: str) -> str:
    one, other = _DATE.fullmatch(first), _DATE.fullmatch(last)
    if one and other and one[3] and other[3] and one[1] == other[1]:
        same_month = one[2] == other[2]
        start = str(int(one[3])) if same_month else f"{int(one[3])} {_MONTHS[int(one[2]) - 1]}"
        return f"{start} to {_single(last)}"
    return f"{_single(first)} to {_single(last)}"


def _single(text: str) -> str:
    bare = re.sub(r"[?~%]", "", text)
    hedge = next((_HEDGES[mark] for mark in "%~?" if mark in text), "")
    return hedge + _plain(bare)


def _plain(text: str) -> str:
    instant = _INSTANT.fullmatch(text)
    if instant:
        day, hour, minute, second, offset = instant.groups()
        shift = {"z": " UTC", None: ""}.get(offset and offset.lower(), f" {offset}")
        seconds = f":{second}" if second not in (None, "00") else ""
        clock = f"{hour}{minute}{seconds}" if minute else f"{hour}:00 to {int(hour) + 1:02}:00"
        return f"{_plain(day)}, {clock}{shift}"
    date = _DATE.fullmatch(text)
    if date:
        return _day(date[1], date[2], date[3])
    masked = _MASKED.fullmatch(text)
    if masked is None:
        raise ValueError(text)
    return _partly(masked[1], masked[2], masked[3])


def _day(year: str, month: str | None, day: str | None) -> str:
    shown = f"{-int(year) + 1} BC" if year.startswith("-") else year
    if month in _SEASONS:
        return f"{_SEASONS[str(month)]} {shown}"
    if month is None:
        return shown
    if not 1 <= int(month) <= 12:
        raise ValueError(month)
    named = f"{_MONTHS[int(month) - 1]} {shown}"
    return f"{int(day)} {named}" if day else named


def _partly(year: str, month: str | None, day: str | None) -> str:
    if year.endswith("XX"):
        return f"in the years {year[:2]}00 to {year[:2]}99"
    if year.endswith("X"):
        return f"the {year[:3]}0s"
    if month in (None, "XX"):
        return f"a day in {year}"
    return f"a day in {_day(year, month, None)}" if day == "XX" else _day(year, month, day)


def since_in_words(text: str) -> str:
    """When something came to be so, after the word for it: "since 2 June 2025", "on one of the days 2 to 4 June 2025".

    Where only an end is known it is "at some time until 2 June 2025".
    """
    words = in_words(text)
    if words.startswith("until "):
        return f"at some time {words}"
    if words.startswith("one of the days ") or " or " in words:
        return words if words.startswith("on ") else f"on {words}"
    if words.startswith(("at ", "on ", "in ", "all the time ", "every day ")):
        return words
    return f"during {words}" if " to " in words else f"since {words.removeprefix('from ')}"


_NO_DAY = re.compile(r"[A-Za-z]+ -?\d|-?\d{3,}|the \d")


def reached_in_words(text: str) -> str:
    """When what does not last came about: "on 2 June 2025", "in June 2025"; with a beginning alone as what lasts."""
    words, when = since_in_words(text), in_words(text)
    if not words.startswith("since ") or when.startswith("from "):
        return words
    is_day = _NO_DAY.match(in_words(re.sub(r"[?~%]", "", text))) is None
    return f"on {when}" if is_day else f"in {when}"


def short(text: str | None) -> str:
    """A recorded instant to the minute: `2025-07-08T09:14:03Z` is "8 July 2025, 09:14 UTC"."""
    found = _INSTANT.fullmatch(text or "")
    return f"{_plain(found[1])}, {found[2]}{found[3] or ':00'} UTC" if found else in_words(text)


def day(text: str | None) -> str:
    """The day of a recorded instant in words."""
    return in_words((text or "").partition("T")[0])


def as_typed(text: str | None) -> str:
    """A clock reading as its field shows it: a day in words, everything else as it was given."""
    if text == NO_LIMIT:
        return "no limit"
    return _plain(text) if text and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and text[5:7] <= "12" else text or ""
