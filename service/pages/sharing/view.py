"""What names a view of the chronology elsewhere: its address for good, and the log that it was read from."""

from base64 import b64encode
from typing import Any, NamedTuple

from events.dates.calendar import instant_text
from projections.clocks import recorded_at
from projections.read_models.merkle_tiles import root
from service.pages.request import PageRequest
from service.web.addresses.permalinks import NO_LIMIT
from service.wording.clock_wording import clocks_in_words


class Head(NamedTuple):
    """The last entry of the log that a view counts: how many there are, the root of their tree, when it was recorded.

    Root and instant are None where the log is empty.
    """

    position: int
    root: str | None
    recorded: str | None


def head_of(page: PageRequest) -> Head:
    """The head of the log at the page's position (root: RFC 9162, SHA-256 in base64, as checkpoints have it)."""
    position = page.clocks.position
    if position == 0:
        return Head(0, None, None)
    recorded = recorded_at(page.snapshot, position)
    instant = None if recorded is None else instant_text(recorded)
    return Head(position, b64encode(root(page.snapshot, position)).decode(), instant)


def fixed(page: PageRequest) -> dict[str, Any]:
    """The clocks of a page as parameters that show the same for good: the third is fixed by the position."""
    asked = page.clocks.asked
    dates = {"at": asked.at or NO_LIMIT, "reported_until": asked.reported_until, "recorded_until": None}
    return {**page.kept, **dates, "position": page.clocks.position}


def clocks_for_good(page: PageRequest) -> str:
    """What the clocks stood at, in words that stay true: with an entry of the log in place of now."""
    asked, position = page.clocks.asked, page.clocks.position
    fixed = {"reported_until": asked.reported_until or "", "position": str(position), "zone": page.kept.get("zone", "")}
    return "".join(each.text for each in clocks_in_words(page.clocks, fixed, asked.at, page.named))
