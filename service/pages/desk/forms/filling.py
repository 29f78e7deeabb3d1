"""A form as it was sent: the chronicle that it says, and its refusals beside the controls at fault."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import orjson

from events.errors import ChronologyError, Fault
from events.field_types import Json
from service.pages.desk.forms.acts import Act
from service.pages.desk.forms.controls import Control, Names, value_of
from service.pages.desk.forms.fact_fields import Group

Typed = Mapping[str, str]
_HEAD_OF_POINTER = 3
"""Steps before those within the item: none, the list, the place."""


def filled(groups: Iterable[Group], typed: Typed) -> list[Group]:
    """The controls with what was typed; one that nobody has touched shows what stands now."""
    return [group._replace(controls=[_filled(each, typed) for each in group.controls]) for group in groups]


def _filled(control: Control, typed: Typed) -> Control:
    if control.name not in typed:
        return replace(control, text="") if control.several and typed else control
    text = typed[control.name]
    was = typed.get(f"was.{control.name}", control.was)
    if control.was is not None and text == was:
        return control
    return replace(control, text=text)


def body_of(groups: Iterable[Group], names: Names) -> dict[str, Json]:
    """What is typed as the body of a call: what is empty is not said; of what was filled in, what is changed."""
    body: dict[str, Json] = {}
    for control in (each for group in groups for each in group.controls):
        text = control.text if control.of.title == "document" else control.text.strip()
        if control.was is not None:
            if text != control.was.strip():
                _put(body, control.name, value_of(control.of, text, names) if text else None)
        elif text and control.several:
            _put(body, control.name, control.chosen)
        elif text:
            _put(body, control.name, value_of(control.of, text, names))
    if "citations" in body:
        body["citations"] = [body["citations"][row] for row in _rows_cited(body)]
    if "judged" in body:
        with suppress(ValueError, TypeError):
            body["finding"], body["prefers"] = orjson.loads(body.pop("judged"))
    return body


def _put(body: dict[str, Json], name: str, value: Json) -> None:
    *above, last = name.split(".")
    at: Any = body
    for step in above:
        at = at.setdefault(step, {})
    at[last] = value


def _rows_cited(body: Mapping[str, Json]) -> list[str]:
    """The rows of passages that say more than a source."""
    return [row for row, said in sorted(body["citations"].items()) if said.keys() - {"source"}]


def chronicle_of(act: Act, of: str, name: str, body: Mapping[str, Json], typed: Typed) -> dict[str, list[Any]]:
    """What is to be recorded, as lists of a chronicle."""
    if act.item == "facts":
        return {"facts": [{"kind": typed.get("kind"), **body}]}
    if act.item == "subjects":
        return {"subjects": [{"id": name, **body}]}
    item = {of: name, **body}
    if act.call != "revisions" and typed.get("id"):
        item["id"] = typed["id"]
    if act.call is not None:
        item["call"] = act.call
    else:
        item.setdefault("withdraw", 0)
    return {"amendments": [item]}


def marked(groups: list[Group], error: ChronologyError) -> tuple[list[Group], list[str]]:
    """The controls with the faults of a refusal, and the sentences that belong to none of them."""
    controls = {each.name: each for group in groups for each in group.controls}
    rows = sorted({name.split(".")[1] for name, each in controls.items() if _is_cited(name) and each.text.strip()})
    elsewhere: list[str] = []
    for fault in error.faults or (Fault("", error.sentence),):
        name = _control_at(fault.pointer, controls, rows)
        if name is None:
            elsewhere.append(fault.sentence)
        else:
            controls[name] = replace(controls[name], faults=(*controls[name].faults, fault.sentence))
    return [group._replace(controls=[controls[each.name] for each in group.controls]) for group in groups], elsewhere


def _is_cited(name: str) -> bool:
    return name.startswith("citations.") and not name.endswith(".source")


def _control_at(pointer: str, controls: Mapping[str, Control], rows: list[str]) -> str | None:
    """The control at fault: the one whose place is the longest beginning of the pointer."""
    steps = pointer.split("/")[_HEAD_OF_POINTER:]
    if steps[:1] == ["citations"]:
        row = int(steps[1]) if len(steps) > 1 and steps[1].isdecimal() else 0
        steps[1:2] = [rows[row] if row < len(rows) else "0"]
        steps = [*steps, "exact"] if len(steps) < _HEAD_OF_POINTER else steps
    if steps[:1] in (["finding"], ["prefers"]):
        steps = ["judged"]
    while steps:
        if ".".join(steps) in controls:
            return ".".join(steps)
        steps = steps[:-1]
    return None
