"""A control of a form: what it is called, what may be typed into it, and what that says as JSON and the other way."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from events.dates.in_words.reader import edtf_typed
from events.field_types import FieldType, Json
from projections.queries.reading.numbers import count_typed
from service.pages.request import today
from service.wording.phrases import count_in_words

Choices = Sequence[tuple[str, str]]
Names = Mapping[str, str]
"""Ids by names in small letters."""

MODALITY_IN_WORDS = {"actual": "reported", "planned": "planned", "alleged": "alleged", "denied": "denied"}
_YES_OR_NO = (("", "not said"), ("yes", "yes"), ("no", "no"))
_HINTS = {
    "date": "In words, as 2 June 2025, last Friday, end of June 2025; or as EDTF: 2025-06, [2025-06-21..2025-06-30]",
    "count": "In digits or words: 1000, 390 to 400, at least 1200, not quite 50, 15 (12 to 18), twenty-five",
    "counts": "One a line: ukraine: 307",
    "actors": "One a line, by id or by name",
    "texts": "One a line",
    "ids": "One a line",
    "zone": "As Europe/Kyiv",
    "credibility": "Source A to F, information 1 to 6, as B2",
    "moment": "An instant, as 2025-06-02T10:00:00Z, or a date",
}
_AREAS = ("texts", "actors", "ids", "counts", "document")


@dataclass(frozen=True, slots=True)
class Control:
    """One control. `name` is the place of its value in the body, steps apart by dots.

    `of` reads the value. `was` is what stood there when the form was opened, where only a change of it is sent.
    """

    name: str
    label: str
    of: FieldType
    required: bool = False
    hint: str = ""
    choices: Choices = ()
    several: bool = False
    is_long: bool = False
    options: str | None = None
    text: str = ""
    was: str | None = None
    faults: tuple[str, ...] = ()

    @property
    def sort(self) -> str:
        """How it is drawn."""
        if self.several:
            return "several"
        return "choice" if self.choices else "area" if self.is_long else "line"

    @property
    def id(self) -> str:
        """Its id on the page."""
        return "f-" + self.name.replace(".", "-")

    @property
    def chosen(self) -> list[str]:
        """What is chosen where several may be."""
        return self.text.split("\n")


def control(name: str, label: str, of: FieldType, *, required: bool = False, text: str = "") -> Control:
    """The control of a value of that type."""
    made = Control(name, label, of, required, _HINTS.get(of.title, ""), text=text)
    if of.title == "flag":
        return replace(made, choices=_YES_OR_NO)
    if "enum" in of.schema:
        said = MODALITY_IN_WORDS if of.title == "modality" else {}
        choices = [(each, said.get(each, each.replace("_", " "))) for each in of.schema["enum"]]
        return replace(made, choices=choices if of.title == "modality" else [("", "not said"), *choices])
    made = replace(made, options=f"known-{of.names}s") if of.names in ("actor", "subject") else made
    return replace(made, is_long=of.title in _AREAS or name.rpartition(".")[2] in ("reason", "note", "exact"))


def value_of(of: FieldType, text: str, names: Names) -> Json:
    """What was typed as JSON, as far as it can be read: what cannot is left as it is, for the record to refuse."""
    if of.title == "counts":
        return _counts(text, names)
    if of.schema.get("type") == "array":
        return [_named(of, line.strip(), names) for line in text.splitlines() if line.strip()]
    if of.title == "count":
        return _count(text)
    if of.title == "date":
        return edtf_typed(text, today())
    if of.title == "flag":
        return {"yes": True, "no": False}.get(text, text)
    if of.schema.get("type") == "integer":
        with suppress(ValueError):
            return int(text)
    return _named(of, text, names)


def _named(of: FieldType, text: str, names: Names) -> str:
    return names.get(text.casefold(), text) if of.names else text


def _count(text: str) -> Json:
    return count_typed(text) or text


def _counts(text: str, names: Names) -> Json:
    counts = {}
    for line in text.splitlines():
        if line.strip():
            actor, _, number = line.partition(":")
            counts[names.get(actor.strip().casefold(), actor.strip())] = _count(number.strip())
    return counts


_AS_TEXT: dict[str, Callable[[Json], str]] = {
    "count": count_in_words,
    "counts": lambda value: "\n".join(f"{actor}: {count_in_words(each)}" for actor, each in value.items()),
    "flag": lambda value: "yes" if value else "no",
}


def text_of(of: FieldType, value: Json) -> str:
    """A value as it is typed."""
    if value is None:
        return ""
    if of.title in _AS_TEXT:
        return _AS_TEXT[of.title](value)
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
