"""Specification by example: each scenario told over HTTP, each question asked, and asked again at the end."""

from pathlib import Path
from typing import Any

import pytest

from events.field_types import canonical
from service.chronicle.json_limits import yaml_in
from tests.conftest import SHARED, Api

OWN = sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))
GIVEN = [path for pattern in ("*.yaml", "depth/*.yaml") for path in sorted((SHARED / "scenarios").glob(pattern))]


class Teller:
    """Posts the steps of a story and remembers what each was answered."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.facts: dict[str, str] = {}
        self.positions: dict[str, int] = {}
        self.amendments: dict[str, tuple[str, int]] = {}
        self.acts: dict[str, str] = {}

    def tell(self, step: dict[str, Any]) -> None:
        name = step.get("as")
        if "source" in step:
            self._note(name, self.api.posted("/sources", step["source"]))
        elif "subject" in step:
            self._note(name, self.api.posted("/subjects", step["subject"]))
        elif "fact" in step:
            answer = self.api.posted("/facts", {"id": name, **step["fact"]} if name else step["fact"])
            self._note(name, answer)
            self.facts[name or answer["id"]] = answer["id"]
        elif "facts" in step:
            bodies = [{"id": each, **body} for each, body in zip(name, step["facts"], strict=True)]
            for each, answer in zip(name, self.api.posted("/facts", bodies), strict=True):
                self._note(each, answer)
                self.facts[each] = answer["id"]
        elif "correct_source" in step:
            self._note(name, self.api.posted(f"/sources/{step['correct_source']}/corrections", step["body"]))
        elif "revise" in step:
            self._note(name, self.api.posted(f"/sources/{step['revise']}/revisions", step["body"]))
        elif "act" in step:
            self._act(name, step)
        elif "undo" in step:
            body = {"kind": "reassessment", "reason": "undone in the story"}
            self._note(name, self.api.posted(f"{self.acts[step['undo']]}/withdrawal", body))
        else:
            self._amend(name, step["amend"])

    def _act(self, name: str | None, step: dict[str, Any]) -> None:
        act = step["act"]
        path = f"/subjects/{act['subject']}/{act['call']}"
        if "refused" in step:
            assert self.api.post(path, act["body"]).status_code == step["refused"]
            return
        answer = self.api.posted(path, act["body"])
        self._note(name, answer)
        if name is not None:
            numbered = path if act["call"] == "verdicts" else f"/subjects/{act['subject']}/regroupings"
            self.acts[name] = f"{numbered}/{answer['n']}"

    def _note(self, name: str | None, answer: dict[str, Any]) -> None:
        if name is not None:
            self.positions[name] = answer["position"]

    def _amend(self, name: str | None, amend: dict[str, Any]) -> None:
        fact = self.facts[amend["fact"]]
        if "withdraw" in amend:
            _, n = self.amendments[amend["withdraw"]]
            body = {"kind": "reassessment", "reason": "undone in the story"}
            answer = self.api.posted(f"/facts/{fact}/amendments/{n}/withdrawal", body)
        else:
            answer = self.api.posted(f"/facts/{fact}/{amend['call']}", amend["body"])
        self._note(name, answer)
        if name is not None:
            self.amendments[name] = fact, answer["n"]

    def ask(self, ask: dict[str, Any]) -> Any:
        clocks = {each: ask[each] for each in ("at", "reported_until", "zone", "reading") if each in ask}
        if "position" in ask:
            clocks["position"] = self.positions[ask["position"]]
        return self.api.get(f"/subjects/{ask['subject']}", **clocks)


def check(expect: dict[str, Any], state: dict[str, Any], facts: dict[str, str]) -> None:
    """Compare a state with what is expected of it."""
    findings = {"status": state["status"], **state["fields"]}
    for member, wanted in expect.items():
        if member == "status":
            assert state["status"]["value"] == wanted
        elif member == "since":
            assert state["status"]["since"] == wanted
        elif member == "status_because":
            check_because(wanted, state["status"], facts)
        elif member == "fields":
            for name, value in wanted.items():
                found = state["fields"].get(name, {}).get("value")
                assert same(found, value), (name, found, value)
        elif member == "because":
            for name, because in wanted.items():
                check_because(because, state["fields"][name], facts)
        elif member == "each":
            for name, each in wanted.items():
                named = {who: sorted(facts[fact] for fact in by) for who, by in each.items()}
                assert {who: sorted(by) for who, by in state["fields"][name]["each"].items()} == named
        elif member == "field_since":
            assert {name: state["fields"][name]["since"] for name in wanted} == wanted
        elif member == "verdict":
            for name, verdict in wanted.items():
                found = findings[name].get("verdict")
                assert verdict == (found and {each: found[each] for each in verdict or found})
        elif member == "contested":
            assert sorted(wanted) == sorted(name for name, finding in findings.items() if finding["rivals"])
        elif member == "rivals":
            for name, values in wanted.items():
                assert alike([rival["value"] for rival in findings[name]["rivals"]], values)
        elif member == "possibly":
            assert state["possibly"].keys() == wanted.keys()
            for name, values in wanted.items():
                assert alike([each["value"] for each in state["possibly"][name]], values)
        elif member == "possibly_because":
            for name, others in wanted.items():
                found = {canonical(each["value"]): each for each in state["possibly"][name]}
                for other in others:
                    check_because(other["because"], found[canonical(other["value"])], facts)
        elif member in ("possible", "denied", "planned", "alleged"):
            assert sorted(each["fact"] for each in state[member]) == sorted(facts[fact] for fact in wanted)
        elif member in ("reports", "origins"):
            assert {name: findings[name][member] for name in wanted} == wanted
        elif member == "claims":
            check_claims(wanted, state, facts)
        else:
            raise AssertionError(f"a scenario expects {member!r}, which is not known")


def check_claims(wanted: dict[str, Any], state: dict[str, Any], facts: dict[str, str]) -> None:
    claims = {each["fact"]: each for beside in ("denied", "planned", "alleged") for each in state[beside]}
    for name, expected in wanted.items():
        claim = claims[facts[name]]
        for member, value in expected.items():
            if member == "answered_by":
                assert claim[member] == [{**each, "fact": facts[each["fact"]]} for each in value]
            elif member == "values":
                assert claim[member].keys() == value.keys()
                assert all(same(claim[member][field], each) for field, each in value.items())
            elif member == "overdue":
                assert claim.get("overdue", False) is value
            else:
                assert claim[member] == value


def check_because(wanted: list[str], finding: dict[str, Any], facts: dict[str, str]) -> None:
    assert finding["because"][0] == facts[wanted[0]]
    assert {facts[fact] for fact in wanted} <= set(finding["because"])


def same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, int) and not isinstance(wanted, bool) and isinstance(found, dict):
        wanted = {"best": wanted}
    if isinstance(wanted, dict) and isinstance(found, dict) and wanted.keys() == found.keys():
        return all(same(found[each], wanted[each]) for each in wanted)
    return bool(canonical(found) == canonical(wanted))


def alike(found: list[Any], wanted: list[Any]) -> bool:
    return len(found) == len(wanted) and all(any(same(each, value) for each in found) for value in wanted)


def test_the_given_scenarios_are_read_where_they_are_here(shared: Path) -> None:
    assert len(GIVEN) >= 8


@pytest.mark.parametrize("path", GIVEN + OWN, ids=lambda path: path.stem)
def test_a_scenario_is_answered_as_it_says_and_never_otherwise_at_a_position(path: Path, api: Api) -> None:
    story = yaml_in(path.read_text(encoding="utf-8"))
    teller = Teller(api)
    asks = story["ask"]
    pinned: list[tuple[dict[str, Any], bytes]] = []

    for step in story["steps"]:
        teller.tell(step)
        name = step.get("as")
        names = name if isinstance(name, list) else [name]
        pinned += [(ask, teller.ask(ask).data) for ask in asks if ask.get("position") in names and "position" in ask]

    for ask in asks:
        answer = teller.ask(ask)
        assert answer.status_code == ask.get("refused", 200), answer.data
        if "refused" in ask:
            continue
        check(ask["expect"], answer.get_json(), teller.facts)
    for ask, before in pinned:
        assert teller.ask(ask).data == before
