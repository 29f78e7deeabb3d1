"""The form above a list by which it is filtered and sorted: a GET form, so that all of it stands in the address."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from flask import request

from events.dates.bounds import bounds_of
from events.errors import Invalid
from service.pages.request import PageRequest, clock_given

PER_PAGE = 50
"""How many rows a page of a list has."""


class Choice(NamedTuple):
    """A value that a list can be filtered by, in words, and how many rows it would leave, if that is counted."""

    value: str
    words: str
    rows: int | None = None


class Field(NamedTuple):
    """A field of the form: a menu of choices, or a text to type where there are none."""

    name: str
    label: str
    value: str
    choices: Sequence[Choice] = ()
    hint: str = ""


def given(name: str) -> str:
    """What the address gives for a field of the form; empty where it gives nothing."""
    return request.args.get(name, "").strip()[:200]


def one_of(name: str, known: Iterable[str]) -> str | None:
    """The value that the address gives, which is one of those known; None where it gives none.

    Raises:
        Invalid: it is none of those.
    """
    value = given(name)
    allowed = [*known]
    if value and value not in allowed:
        raise Invalid.at(f"/{name}", f"{value!r:.80} is none of {', '.join(allowed)}")
    return value or None


def day_given(page: PageRequest, name: str) -> tuple[int, int] | None:
    """The first moment of the day that the address gives, and that after it, in UTC microseconds.

    Raises:
        Invalid: it is no day.
    """
    text = given(name)
    if not text:
        return None
    try:
        bounds = bounds_of(clock_given(text), page.clocks.asked.zone)
    except ValueError:
        bounds = None
    if bounds is None or bounds.lo is None or bounds.hi is None:
        raise Invalid.at(f"/{name}", f"{text!r:.80} is not a day, such as 20 May 2025")
    return bounds.lo, bounds.hi


def counted(found: Mapping[str, int], words: Mapping[str, str], chosen: str | None, most: int = 40) -> list[Choice]:
    """The values found, most rows first, and the one chosen whatever its count."""
    shown = sorted(found, key=lambda value: (-found[value], words.get(value, value)))[:most]
    if chosen and chosen not in shown:
        shown.append(chosen)
    return [Choice(value, words.get(value, value), found.get(value, 0)) for value in shown]


def bar(page: PageRequest, fields: Sequence[Field], names: Iterable[str] = ()) -> dict[str, Any]:
    """The form: its fields, what else of the address it keeps, and the address without any filter if there is one.

    `names` are further parameters by which the list is filtered.
    """
    used = [*names, *(field.name for field in fields)]
    is_filtered = any(given(name) for name in used if name not in ("sort", "order"))
    cleared = dict.fromkeys((*used, "after"))
    return {
        "fields": fields,
        "kept": page.kept | {name: given(name) for name in names if given(name)},
        "unfiltered": page.here(**cleared) if is_filtered else None,
    }


def written_key(key: Sequence[int | str]) -> str:
    """Where a row stands in its list, as an address names it."""
    return urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=").decode()


def key_given(like: Sequence[int | str]) -> tuple[int | str, ...] | None:
    """The place beyond which the list goes on, which has the form of `like`; None at its beginning.

    Raises:
        Invalid: it is no place in such a list.
    """
    text = given("after")
    if not text:
        return None
    try:
        key = orjson.loads(urlsafe_b64decode(text.encode("ascii") + b"=="))
        if [type(each) for each in key] == [type(each) for each in like]:
            return tuple(key)
    except (ValueError, TypeError):
        pass
    raise Invalid.at("/after", f"{text!r:.80} is not a place in this list")
