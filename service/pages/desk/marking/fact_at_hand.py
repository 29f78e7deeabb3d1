"""The fact at hand beside a text: kinds, facts like the marked words, the fields with their proposals."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from flask import g

from events.errors import NotFound
from events.facts import KINDS, Fact, kind_named
from projections.queries.evidence import facts
from projections.queries.evidence.facts_as_of import facts_named
from service.pages.desk.forms.act_fields import version_of
from service.pages.desk.forms.acts import Act, act_named
from service.pages.desk.forms.controls import Control
from service.pages.desk.forms.fact_fields import Group
from service.pages.desk.forms.form import form_with_names, title_of
from service.pages.desk.marking.answers import blanks_of
from service.pages.desk.marking.offers import Offer, days_for, offers_for
from service.pages.desk.marking.passages import Found, Reading
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import fact_in_words
from service.wording.date_wording import occurred_in_words
from service.wording.phrases import plain, sentence

HEADINGS = {
    "record": "A new fact, resting on the marked words",
    "corroborate": "A second source for this fact",
    "dispute": "The marked words say otherwise",
}
_MODALITIES = ("", "actual", "planned", "alleged", "denied")
"""As a reader meets them: the less certain, the later."""
_OF_THE_GROUND = ("kind", "reason")


class Field(NamedTuple):
    """A control, and what the marked words offer for it."""

    control: Control
    offers: list[Offer]

    @property
    def takes_names(self) -> str | None:
        """Which names are completed: those of actors, of matters, or none."""
        return self.control.of.names if self.control.of.title != "counts" else None

    @property
    def several(self) -> bool:
        """Whether it holds more than one."""
        return self.control.of.schema.get("type") == "array"


def facts_like(page: PageRequest, found: Found) -> list[dict[str, Any]]:
    """Recorded facts that share names, numbers or dates with the marked words, as sentences."""
    like = found.suggested["facts"]
    views: Any = [facts.fact(page.snapshot, each["fact"], page.clocks) for each in like]
    page.know([view for view in views if "kind" in view])
    told = [(each, fact_in_words(page, view)) for each, view in zip(like, views, strict=True) if "kind" in view]
    return [{**fact, "shares": _shared(page, each["shares"]), "quote": each["quote"]} for each, fact in told]


def _shared(page: PageRequest, shares: Any) -> str:
    said = [page.named(each) for each in shares["names"]] + [f"{each:,}" for each in shares["numbers"]]
    return ", ".join(said + (["the date"] if shares["date"] else []))


def act_asked(name: str) -> tuple[Act, str]:
    """The act that is at hand, and on what it is; NotFound and Forbidden as forms have it."""
    if name not in HEADINGS:
        raise NotFound(f"nothing called {name!r:.40} is done at the reading desk")
    of = "source" if name == "record" else "fact"
    return act_named(of, name, g.bearer), of


def fact_at_hand(
    page: PageRequest, reading: Reading, found: Found | None, asked: Mapping[str, str], lately: list[str]
) -> dict[str, Any]:
    """What the form beside the text shows, of a new fact or an act on one."""
    act, of = act_asked(asked.get("act", "record"))
    name = reading.source if of == "source" else asked.get("fact", "")
    kind = kind_named(asked.get("kind")) if of == "source" else _kind_of(page, name)
    typed = {"kind": kind.__name__} if of == "source" else {}
    groups = form_with_names(page, act, of, name, typed, {}).groups
    fields, finer = _fields(page, kind, groups, found, lately)
    shown = {
        "act": act,
        "heading": HEADINGS[act.name],
        "kind": kind,
        "fields": fields,
        "finer": finer,
        "fact": name if of == "fact" else None,
        "title": title_of(page, of, name) if of == "fact" else None,
        "version": version_of(page, of, name),
        "own_id": f"desk-{secrets.token_hex(8)}",
        "others": found.suggested["kinds"] if found else [],
    }
    if of == "source":
        shown["blanks"] = blanks_of(kind, {}, page.named)
    return shown


def _kind_of(page: PageRequest, name: str) -> type[Fact]:
    view: Any = facts.fact(page.snapshot, name, page.clocks)
    if "kind" not in view:
        raise NotFound(f"fact {name!r:.80} is not visible today")
    return KINDS[view["kind"]]


def _fields(
    page: PageRequest, kind: type[Fact], groups: list[Group], found: Found | None, lately: list[str]
) -> tuple[list[Field], list[Control]]:
    """The fields in sight with their offers, and those that are folded away; passages are those marked."""
    fields: list[Field] = []
    finer: list[Control] = []
    for group in groups:
        controls = [each for each in group.controls if each.name not in _OF_THE_GROUND]
        controls = [each for each in controls if not each.name.startswith("citations.")]
        if group.finer:
            finer += controls
            continue
        for each in controls:
            name = each.name.rpartition(".")[2]
            offers = offers_for(page, kind, name, each.of, found, lately) if found else []
            control = each
            if each.name == "occurred" and found and kind.timeless is False:
                control = replace(each, text=days_for(kind, found)[0].value)
            if each.of.title == "modality":
                control = replace(each, choices=sorted(each.choices, key=lambda choice: _MODALITIES.index(choice[0])))
            fields.append(Field(control, offers))
    return fields, finer


def facts_so_far(page: PageRequest, cited: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """The facts that this text is cited for, as sentences, the last one first."""
    seen = page.views(facts_named(page.snapshot, {fact for fact, _ in cited}, page.clocks).values())
    seen.sort(key=lambda view: -view["position"])
    page.know(seen)
    return [
        {
            "said": plain(sentence(KINDS[view["kind"]], view["fields"], page.named)),
            "when": occurred_in_words(view["occurred"], begins=KINDS[view["kind"]].begins),
            "href": page.link("fact", name=view["id"]),
            "subject": view["subject"],
        }
        for view in seen
    ]
