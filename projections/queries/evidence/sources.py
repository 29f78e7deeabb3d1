"""Sources at the clocks: what is noted of each, the versions published by then, their texts and repairs."""

from collections.abc import Iterable, Iterator
from typing import Annotated, NotRequired, TypedDict, cast

from msgspec import Meta
from sqlalchemy import select

from events.dates.calendar import instant_text
from events.errors import NotFound
from events.field_types import JsonObject
from events.history.streams import NEVER, Entry, SourceHistory, SourceState
from events.sources import TEXTS, TextIs
from projections.clocks import Clocks
from projections.queries.evidence.fact_views import Edtf
from projections.read_models.erasure import Redaction, redaction_of
from projections.read_models.histories import histories
from projections.store.snapshots import Snapshot

_AT_ONCE = 500
_RECORDED = (
    "SELECT stream FROM {entries} WHERE sort = 'source' AND version = 1 AND stream > ? AND position <= ?"
    " ORDER BY stream LIMIT ?"
)


class Original(TypedDict):
    """The bytes that a text was taken from: their type, the name of their file, how many they are, and their hash."""

    media_type: str
    name: NotRequired[str]
    bytes: int
    sha256: str


class Version(TypedDict):
    """A version of a source's text."""

    version: int
    sha256: str
    has_text: bool
    published: Edtf
    retrieved_at: str | None
    position: int
    recorded: str
    recorded_by: str
    original: NotRequired[Original]


class _OfOriginal(TypedDict):
    original: NotRequired[Original]


class SourceRepair(TypedDict):
    """Our repair of what was noted about a source."""

    kind: str
    reason: str
    changes: JsonObject
    position: int
    recorded: str
    recorded_by: str


class SourceView(TypedDict):
    """A source as noted at a position."""

    id: str
    title: str
    publisher: str
    url: str | None
    published: Edtf
    zone: str
    language: str | None
    agency: Annotated[str | None, Meta(description="Whose words the publisher passes on")]
    derived_from: Annotated[list[str], Meta(description="The sources that it is made from")]
    text_is: Annotated[
        TextIs, Meta(description="Whether its text is its own words, a part, our digest or a translation")
    ]
    withdrawn: bool
    version: Annotated[int, Meta(description="The latest version")]
    sha256: str
    versions: list[Version]
    corrections: list[SourceRepair]
    redaction: NotRequired[Redaction]


class SourceText(TypedDict):
    """The text of a source's version."""

    id: str
    version: int
    sha256: str
    text: str


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
        "publisher": noted.publisher.name,
        "url": noted.url,
        "published": noted.published,
        "zone": noted.zone,
        "language": noted.language,
        "agency": noted.agency and noted.agency.name,
        "derived_from": [*noted.derived_from],
        "text_is": noted.text_is,
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
                **_original(entry),
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


def _original(entry: Entry) -> _OfOriginal:
    """What a version says of the bytes that it was taken from; nothing where there are none, or they are erased."""
    said = entry.data.get("original")
    return {"original": cast(Original, said)} if isinstance(said, dict) else {}


def page_of_sources(snapshot: Snapshot, clocks: Clocks, after: str, limit: int) -> tuple[list[SourceView], str | None]:
    """Sources in the order of their ids from after `after`, and the id to go on from; None at the end."""
    views: list[SourceView] = []
    for names in recorded_sources(snapshot, clocks.position, after):
        views += sources_among(snapshot, names, clocks)
        if len(views) > limit:
            return views[:limit], views[limit - 1]["id"]
    return views, None


def recorded_sources(snapshot: Snapshot, position: int, after: str = "") -> Iterator[list[str]]:
    """The ids of all sources recorded by the position, in order from after `after`, some at a time."""
    while names := [name for (name,) in snapshot.probe(_RECORDED, None, after, position, _AT_ONCE)]:
        yield names
        after = names[-1]


def noted_sources(snapshot: Snapshot, names: Iterable[str], position: int) -> dict[str, SourceState]:
    """What is noted at the position about each of the sources."""
    found = histories(snapshot, "source", names, position)
    noted = {name: SourceHistory(name, entries).at() for name, entries in found.items()}
    return {name: each for name, each in noted.items() if each is not None}


def text(snapshot: Snapshot, name: str, version: int | None, clocks: Clocks) -> SourceText:
    """The text of a source's version, the latest if none is named.

    Raises:
        NotFound: there is no such source or version by the clocks, or it has no text.
    """
    noted = source(snapshot, name, clocks)
    shown = version_of(noted, version)
    table = snapshot.table("texts")
    found = snapshot.rows(select(table.c.text).where(table.c.source == name, table.c.version == shown["version"]))
    if not found:
        raise NotFound(f"version {shown['version']} of source {name!r} has no text")
    return {"id": name, "version": shown["version"], "sha256": shown["sha256"], "text": found[0].text}


def original(snapshot: Snapshot, name: str, version: int | None, clocks: Clocks) -> tuple[Original, int]:
    """What is said of the bytes of a version, and the number of the event of the source beside which they are kept.

    Raises:
        NotFound: there is no such source or version by the clocks, or none of its bytes are kept.
    """
    shown = version_of(source(snapshot, name, clocks), version)
    if "original" not in shown:
        raise NotFound(f"no original of version {shown['version']} of source {name!r} is kept")
    texts = [entry for entry in histories(snapshot, "source", [name], clocks.position)[name] if entry.name in TEXTS]
    return shown["original"], texts[shown["version"] - 1].version


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
