"""What the marked words offer for the fields of a fact: each is taken by a click, none is filled in but the date."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from events.facts import Fact, own_fields
from events.field_types import FieldType
from projections.queries.reading.suggestions import DateSuggested
from service.formats.tables.names import known_names
from service.pages.desk.marking.passages import Found
from service.pages.request import PageRequest
from service.wording.date_wording import in_words
from service.wording.phrases import count_in_words

NEW = "+"
"""Before a name that is not known yet."""
_ACTING = ("by", "side", "giver", "announced_by", "host", "office", "name")
"""Fields whose actor stands before the verb, as a rule; that of others stands after it."""
_PLACES = ("place", "venue", "body", "channel")
_NAMES = (*_PLACES, "name", "title", "aliases")
_TOGETHER = ("parties", "signatories", "members")
_ANYTHING = "Matter"
"""What a new subject is called whose kind is still to be said."""
_MOST, _LONGEST_WORDS, _MOST_ALIKE = 5, 300, 20
_WORD = re.compile(r"\w[\w-]*(?:[\u2019'](?!s\b)\w+)*")
_SPEECH = re.compile(r"[\"“«„]([^\"“”«»„]{3,})[\"”»“]")


class Offer(NamedTuple):
    """What one click fills into a field, as it is typed; how it reads; and from where it is."""

    value: str
    words: str
    note: str = ""


def offers_for(
    page: PageRequest, kind: type[Fact], name: str, of: FieldType, found: Found, lately: Sequence[str]
) -> list[Offer]:
    """The likeliest first; `lately` are the matters that facts of this source are about, the last one first."""
    offering: dict[str, Callable[[], Iterable[Offer]]] = {
        "date": lambda: _dates(found) if name != "occurred" else days_for(kind, found),
        "count": lambda: _numbers(found),
        "counts": lambda: _counts(page, found),
        "integer": lambda: (each for each in _numbers(found) if each.value.isdecimal()),
        "text": lambda: _texts(name, found),
        "texts": lambda: _texts(name, found),
    }
    if name == "subject" or of.names == "subject":
        about = kind.about.title if kind.about and name == "subject" else None
        offered: Iterable[Offer] = _subjects(page, kind, about, found, lately)
        offered = offered if name == "subject" else (each for each in offered if not each.value.startswith(NEW))
    elif of.names == "actor" and of.title != "counts":
        offered = _actors(page, kind, name, of, found)
    else:
        offered = offering.get(of.title, tuple)()
    return list({each.value: each for each in reversed(list(offered))}.values())[::-1][:_MOST]


def days_for(kind: type[Fact], found: Found) -> list[Offer]:
    """When it happened: the date marked, else one of its sentence, else the day of the report.

    A date to come is not when something happened whose kind has a field for such a date.
    """
    dates = [each for each in found.suggested["dates"] if found.is_near(each["start"], each["end"])]
    dates.sort(key=lambda each: not found.is_marked(each["start"], each["end"]))
    if any(of.title == "date" for of in own_fields(kind).values()):
        dates = [each for each in dates if _has_begun(each["edtf"], found.suggested["published"])]
    offered = [offer for each in dates for offer in _date(found, each)]
    day = found.suggested["published"]
    by_then = Offer(f"../{day}", in_words(f"../{day}"), "not later than the report")
    return [*offered, Offer(day, in_words(day), "day of the report"), by_then]


def _has_begun(edtf: str, published: str) -> bool:
    digits = re.search(r"\d{4}(-\d\d)?(-\d\d)?", edtf)
    return not edtf.startswith("../") and digits is not None and digits[0] <= published


def _dates(found: Found) -> Iterator[Offer]:
    for is_marked in (True, False):
        for each in found.suggested["dates"]:
            if found.is_near(each["start"], each["end"]) and found.is_marked(each["start"], each["end"]) is is_marked:
                yield from _date(found, each)


def _date(found: Found, each: DateSuggested) -> Iterator[Offer]:
    words = f"“{found.reading.text[each['start'] : each['end']]}”"
    yield Offer(each["edtf"], in_words(each["edtf"]), f"{words}, {each['rule']}")
    for other in each["others"]:
        yield Offer(other, in_words(other), f"{words}, read otherwise")


def _numbers(found: Found) -> Iterator[Offer]:
    near = [each for each in found.suggested["numbers"] if found.is_near(each["start"], each["end"])]
    for each in sorted(near, key=lambda each: not found.is_marked(each["start"], each["end"])):
        said = count_in_words(each["count"])
        value = str(each["count"]["best"]) if each["count"].keys() == {"best"} else said
        yield Offer(value, said, f"“{found.reading.text[each['start'] : each['end']]}”")


def _counts(page: PageRequest, found: Found) -> Iterator[Offer]:
    numbers = list(_numbers(found))[:2]
    for actor, _ in _known_actors(found)[:2]:
        for number in numbers:
            yield Offer(f"{actor}: {number.value}", f"{page.named(actor)}: {number.words}", number.note)


def _texts(name: str, found: Found) -> Iterator[Offer]:
    marked = " ".join(found.reading.text[each.start : each.end] for each in found.places)
    if name in _NAMES:
        yield from (Offer(each, each) for each in unknown_names(found))
    for said in _SPEECH.findall(marked):
        yield Offer(said, said, "what is quoted")
    if name not in _PLACES and len(marked) <= _LONGEST_WORDS:
        yield Offer(marked.removesuffix("."), "the marked words")


def _known_actors(found: Found) -> list[tuple[str, tuple[int, int]]]:
    """Actors named, each once, with their place: first in the marked words, then in their sentences, then elsewhere."""
    named = [each for each in found.suggested["names"] if each["kind"] == "actor"]
    named.sort(key=lambda each: (_distance(found, each["start"], each["end"]), each["start"]))
    return list({each["subject"]: (each["start"], each["end"]) for each in reversed(named)}.items())[::-1]


def _distance(found: Found, start: int, end: int) -> int:
    return 0 if found.is_marked(start, end) else 1 if found.is_near(start, end) else 2


def _actors(page: PageRequest, kind: type[Fact], name: str, of: FieldType, found: Found) -> Iterator[Offer]:
    actors, verb = _known_actors(found), _verb(kind, found)

    def rank(each: tuple[str, tuple[int, int]]) -> tuple[int, bool]:
        place = each[1]
        is_other_side = verb is not None and (place[0] < verb) != (name in _ACTING)
        return _distance(found, *place), is_other_side

    page.know([], [actor for actor, _ in actors])
    together = [actor for actor, place in actors if found.is_marked(*place)]
    together = together if len(together) > 1 else [actor for actor, place in actors if found.is_near(*place)]
    if of.title == "actors" and name in _TOGETHER and len(together) > 1:
        together.sort(key=dict(actors).__getitem__)
        yield Offer("\n".join(together), "\n".join(map(page.named, together)), "all of them")
    for actor, place in sorted(actors, key=rank)[: 4 if name != "attributed_to" else 2]:
        yield Offer(actor, page.named(actor), f"“{found.reading.text[place[0] : place[1]]}”")
    yield from (Offer(NEW + each, each, "new") for each in unknown_names(found))


def _verb(kind: type[Fact], found: Found) -> int | None:
    """Where the word stands in the marked words because of which the kind is suggested."""
    stems = next((each["because"] for each in found.suggested["kinds"] if each["kind"] == kind.__name__), [])
    for start, end in found.places:
        at = found.reading.text[start:end].lower().find(stems[0]) if stems else -1
        if at >= 0:
            return start + at
    return None


def unknown_names(found: Found) -> list[str]:
    """Runs of words with capitals in the marked words that are no name known and no date."""
    text = found.reading.text
    taken: list[Any] = [*found.suggested["names"], *found.suggested["dates"]]
    runs: list[tuple[int, int]] = []
    for start, end in found.places:
        for word in _WORD.finditer(text, start, end):
            a, b = word.span()
            is_free = not any(each["start"] < b and a < each["end"] for each in taken)
            if not text[a].isupper() or not is_free:
                continue
            if runs and text[runs[-1][1] : a] == " ":
                runs[-1] = (runs[-1][0], b)
            else:
                runs.append((a, b))
    return list(dict.fromkeys(text[a:b] for a, b in runs if _is_name(text, a, b)))


def _is_name(text: str, start: int, end: int) -> bool:
    """Whether the words are a name and not only the beginning of a sentence: one word is one also within sentences."""
    words = text[start:end]
    begins = re.search(r"(?:^|[.!?…\n][\"'”»\u2019)]*)\s*[\"“«„]?$", text[max(0, start - 5) : start]) is not None
    is_told_within = re.search(rf"[\w,;] {re.escape(words)}\b", text) is not None
    return len(words) > 1 and (not begins or " " in words or is_told_within)


def _subjects(
    page: PageRequest, kind: type[Fact], about: str | None, found: Found, lately: Sequence[str]
) -> Iterator[Offer]:
    named = sorted(found.suggested["names"], key=lambda each: _distance(found, each["start"], each["end"]))
    like = [each["subject"] for each in found.suggested["facts"]]
    wanted = [*(each["subject"] for each in named if _distance(found, each["start"], each["end"]) < 2), *lately, *like]
    wanted += [each["subject"] for each in named]
    page.know([], wanted)
    kinds = {each: page.label(each).kind for each in wanted}
    fitting = [each for each in kinds if kinds[each] in (about, None) or (about is None and kinds[each] != "actor")]
    yield from (Offer(each, page.named(each)) for each in fitting[: _MOST - (2 if about is None else 1)])
    if about in ("actor", None):
        yield from (Offer(NEW + each, each, "new") for each in unknown_names(found)[: 1 if about is None else None])
    if about != "actor":
        words = kind.about.words if kind.about else _ANYTHING
        title = _title_of_new(page, f"{words}, {days_for(kind, found)[0].words}")
        yield Offer(NEW + title, title, "new")


def _title_of_new(page: PageRequest, title: str) -> str:
    """A title for a new matter that no other bears."""
    titles = [title, *(f"{title} ({number})" for number in range(2, _MOST_ALIKE))]
    known = known_names(page.snapshot, titles)
    return next((each for each in titles if each not in known), title)
