"""What the reading desk is answered: the sentence with its blanks, what it would change, what is wrong with it."""

from collections.abc import Mapping
from typing import Any

from flask import render_template

from events.errors import Changed, ChronologyError
from events.facts import KINDS, Fact, fields_of, own_fields
from events.field_types import Json
from events.labels import labels_of
from projections.queries.history.would_change import WouldChange
from service.pages.desk.forms.act_fields import happened_since, version_of
from service.pages.desk.forms.filling import marked
from service.pages.desk.forms.form import Form
from service.pages.desk.marking.typed_facts import Sent
from service.pages.request import PageRequest
from service.pages.wording.would_wording import change_in_words
from service.web.recording.sending import waits
from service.wording.date_wording import in_words, occurred_in_words
from service.wording.phrases import Blank, sentence_with_blanks


def answered(
    page: PageRequest, sent: Sent, change: WouldChange | None, error: ChronologyError | None
) -> dict[str, Any]:
    """The answer to a form that was looked at, or refused; what is not filled in is no fault yet."""
    form = sent.form
    groups, elsewhere = marked(form.groups, error) if error else (form.groups, [])
    controls = [control for group in groups for control in group.controls]
    faulty = [each for each in controls if each.faults]
    cited = [each for each in faulty if each.name.startswith("citations.")]
    typed = [each for each in faulty if each.text.strip() and each not in cited]
    dates = [each for each in controls if each.of.title == "date" and each.text and not each.faults]
    if change is not None:
        page.know([], [each["subject"] for each in change["changes"]])
    return {
        **(_since(page, form) if isinstance(error, Changed) else {}),
        "says": says(page, sent),
        "would": "" if change is None else render_template("desk/would.html", change=_changed(page, sent, change)),
        "missing": [each.label for each in faulty if each not in typed and each not in cited],
        "faults": {each.id: _sentences(each.faults) for each in typed},
        "absent": {each.id: _sentences(each.faults) for each in faulty if each not in typed and each not in cited},
        "elsewhere": [_sentence(each) for each in elsewhere] + [_sentences(each.faults) for each in cited],
        "read": {each.id: in_words(each.text) for each in dates},
        "waits": waits(form.chronicle),
    }


def _since(page: PageRequest, form: Form) -> dict[str, Any]:
    """What others recorded since the form was opened, and the version that who reads it has seen then."""
    seen = int(form.typed.get("version") or 0)
    return {"since": happened_since(page, form.of, form.name, seen), "version": version_of(page, form.of, form.name)}


def _changed(page: PageRequest, sent: Sent, change: WouldChange) -> dict[str, Any]:
    """In words; what is new is called as it was typed."""
    told = change_in_words(page, change)
    for each, subject in zip(told["subjects"], dict.fromkeys(row["subject"] for row in change["changes"]), strict=True):
        each["title"] = sent.new.get(subject, each["title"])
    return told


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _sentences(faults: tuple[str, ...]) -> str:
    return " ".join(map(_sentence, faults))


def says(page: PageRequest, sent: Sent) -> str | None:
    """The sentence of the kind, its blanks filled with what is typed; None of an act on a fact."""
    (item,) = sent.form.chronicle.get("facts") or [None]
    if item is None or item.get("kind") not in KINDS:
        return None
    kind = KINDS[item["kind"]]
    values = _readable(kind, item)
    named = [each for each in values.values() if isinstance(each, str | list)]
    page.know([{"fields": {name: values[name] for name in own_fields(kind) if name in values}}] if named else [])

    def called(subject: str) -> str:
        return sent.new.get(subject) or page.named(subject)

    return str(render_template("desk/says.html", blanks=blanks_of(kind, values, called)))


def blanks_of(kind: type[Fact], values: dict[str, Json], called: Any) -> list[Blank]:
    """The blanks of the kind's sentence, and when it happened."""
    labels = labels_of(kind)
    occurred = values.get("occurred")
    when = Blank(
        occurred_in_words(str(occurred), begins=kind.begins) if occurred else labels["occurred"],
        "occurred",
        bool(occurred),
    )
    return [*sentence_with_blanks(kind, values, called, labels), Blank(", "), when]


def _readable(kind: type[Fact], item: Mapping[str, Json]) -> dict[str, Json]:
    """Of what is typed, what can be read."""
    read: dict[str, Json] = {}
    for name, of in fields_of(kind).items():
        if item.get(name) is not None:
            try:
                read[name] = of.read(item[name])
            except ChronologyError:
                continue
    return read
