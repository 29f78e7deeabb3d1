"""Which recorded sources a text seems to repeat: a suggestion to whoever records it, without any effect."""

from collections.abc import Iterable
from typing import Annotated, TypedDict

from msgspec import Meta
from sqlalchemy import desc, select

from events.history.streams import HEAD
from projections.read_models.histories import read_sources
from projections.read_models.texts.shingles import ComparedText, SharedSpan, shared_passages, sources_sharing
from projections.store.snapshots import Snapshot

LEAST_SHARE = 0.4
"""Of the words of the shorter text: what a text repeats that is of the same origin."""
_MOST_LOOKED_AT, _MOST_PASSAGES, _MOST_SHOWN = 10, 5, 300


class SharedPassage(TypedDict):
    """Words that stand in both texts."""

    start: Annotated[int, Meta(description="Where they begin in the text sent, in characters")]
    end: int
    words: Annotated[str, Meta(description="The words; of a long passage its beginning")]


class RepeatedSource(TypedDict):
    """A source whose words a text seems to repeat. Where it does, a source correction of `derived_from` says so."""

    source: str
    share: Annotated[float, Meta(description="What part of the shorter text stands in both")]
    passages: Annotated[list[SharedPassage], Meta(description="The longest of those shared")]


def repeated_sources(snapshot: Snapshot, text: str, apart: Iterable[str]) -> list[RepeatedSource]:
    """The sources whose latest text shares long passages with this one, what repeats most first.

    Not those `apart`, nor what these derive from: that is noted already.
    """
    compared, left_out = ComparedText(text), set(apart)
    left_out |= read_sources(snapshot, left_out, HEAD).keys()
    likely = [source for source, _ in sources_sharing(snapshot, compared).most_common() if source not in left_out]
    found = (_repeated(snapshot, source, text, compared) for source in likely[:_MOST_LOOKED_AT])
    return sorted(filter(None, found), key=lambda each: (-each["share"], each["source"]))


def _repeated(snapshot: Snapshot, source: str, text: str, compared: ComparedText) -> RepeatedSource | None:
    texts = snapshot.table("texts")
    latest = select(texts.c.text).where(texts.c.source == source).order_by(desc(texts.c.version)).limit(1)
    other = ComparedText(snapshot.rows(latest)[0].text)
    passages, share = shared_passages(compared, other)
    if share < LEAST_SHARE:
        return None
    longest = sorted(sorted(passages, key=lambda each: -each.words)[:_MOST_PASSAGES])
    return {"source": source, "share": round(share, 3), "passages": [_shown(text, each) for each in longest]}


def _shown(text: str, passage: SharedSpan) -> SharedPassage:
    words = text[passage.start : passage.end]
    return {
        "start": passage.start,
        "end": passage.end,
        "words": words if len(words) <= _MOST_SHOWN else words[: _MOST_SHOWN - 1] + "…",
    }
