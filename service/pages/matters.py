"""Matters: subjects with their state, as rows of a table."""

from typing import Any

from events.kinds.descriptions import subject_kind_in_words
from projections.fold.answer_types import Finding, State
from projections.queries.subjects.state_pages import page_of_states
from service.pages.request import PageRequest
from service.pages.wording.status_ladders import passed_by, steps

_MOST_SUBJECTS = 2_000


def every_state(page: PageRequest, **filters: str | None) -> list[State]:
    """The states of all subjects, up to 2,000."""
    found: list[State] = []
    after: str | None = ""
    while after is not None and len(found) < _MOST_SUBJECTS:
        some, after = page_of_states(page.snapshot, page.clocks, filters, after, 500)
        found += [each.read() for each in some]
    return found


def matter(page: PageRequest, state: State) -> dict[str, Any]:
    """A row of the table of matters."""
    return {
        "id": state["id"],
        "kind": subject_kind_in_words(state["kind"]),
        "title": page.named(state["id"]),
        "href": page.subject_link(state["id"]),
        "part_of": state["part_of"],
        "status": state["status"]["value"],
        "since": state["status"]["since"],
        "steps": steps(state),
        "passed": passed_by(state),
        "contested": sum(bool(finding["rivals"]) for finding in findings_of(state).values()),
        "uncertain": bool(state["possibly"]) or bool(state["possible"]),
        **{modality: len(state[modality]) for modality in ("denied", "planned", "alleged")},
    }


def findings_of(state: State) -> dict[str, Finding]:
    """The status and the fields of a state, by name."""
    return {"status": state["status"], **state["fields"]}
