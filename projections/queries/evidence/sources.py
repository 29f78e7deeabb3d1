"""Sources at the clocks: what is noted of each, the versions published by then, their texts and repairs."""

from collections.abc import Iterable

from sqlalchemy import select

from events.dates.calendar import instant_text
from events.errors import NotFound
from events.history.streams import NEVER, Entry, SourceHistory
from events.sources import TEXTS
from projections.clocks import Clocks
from projections.queries.evidence.answer_types import SourceText, SourceView, Version
from projections.read_models.erasure import redaction_of
from projections.read_models.ledger import histories
from projections.store.snapshots import Snapshot

_AT_ONCE = 200


def source(snapshot: Snapshot, name: str, clocks: Clocks) -> SourceView:
    """One source as noted at the position, with the versions that were published by the reported clock.

    Raises:
        NotFound: no such source was recorded by then, or none of its versions published.
    """
    entries = histories(snapshot, "source", [name], clocks.position).get(name)
    if not entries:
        raise NotFound(f"no source {name!r} is recorded up to position {clocks.position}")
    view = _view(name, entries, clocks.reported)
    if view is None:
        raise NotFound(f"source {name!r} was not published by {clocks.asked.reported_until}")
    redaction = redaction_of(snapshot, "source", name)
    if redaction is not None:
        view["redaction"] = redaction
    return view


def sources_among(snapshot: Snapshot, names: Iterable[str], clocks: Clocks) -> list[SourceView]:
    """Those of the sources that were published by the reported clock, in the order of their ids."""
    found = histories(snapshot, "source", sorted(names), clocks.position)
    views = (_view(name, found[name], clocks.reported) for name in sorted(found))
    return [view for view in views if view is not None]


def _view(name: str, entries: list[Entry], reported: int | None) -> SourceView | None:
    """A source with the versions published, and withdrawn if it was, by the reported bound; None without version."""
    noted = SourceHistory(name, entries).at()
    assert noted is not None
    until = NEVER if reported is None else reported
    texts = zip(noted.editions, (entry for entry in entries if entry.name in TEXTS), strict=True)
    versions = [(edition, entry) for edition, entry in texts if edition.published_by <= until]
    if not versions:
        return None
    latest = versions[-1][0]
    return {
        "id": name,
        "title": noted.title,
        "publisher": noted.publisher,
        "url": noted.url,
        "published": noted.published,
        "zone": noted.zone,
        "language": noted.language,
        "withdrawn": noted.withdrawn_by <= min(until, NEVER - 1),
        "version": latest.version,
        "sha256": latest.sha256,
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
            for edition, entry in versions
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


def page_of_sources(snapshot: Snapshot, clocks: Clocks, after: str, limit: int) -> tuple[list[SourceView], str | None]:
    """Sources in the order of their ids from after `after`, and the id to go on from; None at the end."""
    views: list[SourceView] = []
    while len(views) <= limit:
        names = _recorded(snapshot, clocks.position, after)
        views += sources_among(snapshot, names, clocks)
        if len(names) < _AT_ONCE:
            break
        after = names[-1]
    return views[:limit], views[limit - 1]["id"] if len(views) > limit else None


def _recorded(snapshot: Snapshot, position: int, after: str) -> list[str]:
    entries = snapshot.table("entries")
    wanted = select(entries.c.stream).where(
        entries.c.sort == "source", entries.c.version == 1, entries.c.stream > after, entries.c.position <= position
    )
    return [row.stream for row in snapshot.rows(wanted.order_by(entries.c.stream).limit(_AT_ONCE))]


def text(snapshot: Snapshot, name: str, version: int | None, clocks: Clocks) -> SourceText:
    """The text of a source's version, the latest if none is named.

    Raises:
        NotFound: there is no such source or version by the clocks, or it has no text.
    """
    noted = source(snapshot, name, clocks)
    shown = version_of(noted, version)
    table = snapshot.table("texts")
    wanted = select(table.c.text).where(table.c.source == name, table.c.version == shown["version"])
    found = snapshot.rows(wanted)
    if not found:
        raise NotFound(f"version {shown['version']} of source {name!r} has no text")
    return {"id": name, "version": shown["version"], "sha256": shown["sha256"], "text": found[0].text}


def version_of(noted: SourceView, version: int | None) -> Version:
    """A version of a source as noted, the latest if none is named.

    Raises:
        NotFound: there is no such version.
    """
    wanted = noted["version"] if version is None else version
    for each in noted["versions"]:
        if each["version"] == wanted:
            return each
    raise NotFound(f"source {noted['id']!r} has no version {wanted} at these clocks")
