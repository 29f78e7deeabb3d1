"""A form of an act as it was sent: its controls, the chronicle that they say, and the decision that records it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from events.commands.review import Decide
from events.errors import NotFound
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from service.chronicle.file import LISTS, Reading
from service.pages.desk.forms.act_fields import groups_of, version_of
from service.pages.desk.forms.acts import Act
from service.pages.desk.forms.beside import known_names
from service.pages.desk.forms.fact_fields import Group
from service.pages.desk.forms.filling import body_of, chronicle_of, filled, seal_of
from service.pages.desk.forms.without_words import typed_of, unsourced
from service.pages.request import PageRequest
from service.web.recording.deciding import with_words
from service.web.recording.sending import if_unchanged


@dataclass(slots=True)
class Form:
    """A form of an act on what has that name: its controls with what was typed, and what they say."""

    act: Act
    of: str
    name: str
    typed: Mapping[str, str]
    groups: list[Group]
    chronicle: dict[str, list[Any]]
    known: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def without_words(self) -> str | None:
        """The proposal that waits for the words that are typed here."""
        return self.name if self.of == "proposal" and self.act.item == "facts" else None

    @property
    def seal(self) -> str:
        """By what a second sending is known to say the same."""
        return seal_of(self.chronicle)

    def decision(self) -> Decide:
        """What records it, of a thing that is as the sender has seen it; Invalid where it cannot be read."""
        reading = Reading({each: self.chronicle.get(each, []) for each in LISTS}, identifies=False)
        if self.act.item != "amendments":
            return reading.record
        seen = self.typed.get("version", "")

        def decide(unit: UnitOfWork) -> Sequence[Receipt]:
            return if_unchanged(unit, self.of, self.name, lambda n: str(n) == seen, lambda: reading.record(unit))

        return decide


def form_made(page: PageRequest, act: Act, of: str, name: str, typed: Mapping[str, str]) -> Form:
    """The form with what was typed; names of what is known are understood."""
    if of == "proposal" and version_of(page, of, name) == 0:
        raise NotFound(f"no proposal {name!r:.80} was made")
    waiting = unsourced(page, name) if of == "proposal" and act.item == "facts" else None
    typed = {**typed_of(waiting), **typed} if waiting and typed.keys() <= {"kind"} else typed
    known = known_names(page)
    ids = {title.casefold(): each for sort in ("actors", "subjects") for each, title in known[sort]}
    made = form_with_names(page, act, of, name, typed, ids)
    made.known = known
    if waiting:
        made.chronicle = dict(with_words(page.snapshot, waiting, made.chronicle["facts"][0]))
    return made


def form_with_names(
    page: PageRequest, act: Act, of: str, name: str, typed: Mapping[str, str], ids: Mapping[str, str]
) -> Form:
    """The form with what was typed, in which the names are understood that are given with their ids."""
    groups = filled(groups_of(page, act, of, name, typed), typed)
    return Form(act, of, name, typed, groups, chronicle_of(act, of, name, body_of(groups, ids), typed))
