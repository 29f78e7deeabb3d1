"""The names of events and of causes of differences, each with its mark."""

import re

from projections.queries.history.evolution import EventView

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
EVENTS = {
    "FactCorroborated": ("c-corro", "corroboration"),
    "FactDisputed": ("c-disp", "dispute"),
    "FactCorrected": ("c-corr", "correction"),
    "FactRetracted": ("c-retr", "retraction"),
    "FactReinstated": ("c-rein", "reinstatement"),
    "AmendmentWithdrawn": ("c-corr", "amendment withdrawn"),
}
NEW_FACT = ("c-new", "new fact")
CAUSES = {
    "new_fact": NEW_FACT,
    "late_report": ("c-late", "late report"),
    "time_passed": ("c-time", "time passed"),
    "account": ("c-alleged", "told by one, not by the other"),
    "source_revised": ("c-corr", "source revised"),
    "source_withdrawn": ("c-retr", "source withdrawn"),
    "source_reinstated": ("c-rein", "withdrawal of the source undone"),
    "corroboration": ("c-corro", "corroboration"),
    "dispute": ("c-disp", "dispute"),
    "retraction": ("c-retr", "retraction"),
    "reinstatement": ("c-rein", "reinstatement"),
    "verdict": ("c-corr", "verdict of this desk"),
}
LEGEND = (
    (*NEW_FACT, "a fact that was not known before"),
    (*CAUSES["late_report"], "an older report, recorded later"),
    ("c-corr", "correction", "the source, or this desk, put it right"),
    (*CAUSES["retraction"], "it was taken back"),
    (*CAUSES["reinstatement"], "a retraction was undone"),
    (*CAUSES["corroboration"], "another source says the same"),
    (*CAUSES["dispute"], "a source says otherwise"),
    (*CAUSES["time_passed"], "no event: a date went by"),
)
"""The chief causes: the mark, the name, and what it means."""


def event_in_words(event: EventView | None) -> tuple[str, str]:
    """An event's mark and its name: "correction by the source", "retraction by this desk"."""
    if event is not None and event["event"] in EVENTS:
        mark, words = EVENTS[event["event"]]
        by_us = event["kind"] is not None
        return mark, f"{words} by {'this desk' if by_us else 'the source'}" if mark in ("c-corr", "c-retr") else words
    if event is None or "fact" in event:
        return NEW_FACT
    return "c-corr", _CAPITAL.sub(" ", event["event"]).lower()


def cause_in_words(name: str) -> tuple[str, str]:
    """A cause's mark and its words: `correction:source` is "correction by the source"."""
    if name in CAUSES:
        return CAUSES[name]
    cause, _, kind = name.replace("_", " ").partition(":")
    by = "by the source" if kind == "source" else f"({kind})" if kind else ""
    return "c-corr", f"{cause} {by}".strip()
