"""What a text itself tells: its language, and the agency that its dateline names."""

import re

_AGENCY = re.compile(
    r"""^[^\n]{0,80}?(?:
        \((?P<inside>[^\W\d_][^()\n\d]{1,38})\)\s*[-\u2010-\u2015:.]    # ISTANBUL, May 16 (Reuters) -
      | /(?P<slashes>[^\W\d_][^/\n\d]{1,30})/\s*[-\u2010-\u2015.]       # MOSCOW, May 16. /TASS/.
      )""",
    re.X | re.M,
)
_DATELINE_WITHIN = 600


def agency_in(text: str) -> str | None:
    """The agency in the dateline of a report: `(Reuters) -`, `ISTANBUL (AA) -`, and `/TASS/.`, as it is written."""
    found = _AGENCY.search(text[:_DATELINE_WITHIN])
    return (found["inside"] or found["slashes"]).strip() if found else None


def language_of(text: str) -> str | None:
    """The language (BCP 47) that a text is most likely in; None where that is not sure."""
    import pycld2

    try:
        is_sure, _, likely = pycld2.detect(text.encode())
    except pycld2.error:
        return None
    code: str = likely[0][1]
    return code if is_sure and code != "un" else None
