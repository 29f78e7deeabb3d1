"""What the page of an act says beside its controls: names to choose from, the sentence, the words that would go."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from events.commands.record_facts import read_facts
from events.commands.record_sources import lost_quotes
from events.facts import KINDS
from events.field_types import Json
from projections.queries.evidence import facts, sources
from projections.queries.evidence.facts import facts_citing
from projections.queries.subjects.values import named_subjects
from service.pages.desk.forms.acts import Act
from service.pages.desk.forms.fact_fields import as_values
from service.pages.request import PageRequest
from service.wording.phrases import plain, sentence

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
