"""A form of an act as it was sent: its controls, the chronicle that they say, and the decision that records it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from events.commands.review import Decide
from events.errors import Conflict, NotFound
from events.facts import KINDS, fields_of
from events.field_types import Json
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from projections.read_models.proposals import Proposal, proposal
from service.chronicle.file import LISTS, Reading
from service.pages.desk.forms.act_fields import groups_of, version_of
from service.pages.desk.forms.acts import Act
from service.pages.desk.forms.beside import known_names
from service.pages.desk.forms.controls import text_of
from service.pages.desk.forms.fact_fields import Group
from service.pages.desk.forms.filling import body_of, chronicle_of, filled, seal_of
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


def unsourced(page: PageRequest, name: str) -> Proposal:
    """The proposal of that name, whatever became of it.

    Raises:
        Conflict: it waits for an editor alone.
    """
    found = proposal(page.snapshot, name)
    if found["state"] in ("waiting", "rejected"):
        raise Conflict(f"proposal {name!r} does not wait for words: it is {found['state']}")
    return found


def is_uncoded(page: PageRequest, name: str) -> bool:
    """Whether the proposal is a passage that waits for its kind."""
    return proposal(page.snapshot, name)["state"] == "uncoded"


def typed_of(waiting: Proposal) -> dict[str, str]:
    """What its form begins with.

    Raises:
        Conflict: it is decided, and its words are gone.
    """
    if not isinstance(waiting["chronicle"], dict):
        raise Conflict(f"proposal {waiting['id']!r} is decided already, by {waiting.get('decided_by')}")
    if waiting["state"] == "uncoded":
        (citation,) = waiting["chronicle"]["passages"][0]["citations"]
        return {f"citations.0.{name}": str(value) for name, value in citation.items()}
    fact: Mapping[str, Json] = waiting["chronicle"]["facts"][0]
    types = fields_of(KINDS[fact["kind"]])
    typed = {name: text_of(of, fact[name]) for name, of in types.items() if name in fact}
    apart = {"kind": fact["kind"], "subject_kind": fact.get("subject_kind")}
    apart |= {"citations.0.source": waiting.get("source")}
    return typed | {name: value for name, value in apart.items() if value}
