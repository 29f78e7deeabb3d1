"""How many distinct dates are parsed and bounded a second."""

import time

from events.dates.bounds import bounds_of
from events.dates.edtf import parse

_SHAPES = ("{}-05-06", "{}~", "{}-1X-XX", "{}/..", "[{}-01-01..{}-02-03]", "{}-XX-29", "{}-21", "{}-06-02T10:00:00Z")


def measure() -> None:
    """Print the rate; at least 5,000 a second are wanted."""
    texts = [shape.format(year, year) for year in range(1000, 3500) for shape in _SHAPES]
    parse.cache_clear()
    bounds_of.cache_clear()
    start = time.perf_counter()
    for text in texts:
        bounds_of(text, "Europe/Istanbul")
    rate = len(texts) / (time.perf_counter() - start)
    print(f"{len(texts)} distinct dates parsed and bounded: {rate:,.0f} a second ({rate / 5000:.1f} times 5,000)")
