"""Every view there is, and how a generation of them follows a batch of the log."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import MetaData

from events.history.streams import Entry
from projections.read_models.current_states import CurrentStates, refold, touched_by
from projections.read_models.erasure import erase, redacted_in
from projections.read_models.ledger import Ledger
from projections.read_models.merkle_tiles import MerkleTiles
from projections.read_models.proposals import Proposals
from projections.store.snapshots import Snapshot


class View(Protocol):
    """A view whose rows follow from the events alone, without a look at other views."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Define its tables."""

    def load(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Write the rows of a batch; where all views are built anew, tables have no indexes meanwhile."""


LOADED: tuple[View, ...] = (Ledger(), Proposals(), MerkleTiles())
"""In no order. A new view is one line here."""

VIEWS = (*LOADED, CurrentStates())
"""All that have tables."""


def apply(snapshot: Snapshot, batch: Sequence[Entry]) -> None:
    """Load a batch, erase the words that it redacts, and fold the subjects that it touches from what is left."""
    for view in LOADED:
        view.load(snapshot, batch)
    erase(snapshot, redacted_in(batch))
    refold(snapshot, touched_by(snapshot, batch), batch[-1].position)
