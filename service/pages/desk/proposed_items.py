"""The parts of a proposal in words: what each is, on what, its values by their labels, and its quotes."""

from typing import Any

from events.facts import KINDS, fields_of_all_kinds
from events.field_types import Json
from events.kinds.descriptions import field_in_words
from service.pages.desk.forms.acts import ACTS
from service.pages.desk.forms.controls import MODALITY_IN_WORDS, text_of
from service.pages.request import PageRequest
from service.wording.phrases import phrase, plain, sentence

_ABOUT = ("fact", "source", "subject")
_ENVELOPE = ("citations", "kind", "call", "id", "changes", "withdraw", *_ABOUT)
_LISTS = {"sources": "Document to take in", "subjects": "Title of a matter", "facts": "Fact", "passages": "Passage"}


def items_of(page: PageRequest, chronicle: Json) -> list[dict[str, Any]]:
    """The parts of a proposal; nothing where its words are redacted."""
    if not isinstance(chronicle, dict):
        return []
    own = {each["id"]: each for each in chronicle.get("sources", ())}
    return [_item(page, name, item, own) for name, items in chronicle.items() for item in items]


def _item(page: PageRequest, name: str, item: dict[str, Json], own: dict[str, Json]) -> dict[str, Any]:
    """A part; `own` are the documents that are proposed with it."""
    about = next((each for each in _ABOUT if item.get(each)), None)
    said = {each: item[each] for each in item if each not in _ENVELOPE} | (item.get("changes") or {})
    return {
        "heading": _heading(name, item, about),
        "says": _sentence(page, item) if name == "facts" else None,
        "about": _about(page, about, item),
        "values": [(_label(each, item), _in_words(page, each, value)) for each, value in said.items()],
        "citations": [_citation(page, each, own.get(each["source"])) for each in item.get("citations") or []],
    }


def _citation(page: PageRequest, given: dict[str, Json], own: Json) -> dict[str, Any]:
    text_is = own.get("text_is") if own else page.source(given["source"]).text_is
    return {**given, "is_digest": text_is == "digest", "is_recorded": own is None}


def _about(page: PageRequest, about: str | None, item: dict[str, Json]) -> tuple[str | None, str, str]:
    """What it is on: the sort of thing, its id, and what it is called."""
    name = str(item[about] if about else item.get("id"))
    return about, name, page.named(name) if about == "subject" else name


def _heading(name: str, item: dict[str, Json], about: str | None) -> str:
    """What it is: the kind of a fact in words, the act in the words of its form."""
    if name != "amendments":
        return KINDS[item["kind"]].words if name == "facts" and item.get("kind") in KINDS else _LISTS[name]
    acts = ACTS.get(str(about), ())
    words = [act.words for act in acts if act.call is not None and act.call == item.get("call")]
    return words[0] if words else f"Undo number {item.get('withdraw')}"


def _sentence(page: PageRequest, item: dict[str, Json]) -> str | None:
    kind = KINDS.get(item.get("kind", ""))
    return None if kind is None else plain(sentence(kind, item, page.named))


def _label(name: str, item: dict[str, Json]) -> str:
    return field_in_words(name, item.get("kind")) or field_in_words(name) or name.replace("_", " ").capitalize()


def _in_words(page: PageRequest, name: str, value: Json) -> str:
    of = fields_of_all_kinds().get(name)
    if name == "modality":
        return str(MODALITY_IN_WORDS.get(value, value))
    if value is None:
        return "nothing"
    if of is None:
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    try:
        return plain(phrase(of, value, page.named))
    except (TypeError, AttributeError, KeyError):
        return text_of(of, value)
