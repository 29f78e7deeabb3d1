"""Feeds of what changed, for readers of feeds."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import Response, request, url_for

from events.dates.calendar import DAY, instant_text
from events.errors import NotFound
from events.field_types import JsonObject
from projections.clocks import Asked, clocks_for
from projections.queries.following.followed import Followed
from projections.queries.following.messages import newest_messages
from projections.queries.following.promises import promises_passed
from projections.queries.subjects.values import labels
from projections.store.snapshots import Snapshot
from service.api.blueprints import Query, blueprint, named, reference_to
from service.formats import atom, jsonfeed
from service.formats.offer.feed import Feed
from service.web.access import chronology
from service.web.dear_questions import dear
from service.web.following.asked import MOST_ADDRESSES, followed, refuse_unknown
from service.web.parameters import FactFilters, number
from service.web.responses import revalidated
from service.wording.message_wording import told

routes = blueprint("feeds", "Feeds of what changed")

_FORMATS: Mapping[str, Any] = {"atom": atom, "json": jsonfeed}
_PROMISED_DAYS = 30
_LAST = "SELECT max(recorded) FROM {entries}"
AtomFeed = named("AtomFeed", str, "The feed as Atom (RFC 4287)")
JsonFeed = named("JsonFeed", JsonObject, "The feed as JSON Feed 1.1")

routes.answers.append(JsonFeed)
_EITHER = {
    "description": "The feed",
    "content": {
        atom.MEDIA_TYPE: {"schema": reference_to(AtomFeed)},
        jsonfeed.MEDIA_TYPE: {"schema": reference_to(JsonFeed)},
    },
}


class FeedQuery(FactFilters):
    """What is followed: filters of facts, a finding of a subject, or what was cited. Nothing: everything."""

    finding = ma.fields.String(metadata={"description": "One finding of the subject, as `status`"})
    address = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 2_000)),
        validate=ma.validate.Length(1, MOST_ADDRESSES),
        metadata={"description": "A permalink that was cited; may be given again and again"},
    )
    limit = number("How many messages at the most", 1, 100, load_default=30)


@routes.get("/feed.<suffix>")
@routes.response(200, AtomFeed, content_type=atom.MEDIA_TYPE)
@routes.doc(responses={"200": _EITHER})
@routes.arguments(FeedQuery)
@dear()
def show_feed(query: Query, suffix: str) -> Response:
    """What changed lately of what is followed, the newest first: `feed.atom`, or `feed.json`."""
    if suffix not in _FORMATS:
        raise NotFound(f"there is no feed.{suffix:.20}, but {' and '.join(f'feed.{each}' for each in _FORMATS)}")
    asked = followed(query | {"addresses": query.get("address")})
    with chronology().ask(Asked()) as (snapshot, _):
        refuse_unknown(snapshot, asked)
        form = _FORMATS[suffix]
        return revalidated(form.written(_feed(snapshot, asked, query["limit"])), form.MEDIA_TYPE)


def _feed(snapshot: Snapshot, asked: Followed, most: int) -> Feed:
    """The newest messages, and of the last month what time did."""
    now, host = chronology().now(), request.host_url.rstrip("/")
    found = newest_messages(snapshot, asked, most)
    found += promises_passed(snapshot, asked, now - _PROMISED_DAYS * DAY, now)
    found = sorted(found, key=lambda each: (each["moment"], each["position"]), reverse=True)[:most]
    last = snapshot.probe(_LAST, None)[0][0]
    return Feed(
        title=_title(snapshot, asked),
        address=request.url,
        page=host + _page(asked),
        author=chronology().settings.origin,
        updated=found[0]["moment"] if found else instant_text(last or 0),
        messages=[told(snapshot, each, host) for each in found],
    )


def _title(snapshot: Snapshot, asked: Followed) -> str:
    subject = asked.filters.get("subject")
    if asked.cited:
        return f"What changed of {len(asked.cited)} {'citation' if len(asked.cited) == 1 else 'citations'}"
    if subject is None:
        return "What changed" if not asked.filters else f"What changed: {', '.join(asked.filters.values())}"
    known = labels(snapshot, [subject], clocks_for(snapshot, Asked()))
    return f"{known[subject].title}: what changed"


def _page(asked: Followed) -> str:
    subject = asked.filters.get("subject")
    return url_for("pages.overview") if subject is None else url_for("pages.subject", name=subject)
