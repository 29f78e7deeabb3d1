"""Sources as noted at a position: what is known of each, its versions, texts and repairs."""

from sqlalchemy import select

from events.dates.calendar import instant_text
from events.errors import NotFound
from events.history.streams import NEVER, Entry, SourceHistory
from events.sources import TEXTS
from projections.queries.evidence.answer_types import SourceText, SourceView
from projections.read_models.erasure import redaction_of
from projections.read_models.ledger import histories
from projections.store.snapshots import Snapshot


def source(snapshot: Snapshot, name: str, position: int) -> SourceView:
    """One source as noted at the position.

    Raises:
        NotFound: no such source was recorded by then.
    """
    entries = histories(snapshot, "source", [name], position).get(name)
    if not entries:
        raise NotFound(f"no source {name!r} is recorded up to position {position}")
    view = _view(name, entries)
    redaction = redaction_of(snapshot, "source", name)
    if redaction is not None:
        view["redaction"] = redaction
    return view


def _view(name: str, entries: list[Entry]) -> SourceView:
    noted = SourceHistory(name, entries).at()
    assert noted is not None
    versions = [entry for entry in entries if entry.name in TEXTS]
    return {
        "id": name,
        "title": noted.title,
        "publisher": noted.publisher,
        "url": noted.url,
        "published": noted.published,
        "zone": noted.zone,
        "language": noted.language,
        "withdrawn": noted.withdrawn_by < NEVER,
        "version": len(noted.editions),
        "sha256": noted.editions[-1].sha256,
        "versions": [
            {
                "version": edition.version,
                "sha256": edition.sha256,
                "has_text": edition.has_text,
                "published": edition.published,
                "retrieved_at": edition.retrieved_at,
                "position": entry.position,
                "recorded": instant_text(entry.recorded),
                "recorded_by": entry.data["recorded_by"],
            }
            for edition, entry in zip(noted.editions, versions, strict=True)
        ],
        "corrections": [
            {
                "kind": entry.data["kind"],
                "reason": entry.data["reason"],
                "changes": entry.data["changes"],
                "position": entry.position,
                "recorded": instant_text(entry.recorded),
                "recorded_by": entry.data["recorded_by"],
            }
            for entry in entries
            if entry.name == "SourceCorrected"
        ],
    }


def page_of_sources(snapshot: Snapshot, position: int, after: str, limit: int) -> tuple[list[SourceView], str | None]:
    """Sources in the order of their ids from behind `after`, and the id to go on from; None at the end."""
    entries = snapshot.table("entries")
    wanted = select(entries.c.stream).where(
        entries.c.sort == "source", entries.c.version == 1, entries.c.stream > after, entries.c.position <= position
    )
    names = [row.stream for row in snapshot.rows(wanted.order_by(entries.c.stream).limit(limit + 1))]
    found = histories(snapshot, "source", names[:limit], position)
    return [_view(name, found[name]) for name in names[:limit]], names[limit - 1] if len(names) > limit else None


def text(snapshot: Snapshot, name: str, version: int | None, position: int) -> SourceText:
    """The text of a source's version, the latest if none is named.

    Raises:
        NotFound: there is no such source or version by the position, or it has no text.
    """
    noted = source(snapshot, name, position)
    wanted = noted["version"] if version is None else version
    table = snapshot.table("texts")
    found = snapshot.rows(select(table.c.text).where(table.c.source == name, table.c.version == wanted))
    if wanted > noted["version"] or not found:
        raise NotFound(f"version {wanted} of source {name!r} has no text up to position {position}")
    return {"id": name, "version": wanted, "sha256": noted["versions"][wanted - 1]["sha256"], "text": found[0].text}
