"""What the reading desk sends, as forms read it: marked words cited, dates and numbers in words, names as ids."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from events.dates.in_words.reader import edtf_typed
from events.errors import Invalid
from events.facts import KINDS, fields_of_all_kinds
from events.field_types import SUBJECT, FieldType
from service.formats.tables.names import id_made_from, known_names
from service.pages.desk.forms.acts import Act
from service.pages.desk.forms.form import Form, form_with_names
from service.pages.desk.marking.offers import NEW
from service.pages.desk.marking.passages import Reading, citations_of, marked_in
from service.pages.request import PageRequest

_NOT_TYPED = ("csrf_token", "marked", "step", "act", "fact")
_ID = re.compile(r"[a-z0-9][a-z0-9._-]*")


class Sent(NamedTuple):
    """A form of an act with what was typed at the desk, and the names that are new with their ids."""

    form: Form
    new: Mapping[str, str]


def form_sent(page: PageRequest, reading: Reading, act: Act, of: str, name: str, sent: Mapping[str, str]) -> Sent:
    """The form as it was sent; Invalid where a new matter is said to be of no kind."""
    typed = {each: _typed(reading, each, text) for each, text in sent.items() if each not in _NOT_TYPED}
    typed |= citations_of(reading, marked_in(reading, sent.get("marked", "")))
    ids, new, kinds = _ids(page, typed)
    form = form_with_names(page, act, of, name, typed, ids)
    described = [{"id": each, "kind": kinds[each], "title": new[each]} for each in new if each in kinds]
    if described:
        form.chronicle = {"subjects": described, **form.chronicle}
    return Sent(form, new)


def _typed(reading: Reading, name: str, text: str) -> str:
    """A value as a form takes it: dates are told from the day of the report."""
    of = _type_of(name)
    if of is not None and of.title == "date" and text.strip():
        return edtf_typed(text, reading.day)
    return text


def _type_of(name: str) -> FieldType | None:
    return fields_of_all_kinds().get(name.rpartition(".")[2])


def _ids(page: PageRequest, typed: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Ids by what was typed; the names of those that are new, by id; and of what kind they are described to be."""
    typed_names = _names_typed(typed)
    known = known_names(page.snapshot, {line.removeprefix(NEW).strip() for _, line in typed_names})
    ids: dict[str, str] = {}
    new: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for name, line in typed_names:
        is_new = line.startswith(NEW)
        called = line.removeprefix(NEW).strip()
        if not called or (not is_new and _ID.fullmatch(called)):
            continue
        given = known.get(called)
        if given is None and is_new and (name == "subject" or _type_of(name) != SUBJECT):
            given = _free_id(page, called, new)
            new[given] = called
            if kind := _kind_of_new(name, typed):
                kinds.setdefault(given, kind)
        if given is not None:
            ids[line.casefold()] = given
    return ids, new, kinds


def _kind_of_new(name: str, typed: Mapping[str, str]) -> str | None:
    """Of what kind it is that is first named in a field; None of an actor whom the fact itself names."""
    if name != "subject":
        return "actor"
    fact = KINDS.get(typed.get("kind", ""))
    about = fact.about.title if fact and fact.about else typed.get("subject_kind")
    if not about:
        raise Invalid.at("/facts/0/subject_kind", "a new matter needs to be of some kind")
    return None if fact is KINDS["ActorNamed"] else about


def _names_typed(typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """The field and the text of each name that was typed."""
    found = []
    for name, text in typed.items():
        of: Any = _type_of(name)
        if of is not None and of.names:
            lines = [line.partition(":")[0] if of.title == "counts" else line for line in text.split("\n")]
            found += [(name.rpartition(".")[2], line.strip()) for line in lines if line.strip()]
    return found


def _free_id(page: PageRequest, called: str, new: Mapping[str, str]) -> str:
    """An id made from the name that nothing else bears."""
    made = id_made_from(called)
    tried, number = made, 1
    page.know([], [made])
    while new.get(tried, called) != called or page.label(tried).kind is not None:
        number += 1
        tried = f"{made}-{number}"
    return tried
