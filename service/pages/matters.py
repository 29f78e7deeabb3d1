"""Matters: subjects with their state, as rows of a table."""

from typing import Any

from events.kinds.descriptions import subject_kind_in_words
from projections.fold.answer_types import State
from projections.queries.subjects.findings_by_name import findings_of
from projections.queries.subjects.state_pages import page_of_states
from service.pages.request import PageRequest
from service.pages.wording.status_ladders import passed_by, status_when, steps

MOST_SUBJECTS = 2_000


def every_state(page: PageRequest, **filters: str | None) -> tuple[list[State], bool]:
    """The states of all subjects that pass the filters, in the order of their ids, and if there are more than 2,000."""
    found: list[State] = []
    after: str | None = ""
    while after is not None and len(found) < MOST_SUBJECTS:
        some, after = page_of_states(page.snapshot, page.clocks, filters, after, min(500, MOST_SUBJECTS - len(found)))
        found += [each.read() for each in some]
    return found, after is not None


def is_known(state: State) -> bool:
    """Whether any fact is known of the subject: more than that it was described."""
    told = any(finding["since"] for finding in findings_of(state).values())
    return told or any(state[claims] for claims in ("possible", "denied", "planned", "alleged"))


def matter(page: PageRequest, state: State) -> dict[str, Any]:
    """A row of the table of matters."""
    return {
        "id": state["id"],
        "kind": subject_kind_in_words(state["kind"]),
        "title": page.named(state["id"]),
        "href": page.subject_link(state["id"]),
        "part_of": state["part_of"],
        "status": state["status"]["value"],
        "since": state["status"]["since"] or _latest(state),
        "when": status_when(state["status"]["value"], state["status"]["since"], state["kind"]),
        "steps": steps(state),
        "passed": passed_by(state),
        "contested": sum(bool(finding["rivals"]) for finding in findings_of(state).values()),
        "uncertain": bool(state["possibly"]) or bool(state["possible"]),
        **{modality: len(state[modality]) for modality in ("denied", "planned", "alleged")},
    }


def _latest(state: State) -> str | None:
    """Where there is no status, since when the last field in order has its value."""
    return next((each["since"] for each in reversed(state["fields"].values()) if each["since"]), None)
