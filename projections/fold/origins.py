"""Which documents go back to one telling: how many reports carry a value, and how many origins they are. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain
from typing import NamedTuple

from events.history.fact_as_of import FactAsOf, cited_in
from events.history.streams import NEVER, Sources, SourceState
from projections.fold.answer_types import Finding, State

Documents = Mapping[str, Set[str]]
"""By fact, and by dispute as `fact#n`: the source documents whose words it rests on."""


class Link(NamedTuple):
    """What documents may have in common: the `root` that they go back to, by id, or their `teller`, by pseudonym."""

    sort: str
    key: str


class Origin(NamedTuple):
    """Documents that go back to one telling, in order, and the links that at least two of them share."""

    documents: list[str]
    shared: list[Link]


class Origins:
    """The origins of documents.

    Args:
        noted: what is noted about them, and about all that they are derived from, at a position.
    """

    def __init__(self, noted: Mapping[str, SourceState]) -> None:
        self._noted = noted
        self._links: dict[str, set[Link]] = {}
        self._counted: dict[frozenset[str], int] = {}

    def count(self, documents: Iterable[str]) -> int:
        """How many origins the documents are."""
        wanted = frozenset(documents)
        if len(wanted) < 2:
            return len(wanted)
        if wanted not in self._counted:
            self._counted[wanted] = len(self.among(wanted))
        return self._counted[wanted]

    def among(self, documents: Iterable[str]) -> list[Origin]:
        """The origins that the documents are: two that share a root or a teller are of one, also through a third."""
        leaders: dict[object, object] = {}

        def leader(each: object) -> object:
            while leaders.setdefault(each, each) != each:
                leaders[each] = each = leaders[leaders[each]]
            return each

        ordered = sorted(documents)
        for document in ordered:
            for link in self.links(document):
                leaders[leader(link)] = leader((document,))
        groups: dict[object, list[str]] = defaultdict(list)
        for document in ordered:
            groups[leader((document,))].append(document)
        return [Origin(group, self._shared(group)) for group in groups.values()]

    def _shared(self, documents: Sequence[str]) -> list[Link]:
        links = [link for document in documents for link in self.links(document)] if len(documents) > 1 else []
        return sorted({link for link in links if links.count(link) > 1})

    def links(self, document: str) -> set[Link]:
        """The roots of the document and their tellers: itself and what it is derived from, publishers and agencies."""
        found = self._links.get(document)
        if found is None:
            found = self._links[document] = set(self._links_of(self._roots(document)))
        return found

    def _links_of(self, roots: Iterable[str]) -> Iterator[Link]:
        for root in roots:
            yield Link("root", root)
            for teller in (self._noted[root].publisher, self._noted[root].agency):
                if teller is not None:
                    yield Link("teller", teller.pseudonym)

    def _roots(self, document: str) -> set[str]:
        roots, wanted = set[str](), {document}
        while wanted:
            roots |= wanted
            wanted = set(chain.from_iterable(self._noted[root].derived_from for root in wanted)) - roots
        return roots


def documents_of(facts: Iterable[FactAsOf], sources: Sources, reported: int | None, position: int) -> Documents:
    """The documents of the visible citations of facts and of their disputes."""
    limit = NEVER if reported is None else reported
    found: dict[str, Set[str]] = {}
    for fact in facts:
        found[fact.id] = {each.source.id for each in fact.cited}
        for entry in fact.disputes:
            cited = cited_in(entry, sources, position)
            found[f"{fact.id}#{entry.n}"] = {each.source.id for each in cited if each.published_by <= limit}
    return found


def facts_carrying(finding: Finding) -> Iterable[str]:
    """The facts, and disputes, that carry the value: of a union those that name a member of it."""
    return chain.from_iterable(finding["each"].values()) if "each" in finding else finding["because"]


def count_reports(state: State, documents: Documents, origins: Origins) -> None:
    """Say of each finding how many documents carry its value, and how many origins they are."""
    for finding in (state["status"], *state["fields"].values()):
        told = set[str]().union(*(documents[name] for name in facts_carrying(finding)))
        finding["reports"], finding["origins"] = len(told), origins.count(told)
