"""The first page: every matter with its state, what changed lately, what is contested, what is past its date."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from events.dates.bounds import clock_bound
from events.dates.calendar import instant_text
from projections.clocks import Clocks
from projections.fold.answer_types import Finding, State
from projections.queries.evidence.facts_as_of import standings_named
from projections.queries.history.timeline import newest
from projections.queries.subjects.state_pages import page_of_states
from projections.queries.subjects.states import states
from service.pages.request import Reading
from service.pages.wording.fact_views import told, viewed
from service.pages.wording.phrases import finding_name, finding_value
from service.pages.wording.status_ladders import may_pass, passed_by, steps
from service.web.access import chronology

_MOST_SUBJECTS = 2_000
_LATELY = 6
_MOST_LISTED = 12
CAUSES = {
    "FactCorroborated": ("c-corro", "corroboration"),
    "FactDisputed": ("c-disp", "dispute"),
    "FactCorrected": ("c-corr", "correction"),
    "FactRetracted": ("c-retr", "retraction"),
    "FactReinstated": ("c-rein", "reinstatement"),
    "AmendmentWithdrawn": ("c-corr", "amendment withdrawn"),
}
NEW_FACT = ("c-new", "new fact")


def overview(reading: Reading) -> dict[str, Any]:
    """What the overview shows."""
    found = [state for state in every_state(reading) if state["kind"] != "actor"]
    reading.learn(found)
    reading.know([], {state["part_of"] for state in found if state["part_of"]})
    matters = [matter(reading, state) for state in found]
    return {
        "groups": grouped(reading, matters),
        "summary": _summary(found),
        "contested": _contested(reading, found),
        "denied": _denied(reading, found),
        "past": _past(reading, found),
        "lately": _lately(reading),
    }


def every_state(reading: Reading, **filters: str | None) -> list[State]:
    """The states of all subjects, up to 2,000."""
    found: list[State] = []
    after = ""
    while len(found) < _MOST_SUBJECTS:
        page, last = page_of_states(reading.snapshot, reading.clocks, filters, after, 500)
        found += [each.read() for each in page]
        if last is None:
            break
        after = last
    return found


def matter(reading: Reading, state: State) -> dict[str, Any]:
    """A row of the table of matters."""
    return {
        "id": state["id"],
        "kind": state["kind"],
        "title": reading.named(state["id"]),
        "href": reading.subject_link(state["id"]),
        "part_of": state["part_of"],
        "status": state["status"]["value"],
        "since": state["status"]["since"],
        "steps": steps(state),
        "passed": passed_by(state),
        "contested": sum(bool(finding["rivals"]) for finding in _findings(state).values()),
        "uncertain": bool(state["possibly"]) or bool(state["possible"]),
        **{modality: len(state[modality]) for modality in ("denied", "planned", "alleged")},
    }


def grouped(reading: Reading, matters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The matters by what they are part of, those with the newest status first; wholes head their group."""
    inside: dict[str | None, list[dict[str, Any]]] = {}
    wholes = {each["part_of"] for each in matters if each["part_of"]}
    for each in matters:
        if each["part_of"] or each["id"] not in wholes:
            inside.setdefault(each["part_of"], []).append(each)
    ordered = sorted(inside, key=lambda whole: (whole is None, whole or ""))
    return [
        {
            "id": whole,
            "title": reading.named(whole) if whole else None,
            "href": reading.subject_link(whole) if whole else None,
            "matters": sorted(inside[whole], key=_recency, reverse=True),
        }
        for whole in ordered
    ]


def _recency(each: dict[str, Any]) -> str:
    digits = str(each["since"] or "").strip("[{")
    return digits.rpartition("..")[2] if digits.startswith("..") else digits


def _findings(state: State) -> dict[str, Any]:
    return {"status": state["status"], **state["fields"]}


def _summary(found: list[State]) -> list[tuple[str, int]]:
    """Statuses with how many matters have them, the most frequent first."""
    counted = Counter(state["status"]["value"] for state in found if state["status"]["value"])
    return counted.most_common()


def _contested(reading: Reading, found: Iterable[State]) -> dict[str, Any]:
    contested = [
        (state, name, finding) for state in found for name, finding in _findings(state).items() if finding["rivals"]
    ]
    return {
        "count": len(contested),
        "shown": [_rivals(reading, *each) for each in contested[:_MOST_LISTED]],
    }


def _rivals(reading: Reading, state: State, name: str, finding: Finding) -> dict[str, Any]:
    values = (finding["value"], *(rival["value"] for rival in finding["rivals"]))
    return {
        "about": reading.named(state["id"]),
        "href": reading.link("subject", name=state["id"], _anchor=anchor(name)),
        "name": finding_name(name, reading.named),
        "values": [finding_value(name, value, reading.named) for value in values],
    }


def anchor(name: str) -> str:
    """The id of a finding's place on the page of its subject."""
    return "finding-" + "".join(letter if letter.isalnum() else "-" for letter in name)


def _denied(reading: Reading, found: Iterable[State]) -> dict[str, Any]:
    names = [each["fact"] for state in found for each in state["denied"]]
    standings = standings_named(reading.snapshot, names[:_MOST_LISTED], reading.clocks)
    views = viewed(standings.values())
    reading.know(views)
    return {"count": len(names), "shown": [told(reading, view) for view in views]}


def _past(reading: Reading, found: list[State]) -> list[dict[str, Any]]:
    """Matters whose date went by: by the first clock, or by now where none was asked and the answer is not pinned."""
    if reading.clocks.at is None and reading.clocks.asked.position is None:
        found = _at_now(reading, [state["id"] for state in found if may_pass(state)])
    return [matter(reading, state) for state in found if passed_by(state)]


def _at_now(reading: Reading, subjects: list[str]) -> list[State]:
    clocks = reading.clocks
    asked = replace(clocks.asked, at="now").at_instant(chronology().now())
    now = Clocks(asked, clock_bound(str(asked.at), "UTC"), clocks.reported, clocks.position)
    return states(reading.snapshot, subjects, now)


def _lately(reading: Reading) -> list[dict[str, Any]]:
    found = newest(reading.snapshot, reading.clocks, _LATELY)
    views = viewed(standing for _, standing in found)
    reading.know(views)
    return [
        {"mark": CAUSES.get(entry.name, NEW_FACT), "recorded_on": instant_text(entry.recorded), **told(reading, view)}
        for (entry, _), view in zip(found, views, strict=True)
    ]
