"""What is embedded in pages of others: a matter, or a timeline, in short and with links to the whole."""

from typing import Any

from markupsafe import Markup

from events.history.fact_as_of import FactAsOf
from projections.queries.history.timeline import FactFilter, happenings
from projections.queries.subjects.states import state
from service.pages.matters import findings_of, matter
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import fact_in_words
from service.web.responses import whole
from service.wording.phrases import finding_name, finding_value

MOST_FINDINGS = 12
MOST_FACTS = 50
_IFRAME = Markup(
    '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy" style="border:0"'
    ' referrerpolicy="no-referrer"></iframe>'
)


def embedded_matter(page: PageRequest, name: str) -> dict[str, Any]:
    """The state of a matter with its first findings; NotFound if no event up to the position names it."""
    found = state(page.snapshot, name, page.clocks)
    shown = {
        each: finding for each, finding in findings_of(found).items() if each not in ("status", "title", "part_of")
    }
    row = matter(page, found)
    return {
        **row,
        "findings": [
            {
                "name": finding_name(each, page.named, found["kind"]),
                "values": [finding_value(each, side["value"], page.named) for side in (finding, *finding["rivals"])],
            }
            for each, finding in [*shown.items()][:MOST_FINDINGS]
        ],
        "more": max(0, len(shown) - MOST_FINDINGS),
        "address": whole(row["href"]),
    }


def embedded_timeline(page: PageRequest, subject: str | None) -> dict[str, Any]:
    """The newest facts of a subject, or of all; NotFound if no event up to the position names the subject."""
    found = _newest(page, subject)
    views = page.views(found[:MOST_FACTS])
    page.know(views, [subject] if subject else [])
    return {
        "title": page.named(subject) if subject else "What happened, newest first",
        "subject": subject,
        "rows": [fact_in_words(page, view) for view in views],
        "more": len(found) > MOST_FACTS,
        "address": whole(page.link("chronology", subject=subject)),
    }


def _newest(page: PageRequest, subject: str | None) -> list[FactAsOf]:
    """The newest facts first, one more than are shown."""
    if subject is not None:
        state(page.snapshot, subject, page.clocks)
    wanted = FactFilter(subjects=[subject] if subject else None, come=True)
    found, _ = happenings(page.snapshot, page.clocks, wanted, b"", MOST_FACTS + 1, newest_first=True)
    return [each.fact for each in found]


def embed_code(address: str, title: str, height: int) -> str:
    """The HTML by which a page of others embeds what is at the address."""
    return str(_IFRAME.format(whole(address), title, height))
