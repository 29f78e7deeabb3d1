"""A form of an act as it was sent: its controls, the chronicle that they say, and the decision that records it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson

from events.commands.record_facts import read_facts
from events.commands.record_sources import lost_quotes
from events.commands.review import Decide
from events.errors import Conflict, NotFound
from events.facts import KINDS, fields_of
from events.field_types import Json
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from projections.queries.evidence import facts, sources
from projections.queries.evidence.facts import facts_citing
from projections.queries.subjects.values import named_subjects
from projections.read_models.proposals import Proposal, proposal
from service.chronicle.file import ParsedChronicle
from service.pages.desk.forms.act_fields import groups_of, version_of
from service.pages.desk.forms.acts import Act
from service.pages.desk.forms.controls import text_of
from service.pages.desk.forms.fact_fields import Group, as_values
from service.pages.desk.forms.filling import body_of, chronicle_of, filled
from service.pages.request import PageRequest
from service.web.recording.deciding import with_words
from service.web.recording.sending import if_unchanged
from service.wording.phrases import plain, sentence


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
        """By what a second sending is known to say the same as what was shown."""
        return hashlib.sha256(orjson.dumps(self.chronicle, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def decision(self) -> Decide:
        """What records it, of a thing that is as the sender has seen it; Invalid where it cannot be read."""
        reading = ParsedChronicle(self.chronicle, identifies=False)
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


_MOST_OFFERED = 500


def known_names(page: PageRequest) -> dict[str, list[tuple[str, str]]]:
    """What is known by id and title, to choose from: actors, subjects and sources."""

    def named(kind: str | None) -> list[tuple[str, str]]:
        batches = named_subjects(page.snapshot, page.clocks.position, kind)
        found = list(islice((each for some in batches for each in some), _MOST_OFFERED))
        page.know([], found)
        return [(each, page.named(each)) for each in found]

    found, _ = sources.page_of_sources(page.snapshot, page.clocks, "", _MOST_OFFERED)
    return {
        "actors": named("actor"),
        "subjects": named(None),
        "sources": [(each["id"], f"{each['title']}, {each['publisher']}") for each in found],
    }


def sentence_of(page: PageRequest, chronicle: Mapping[str, Json]) -> str | None:
    """The sentence of the kind of a new fact, with what was typed; None of what is no fact."""
    if "facts" not in chronicle:
        return None
    values = read_facts(chronicle["facts"], [""])[0]
    return plain(sentence(values.kind, as_values(values.as_sent()), page.named))


def lost_words(page: PageRequest, act: Act, source: str, chronicle: Mapping[str, Json]) -> list[tuple[str, str]]:
    """The facts whose quotes a changed text would lose, with their words."""
    if act.call != "revisions":
        return []
    cited = facts_citing(page.snapshot, source, page.clocks.position)
    text = chronicle["amendments"][0]["text"]
    gone = {id(each) for each in lost_quotes(text, [citation for _, citation in cited])}
    return [(fact, citation["exact"]) for fact, citation in cited if id(citation) in gone]


def title_of(page: PageRequest, of: str, name: str) -> str:
    """What the thing is called that the act is on."""
    if of == "fact":
        found: Any = facts.fact(page.snapshot, name, page.clocks)
        if "kind" not in found:
            return name
        page.know([found])
        return plain(sentence(KINDS[found["kind"]], found["fields"], page.named))
    if of == "proposal":
        return "A proposal"
    return page.source(name).title if of == "source" else page.named(name)
