"""Which reports go back to one telling, and what joins them."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Annotated, TypedDict

from msgspec import Meta

from events.history.streams import Sources, SourceState, states_of_sources
from projections.fold.origins import Origins
from projections.read_models.histories import read_sources
from projections.store.snapshots import Snapshot


class OriginView(TypedDict):
    """Documents of one origin, and what joins them."""

    documents: list[str]
    roots: Annotated[list[str], Meta(description="Sources that at least two of them go back to")]
    tellers: Annotated[list[str], Meta(description="Publishers and agencies that at least two of them go back to")]


def origins_of(snapshot: Snapshot, noted: Mapping[str, SourceState], position: int) -> Origins:
    """The origins of documents, of which this is noted at the position; what they are derived from is looked up."""
    roots = set(chain.from_iterable(each.derived_from for each in noted.values()))
    known = read_sources(snapshot, roots - noted.keys(), position)
    return Origins({**states_of_sources(known, position), **noted})


def origins_explained(sources: Sources, documents: Iterable[str], position: int) -> list[OriginView]:
    """The origins of the documents, and which roots and tellers join each; `sources` holds all that they go back to."""
    noted = states_of_sources(sources, position)
    tellers = (each for source in noted.values() for each in (source.publisher, source.agency) if each is not None)
    names = {teller.pseudonym: teller.name for teller in tellers}
    return [
        {
            "documents": origin.documents,
            "roots": [link.key for link in origin.shared if link.sort == "root"],
            "tellers": sorted(names[link.key] for link in origin.shared if link.sort == "teller"),
        }
        for origin in Origins(noted).among(documents)
    ]
