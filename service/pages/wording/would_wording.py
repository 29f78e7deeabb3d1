"""What commands would change, in words: each finding before and after, what would be contested, what time would do."""

from itertools import groupby
from typing import Any

from projections.queries.history.would_change import FindingWouldDiffer, WouldChange
from service.pages.history.evolution import change_shown, named_by_findings
from service.pages.request import PageRequest
from service.wording.causes import cause_in_words
from service.wording.date_wording import day

_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def change_in_words(page: PageRequest, change: WouldChange) -> dict[str, Any]:
    """What would change, by subject, as a page prints it."""
    sides = [(each["finding"], each[side]) for each in change["changes"] for side in ("from", "to")]
    subjects = {each["subject"] for each in change["changes"]}
    page.know([], named_by_findings(sides) | subjects | {each["subject"] for each in change["passing"]})
    grouped = groupby(change["changes"], key=lambda each: each["subject"])
    return {
        "new": change["new"],
        "subjects": [
            {
                "title": page.named(subject),
                "href": page.subject_link(subject),
                "rows": [_row(page, each) for each in found],
            }
            for subject, found in grouped
        ],
        "passing": [
            {"title": page.named(each["subject"]), "status": each["status"], "since": day(each["since"])}
            for each in change["passing"]
        ],
        "unread": change.get("unread", 0),
    }


def _row(page: PageRequest, each: FindingWouldDiffer) -> dict[str, Any]:
    before, after = each["from"], each["to"]
    row = change_shown(page, each["subject"], each["finding"], before, after)
    was, becomes = bool(before and before["rivals"]), bool(after and after["rivals"])
    row["contested"] = (
        "would be contested" if becomes and not was else "no longer contested" if was and not becomes else ""
    )
    row["mark"] = cause_in_words(each["cause"])
    row["word"] = _word(before.get("reports"), after.get("reports")) if row["same"] and before and after else ""
    return row


def _word(before: int | None, after: int | None) -> str:
    """On how many reports something rests: "on the word of one report, then of two"."""
    if not before or not after or before == after:
        return ""
    return f"on the word of {_number(before)} {'report' if before == 1 else 'reports'}, then of {_number(after)}"


def _number(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"
