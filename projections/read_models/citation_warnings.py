"""What has become of cited words: never looked up, gone from later texts, or of a source withdrawn."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select, tuple_

from events.commands.quotes import SearchableText, searchable
from events.history.fact_as_of import FactAsOf, cited_in
from events.history.streams import NEVER, SourceHistory, Sources, SourceState, StoredCitation
from events.sources import ORIGINAL, TextIs
from projections.fold.answer_types import CitationMark, Mark, State
from projections.fold.part import field_of
from projections.read_models.histories import histories, linked
from projections.store.snapshots import Snapshot, chunks

IN_WORDS = {
    "unverified": "unverified: the text of its source is not held",
    "source_withdrawn": "its source was withdrawn",
    "quote_gone": "its words are gone from a later version",
}

TEXT_IN_WORDS = {"excerpt": "an excerpt", "digest": "our digest", "translation": "a translation"}
"""What a text is that is not the original."""

_Version = tuple[str, int]
"""A source, and the number of its version."""


class Texts:
    """The texts of later versions of sources, each read once, and searched for the same words once.

    Args:
        snapshot: what holds them.
        staged: those that it does not hold yet.
    """

    def __init__(self, snapshot: Snapshot, staged: Mapping[_Version, str] | None = None) -> None:
        self._snapshot = snapshot
        self._texts: dict[_Version, SearchableText | None] = {
            version: searchable(text) for version, text in (staged or {}).items()
        }
        self._found: dict[tuple[_Version, str], bool] = {}

    def read(self, versions: Iterable[_Version]) -> None:
        """Read those texts that were not read yet, together."""
        missing = sorted(set(versions) - self._texts.keys())
        self._texts.update(dict.fromkeys(missing))
        table = self._snapshot.table("texts")
        for some in chunks(missing):
            for row in self._snapshot.rows(select(table).where(tuple_(table.c.source, table.c.version).in_(some))):
                self._texts[row.source, row.version] = searchable(row.text)

    def lack(self, version: _Version, words: str) -> bool:
        """Whether the text of the version is held and the words do not stand in it."""
        text = self._texts[version]
        if text is None:
            return False
        if (version, words) not in self._found:
            self._found[version, words] = text.holds(words)
        return not self._found[version, words]


class CitationMarks:
    """Why citations of some sources do not stand.

    Args:
        texts: those of later versions.
        sources: those cited.
        reported: the bound of the reported clock.
    """

    def __init__(self, texts: Texts, sources: Iterable[SourceState], reported: int | None) -> None:
        self._limit = NEVER - 1 if reported is None else reported
        self._sources = {source.id: source for source in sources}
        self._latest = {
            name: max((each.version for each in source.editions if each.published_by <= self._limit), default=1)
            for name, source in self._sources.items()
        }
        self._texts = texts
        texts.read(each for each in self._latest.items() if each[1] > 1)

    def text_is(self, citation: StoredCitation) -> TextIs:
        """What the text is from which the words are cited."""
        source = self._sources.get(citation["source"])
        return ORIGINAL if source is None else source.text_is

    def of(self, citation: StoredCitation) -> list[CitationMark]:
        """Why the citation does not stand; empty where it does, or where it was redacted."""
        name = citation["source"]
        marks: list[CitationMark] = []
        if not citation["verified"]:
            marks.append({"mark": "unverified"})
        if name in self._sources and self._sources[name].withdrawn_by <= self._limit:
            marks.append({"mark": "source_withdrawn"})
        version = self._latest.get(name, 1)
        is_later = version > citation["version"] and not citation.get("redacted")
        if is_later and self._texts.lack((name, version), citation["exact"]):
            marks.append({"mark": "quote_gone", "version": version})
        return marks


class Grounds(NamedTuple):
    """What findings rest on beside facts.

    `marks` says by fact, and by dispute or correction as `fact#n`, which of its citations do not stand, and why;
    `corrections` by fact and field which correction set it, as `fact#n`, and whether that has words of its own.
    """

    marks: dict[str, list[Mark]]
    corrections: dict[tuple[str, str], tuple[str, bool]]


def grounds_of(
    texts: Texts, facts: Sequence[FactAsOf], sources: Sources, reported: int | None, position: int
) -> Grounds:
    """The grounds of the findings that the facts make."""
    cited = [(fact.id, each) for fact in facts for each in fact.cited]
    corrections: dict[tuple[str, str], tuple[str, bool]] = {}
    for fact in facts:
        set_by = {field: entry for field in fact.changed if (entry := fact.set_by(field)) is not None}
        for field, entry in set_by.items():
            corrections[fact.id, field] = f"{fact.id}#{entry.n}", bool(entry.data.get("citations"))
        for entry in (*fact.disputes, *{entry.n: entry for entry in set_by.values()}.values()):
            cited += ((f"{fact.id}#{entry.n}", each) for each in cited_in(entry, sources, position))
    noted = (sources[name].at(position) for name in {each.source.id for _, each in cited})
    found = CitationMarks(texts, filter(None, noted), reported)
    marks: dict[str, list[Mark]] = {}
    for name, each in cited:
        for mark in found.of(each.citation):
            marks.setdefault(name, []).append({"fact": name, "source": each.source.id, **mark})
    return Grounds(marks, corrections)


def facts_marked_anew(snapshot: Snapshot, revised: Mapping[str, int], position: int) -> set[str]:
    """The facts of whose citations the marks are not what they were before their source was revised or withdrawn.

    `revised` says of each source at which position that was first so; the marks are those at `position`.
    """
    found: set[str] = set()
    citing = linked(snapshot, "cites", revised, position)
    facts = histories(snapshot, "fact", {fact for facts in citing.values() for fact in facts}, position)
    for name, entries in histories(snapshot, "source", citing, position).items():
        source, texts = SourceHistory(name, entries), Texts(snapshot)
        states = filter(None, (source.at(revised[name] - 1), source.at(position)))
        before, after = (CitationMarks(texts, [state], None) for state in states)
        for fact in citing[name]:
            cited = (each for entry in facts[fact] for each in entry.data.get("citations", ()))
            if any(before.of(each) != after.of(each) for each in cited if each["source"] == name):
                found.add(fact)
    return found


def mark(state: State, grounds: Grounds) -> None:
    """Put on each finding, rival and claim the corrections that set its value, and the marks of the words it rests on.

    Those of a value that a correction with words of its own has set are the correction's. What has none stays as it is.
    """
    marks, corrections = grounds
    if not marks and not corrections:
        return
    for name, finding in {"status": state["status"], **state["fields"]}.items():
        for resting in (finding, *finding["rivals"]):
            found = [corrections.get((fact, field_of(name)), (fact, False)) for fact in resting["because"]]
            words = [by if is_quoted else fact for fact, (by, is_quoted) in zip(resting["because"], found, strict=True)]
            if set_by := [by for fact, (by, _) in zip(resting["because"], found, strict=True) if by != fact]:
                resting["set_by"] = set_by
            if own := [mark for name in words for mark in marks.get(name, ())]:
                resting["marks"] = own
    claims = (*state["possible"], *state["denied"], *state["planned"], *state["alleged"])
    for claim in claims:
        if claim["fact"] in marks:
            claim["marks"] = marks[claim["fact"]]
