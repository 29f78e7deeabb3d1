"""Links of this service in a text that somebody pasted: an article, its HTML, or a list of addresses."""

import re
from html import unescape
from typing import NamedTuple
from urllib.parse import urlsplit

from events.errors import Invalid
from projections.queries.following.followed import CitedAddress
from service.web.addresses.permalinks import cited_by
from service.web.following.asked import MOST_ADDRESSES

MOST_LETTERS = 500_000
"""Of a text; what follows is not read."""
_LINK = re.compile(
    r"(?:https?://[^\s<>\"'()\[\]{}]{1,300}?)?/(?:subjects/|facts/|compare\?|diff\?)[^\s<>\"'()\[\]{}]{1,2000}"
)
_TRAILING = ".,;:!?\u00bb\u201d\u2019"


class Pasted(NamedTuple):
    """What a text holds: what it cites, links that cite nothing with the reason, and whether there were more."""

    cited: list[CitedAddress]
    others: list[tuple[str, str]]
    is_cut: bool


def links_in(text: str, hosts: set[str]) -> Pasted:
    """The links of a text that lead to the hosts of this service, each once; and those without a host."""
    cited, others = [], []
    found = dict.fromkeys(unescape(each[0]).rstrip(_TRAILING) for each in _LINK.finditer(text[:MOST_LETTERS]))
    for address in found:
        try:
            host = urlsplit(address).netloc
            if host and host.lower() not in hosts:
                others.append((address, f"it leads to {host}, which is another service"))
            else:
                cited.append(CitedAddress(address, cited_by(address)))
        except (Invalid, ValueError) as error:
            others.append((address, error.sentence if isinstance(error, Invalid) else "it is no address"))
    return Pasted(cited[:MOST_ADDRESSES], others[:MOST_ADDRESSES], len(cited) > MOST_ADDRESSES)
