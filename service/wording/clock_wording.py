"""What the clocks of a page stand at, in words."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from projections.clocks import Clocks
from service.wording.date_wording import in_words, short


class Words(NamedTuple):
    """A run of words; `is_chosen` where a reader has chosen what it says."""

    text: str
    is_chosen: bool = False


def reading_in_words(text: str | None) -> str:
    """A reading of a clock, a day or an instant, in words; instants to the minute."""
    return short(text) if text and "T" in text else text if text in ("now", "no limit") else in_words(text)


def clocks_in_words(
    clocks: Clocks, kept: Mapping[str, str], at: str | None, named: Callable[[str], str]
) -> list[Words]:
    """What the clocks stand at: "today, all reports, our records as of now", or which past it is."""
    words = [Words("today" if at == "now" else "every date" if at is None else reading_in_words(at), at != "now")]
    if reported := kept.get("reported_until"):
        words += [Words(", from reports up to "), Words(reading_in_words(reported), True)]
    else:
        words.append(Words(", all reports"))
    if recorded := kept.get("recorded_until"):
        words += [Words(", our records as of "), Words(reading_in_words(recorded), True)]
    elif kept.get("position"):
        words += [Words(", our records up to "), Words(f"entry {clocks.position:,}", True)]
    else:
        words.append(Words(", our records as of now"))
    if clocks.asked.reading is not None:
        words += [Words(", as told by "), Words(named(clocks.asked.reading), True)]
    if zone := kept.get("zone"):
        words.append(Words(f", in days of {zone}"))
    return words
