"""JSON Feed 1.1: messages to those who follow, for readers of feeds and for programs."""

import orjson

from service.formats.offer.feed import Feed, content, feed_of
from service.formats.offer.manifest import Format

MEDIA_TYPE = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def written(feed: Feed) -> bytes:
    """The feed as JSON; each item has its message, before and after included, as `_chronology`."""
    return orjson.dumps(
        {
            "version": _VERSION,
            "title": feed.title,
            "home_page_url": feed.page,
            "feed_url": feed.address,
            "authors": [{"name": feed.author}],
            "items": [
                {
                    "id": f"urn:uuid:{each['id']}",
                    "url": each["permalink"],
                    "title": each["title"],
                    "summary": each["words"],
                    "content_text": content(each),
                    "date_published": each["moment"],
                    "tags": [each["kind"]],
                    "_chronology": each,
                }
                for each in feed.messages
            ],
        }
    )


FORMAT = Format(
    name="jsonfeed",
    title="JSON feed",
    media_type=MEDIA_TYPE,
    suffix="feed.json",
    follows="JSON Feed 1.1",
    loses=("all but the newest messages",),
    writes={"messages": lambda taken: iter([written(feed_of(taken, "json"))])},
)
