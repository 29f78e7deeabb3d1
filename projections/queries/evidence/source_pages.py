"""Sources in the order of their publication."""

from projections.clocks import Clocks
from projections.queries.evidence.sources import SourceView, sources_among
from projections.read_models.lists import EVER, publication
from projections.store.snapshots import Snapshot

_AT_ONCE = 500
_PUBLISHED = (
    "SELECT DISTINCT published, source FROM {{publications}} WHERE (published, source) {beyond} (?, ?)"
    " AND position <= ? ORDER BY published {order}, source {order} LIMIT ?"
)
_MOST_PIECES = 20
Published = tuple[int, str]
"""Where a source stands in the order of publication: its date, and its id."""


def sources_by_publication(
    snapshot: Snapshot,
    clocks: Clocks,
    after: Published | None,
    limit: int,
    *,
    newest_first: bool = True,
    publisher: str | None = None,
) -> tuple[list[SourceView], Published | None]:
    """Sources in the order of their dates from beyond `after`, and where to go on; None at the end.

    Those of one publisher alone, if asked for. No more than 10,000 are looked at: there may be fewer than `limit`.
    """
    views: list[SourceView] = []
    at = after or ((EVER + 1, "") if newest_first else (-EVER - 1, ""))
    question = _PUBLISHED.format(beyond="<" if newest_first else ">", order="DESC" if newest_first else "ASC")
    for _ in range(_MOST_PIECES):
        rows = snapshot.probe(question, None, *at, clocks.position, _AT_ONCE)
        found = {view["id"]: view for view in sources_among(snapshot, {name for _, name in rows}, clocks)}
        for place in map(tuple, rows):
            view = found.get(place[1])
            if view and publication(view["published"]) == place[0] and publisher in (None, view["publisher"]):
                if len(views) == limit:
                    return views, at
                views.append(view)
                at = place
        if len(rows) < _AT_ONCE:
            return views, None
        at = tuple(rows[-1])
    return views, at
