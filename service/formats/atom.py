"""Atom (RFC 4287): messages to those who follow, for readers of feeds."""

import re
from uuid import NAMESPACE_URL, uuid5

from lxml.builder import ElementMaker
from lxml.etree import tostring

from service.formats.offer.feed import Feed, content, feed_of
from service.formats.offer.manifest import Format
from service.wording.message_wording import ToldMessage

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
_MADE = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold (XML 1.0, 2.2)."""


def written(feed: Feed) -> bytes:
    """The feed as Atom."""
    head = [
        _MADE.id(f"urn:uuid:{uuid5(NAMESPACE_URL, feed.address)}"),
        _MADE.title(_plain(feed.title)),
        _MADE.updated(feed.updated),
        _MADE.author(_MADE.name(_plain(feed.author))),
        _MADE.link(rel="self", type=MEDIA_TYPE, href=feed.address),
        _MADE.link(rel="alternate", type="text/html", href=feed.page),
    ]
    made = _MADE.feed(*head, *map(_entry, feed.messages))
    return bytes(tostring(made, xml_declaration=True, encoding="utf-8"))


def _entry(message: ToldMessage) -> object:
    return _MADE.entry(
        _MADE.id(f"urn:uuid:{message['id']}"),
        _MADE.title(_plain(message["title"])),
        _MADE.updated(message["moment"]),
        _MADE.link(rel="alternate", type="text/html", href=message["permalink"]),
        _MADE.category(term=message["kind"]),
        _MADE.summary(_plain(message["words"])),
        _MADE.content(_plain(content(message)), type="text"),
    )


def _plain(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)


FORMAT = Format(
    name="atom",
    title="Atom feed",
    media_type=MEDIA_TYPE,
    suffix="atom",
    follows="RFC 4287",
    loses=("all but the newest messages", "what changed, but in words"),
    writes={"messages": lambda taken: iter([written(feed_of(taken, "atom"))])},
)
