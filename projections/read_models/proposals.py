"""Proposals: what recorders want recorded, and what editors decided."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NotRequired, TypedDict, get_args

from msgspec import Meta
from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text, select

from events.amendments import ChronicleProposed, ProposalAccepted, ProposalRejected, ProposalSourced
from events.dates.calendar import instant_text
from events.errors import NotFound
from events.field_types import Json
from events.history.streams import HEAD, Entry
from projections.read_models.histories import histories
from projections.store.snapshots import Snapshot

ProposalState = Literal["waiting", "unsourced", "uncoded", "accepted", "rejected"]
"""`unsourced` and `uncoded` wait too, not for an editor: a fact for a source, a passage for a kind of fact."""
STATES = get_args(ProposalState)
_DECISIONS = {
    ProposalAccepted.__name__: "accepted",
    ProposalRejected.__name__: "rejected",
    ProposalSourced.__name__: "accepted",
}


class Proposal(TypedDict):
    """What a recorder wants recorded, and what an editor decided."""

    id: str
    state: ProposalState
    proposed_by: str
    assistant: NotRequired[Annotated[str, Meta(description="The assistant through which it was proposed")]]
    proposed: str
    position: int
    source: NotRequired[Annotated[str, Meta(description="Of which an uncoded passage is, or where to look for words")]]
    chronicle: Annotated[Json, Meta(description="Lists of a chronicle; `redacted` once it is decided")]
    decided_by: NotRequired[str]
    decided: NotRequired[str]
    reason: NotRequired[str]


class Proposals:
    """The view of proposals by state."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Define its table."""
        Table(
            f"{prefix}proposals",
            metadata,
            Column("id", Text, primary_key=True),
            Column("position", BigInteger, nullable=False),
            Column("by", Text, nullable=False),
            Column("state", Text, nullable=False),
            Column("source", Text),
            Index(f"{prefix}proposals_state", "state", "position"),
            Index(f"{prefix}proposals_source", "source", "state", "position"),
        )

    def load(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Add what is proposed, and note what is decided."""
        made = [entry for entry in batch if entry.name == ChronicleProposed.__name__]
        snapshot.pour("proposals", [_row(each) for each in made])
        table = snapshot.table("proposals")
        for each in batch:
            if each.name in _DECISIONS:
                row = table.update().where(table.c.id == each.data["id"])
                snapshot.connection.execute(row.values(state=_DECISIONS[each.name]))


def _row(made: Entry) -> tuple[str, int, str, ProposalState, str | None]:
    state, source = _first_state(made), next(iter(made.data.get("sources", ())), None)
    return made.data["id"], made.position, made.data["recorded_by"], state, None if state == "waiting" else source


def _first_state(made: Entry) -> ProposalState:
    return "unsourced" if made.data.get("lacks_words") else "uncoded" if made.data.get("lacks_kind") else "waiting"


def page_of_proposals(
    snapshot: Snapshot, state: str, by: str | None, after: int, limit: int, source: str | None = None
) -> tuple[list[Proposal], int | None]:
    """Proposals in a state, of one recorder or of all, in the order they were made, from after the position.

    With `source` those alone that wait for what that document has.

    Returns:
        As many as the limit allows, and the position to go on from if more follow.
    """
    table = snapshot.table("proposals")
    wanted: Any = select(table).where(table.c.state == state, table.c.position > after)
    if by is not None:
        wanted = wanted.where(table.c.by == by)
    if source is not None:
        wanted = wanted.where(table.c.source == source)
    rows = snapshot.rows(wanted.order_by(table.c.position).limit(limit + 1))
    streams = histories(snapshot, "proposal", [row.id for row in rows[:limit]], HEAD)
    found = [_view(streams[row.id], row.state) for row in rows[:limit]]
    return found, rows[limit - 1].position if len(rows) > limit else None


def proposal(snapshot: Snapshot, name: str) -> Proposal:
    """One proposal.

    Raises:
        NotFound: there is no such proposal.
    """
    for (state,) in snapshot.probe("SELECT state FROM {proposals} WHERE id {among}", [name]):
        return _view(histories(snapshot, "proposal", [name], HEAD)[name], state)
    raise NotFound(f"no proposal {name!r:.80} was made")


def _view(entries: list[Entry], state: ProposalState) -> Proposal:
    made = entries[0]
    shown: Proposal = {
        "id": made.data["id"],
        "state": state,
        "proposed_by": made.data["recorded_by"],
        "proposed": instant_text(made.recorded),
        "position": made.position,
        "chronicle": made.data["chronicle"],
    }
    if _first_state(made) != "waiting" and made.data.get("sources"):
        shown["source"] = made.data["sources"][0]
    if "assistant" in made.data:
        shown["assistant"] = made.data["assistant"]
    for decided in entries[1:]:
        shown["decided_by"], shown["decided"] = decided.data["recorded_by"], instant_text(decided.recorded)
        if "reason" in decided.data:
            shown["reason"] = decided.data["reason"]
    return shown
