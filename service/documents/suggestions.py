"""The id that a document may be given: from its publisher, its date and its title."""

import re
from collections.abc import Mapping
from typing import Any

from anyascii import anyascii

_LONGEST = 80
_DAY = re.compile(r"-?\d{4}(-\d{2}){0,2}")


def suggested_id(noted: Mapping[str, Any]) -> str:
    """An id for a source of which this is noted: `gazette-2025-05-16-talks-end`; the same for the same document."""
    day = _DAY.match(noted.get("published") or "")
    parts = [slug_of(noted.get("publisher")), day[0].strip("-") if day else "", slug_of(noted.get("title"))]
    whole = "-".join(filter(None, parts))
    cut = whole if len(whole) <= _LONGEST else whole[: _LONGEST + 1].rpartition("-")[0] or whole[:_LONGEST]
    return cut.rstrip("-") or "document"


def slug_of(text: str | None) -> str:
    """Its letters and digits in Latin script, in lower case, with hyphens between; empty where it has none."""
    return re.sub(r"[^a-z0-9]+", "-", anyascii(text or "").lower()).strip("-")
