"""Every view there is, and how a generation of them follows a batch of the log."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import MetaData, update

from events.history.streams import Entry
from projections.fold.turning_points import turns_facts
from projections.read_models.citation_warnings import facts_marked_anew
from projections.read_models.current_states import CurrentStates, refold, touched_by, touched_through, touching
from projections.read_models.erasure import erase, redacted_in
from projections.read_models.ledger import Ledger, stream_of_entry
from projections.read_models.lists import Publications
from projections.read_models.merkle_tiles import MerkleTiles
from projections.read_models.proposals import Proposals
from projections.read_models.texts.search import Search
from projections.read_models.texts.shingles import Shingles
from projections.store.snapshots import Snapshot, chunks


class View(Protocol):
    """A view whose rows follow from the events alone, without a look at other views."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Define its tables."""

    def load(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Write the rows of a batch; where all views are built anew, tables have no indexes meanwhile."""


LOADED: tuple[View, ...] = (Ledger(), Proposals(), MerkleTiles(), Publications(), Shingles(), Search())
"""In no order. A new view is one line here."""

VIEWS = (*LOADED, CurrentStates())
"""All that have tables."""


def apply(snapshot: Snapshot, batch: Sequence[Entry]) -> None:
    """Load a batch, erase the words that it redacts, and fold the subjects that it touches from what is left."""
    for view in LOADED:
        view.load(snapshot, batch)
    erase(snapshot, redacted_in(batch))
    _fold(snapshot, batch)


def _fold(snapshot: Snapshot, batch: Sequence[Entry]) -> None:
    """Bring the states up to a batch.

    A further version of a source, as most events on one, changes no value: of the subjects that rest on it only those
    are folded whose marks it changes, and of the others it is noted that it touched them.
    """
    position = batch[-1].position
    touched = changed = touched_by(snapshot, batch)
    marking = [entry for entry in batch if stream_of_entry(entry)[0] == "source" and not turns_facts(entry)]
    if revised := {entry.data["id"]: entry.position for entry in reversed(marking) if entry.version > 1}:
        positions = {entry.position for entry in marking}
        last = touching([entry for entry in batch if entry.position not in positions])
        last["fact"].update(dict.fromkeys(facts_marked_anew(snapshot, revised, position), position))
        changed = {subject: touched[subject] for subject in touched_through(snapshot, last, position)}
    refold(snapshot, changed, position)
    _note_touched(snapshot, {subject: at for subject, at in touched.items() if subject not in changed})


def _note_touched(snapshot: Snapshot, touched: Mapping[str, int]) -> None:
    """Note of subjects whose state stays as it is which event touched them last."""
    tables = snapshot.table("current"), snapshot.table("outlines")
    for position in set(touched.values()):
        for some in chunks([subject for subject, at in touched.items() if at == position]):
            for table in tables:
                snapshot.connection.execute(update(table).where(table.c.id.in_(some)).values(touched=position))
