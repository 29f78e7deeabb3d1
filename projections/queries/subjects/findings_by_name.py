"""All that a state says, as findings by name: status, fields, claims, and what else may be."""

from typing import Literal, cast

from events.field_types import Json
from projections.fold.answer_types import Claim, Finding, OtherValue, State

CLAIMS: tuple[Literal["denied", "planned", "alleged"], ...] = ("denied", "planned", "alleged")
_APART = ("fact", "occurred", "marks")


def findings_of(state: State | None) -> dict[str, Finding]:
    """The status, where there is one, and the fields."""
    if state is None:
        return {}
    status = {"status": state["status"]} if state["status"]["value"] is not None else {}
    return status | state["fields"]


def findings(state: State | None) -> dict[str, Finding]:
    """The status and the fields, claims as `denied[FACT]`, and other values as `possibly[NAME]`."""
    if state is None:
        return {}
    claims = {f"{sort}[{claim['fact']}]": _claimed(claim) for sort in CLAIMS for claim in state[sort]}
    possibly = {f"possibly[{name}]": _possible(others) for name, others in state["possibly"].items()}
    return findings_of(state) | claims | possibly


def _claimed(claim: Claim) -> Finding:
    """A claim as a finding: its value says what is claimed and what answers it; it rests on its fact and on those."""
    found: Finding = {
        "value": cast(Json, {name: value for name, value in claim.items() if name not in _APART}),
        "because": [claim["fact"], *(answer["fact"] for answer in claim["answered_by"])],
        "since": claim["occurred"],
        "rivals": [],
    }
    if "marks" in claim:
        found["marks"] = claim["marks"]
    return found


def _possible(others: list[OtherValue]) -> Finding:
    """What else a finding may be, as a finding: its value is the list of the other values."""
    because = dict.fromkeys(fact for other in others for fact in other["because"])
    return {"value": cast(Json, others), "because": [*because], "since": None, "rivals": []}
