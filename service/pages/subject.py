"""One subject's page: its state, each value beside the words that it rests on."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.history.fact_as_of import FactAsOf
from events.kinds.descriptions import subject_kind_in_words
from projections.fold.answer_types import Beside, Finding, Rival, State, VerdictInForce
from projections.fold.part import field_of
from projections.queries.evidence.facts_as_of import state_with_grounds
from projections.queries.history.belief_history import BY
from projections.queries.subjects.findings_by_name import findings_of
from projections.read_models.citation_warnings import IN_WORDS
from service.pages.history.belief_chart import belief_chart
from service.pages.history.evolution import evolution
from service.pages.matters import every_state, matter
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import claim_in_words, facts_in_words, has_come, quotes_in_words
from service.pages.wording.status_ladders import passed_by, staircase, status_when, steps
from service.wording.phrases import anchor, finding_name, finding_value, reports_in_words

MOST_FOR_STEPS = 60
_BESIDE: tuple[Beside, ...] = ("denied", "planned", "alleged", "possible")


def subject_page(page: PageRequest, name: str, by: str, *, evolved: bool) -> dict[str, Any]:
    """What the page of a subject shows, its history along `by`; every step of many facts only if `evolved`."""
    state, facts = state_with_grounds(page.snapshot, name, page.clocks)
    shown = _in_words(page, name, state, facts)
    parts, is_cut = every_state(page, part_of=name)
    page.know([], [part["id"] for part in parts])
    along = by if by in BY else BY[0]
    return {
        "state": state,
        "kind": subject_kind_in_words(state["kind"]),
        "merged_into": state.get("merged_into"),
        "title": page.named(name),
        "whole": state["part_of"] and (page.named(state["part_of"]), page.subject_link(state["part_of"])),
        "steps": steps(state),
        "passed": passed_by(state),
        "stairs": _stairs(state, facts, shown, page),
        "groups": _groups(page, state, facts, shown),
        "contested": _contested(page, state, facts, shown),
        "possibly": _possibly(page, state),
        "beside": [
            (modality, [claim_in_words(each, shown) for each in state[modality]])
            for modality in _BESIDE
            if state[modality]
        ],
        "retracted": [claim_in_words({"fact": fact.id}, shown) for fact in facts.values() if fact.retracted],
        "parts": [matter(page, part) for part in parts if part["kind"] != "actor"],
        "parts_are_cut": is_cut,
        "belief": belief_chart(page, name, along),
        "steps_of": evolution(page, name, along) if len(facts) <= MOST_FOR_STEPS or evolved else None,
        "facts": len(facts),
        "linked": [shown[fact.id] for fact in facts.values() if has_come(fact.modality, shown[fact.id]["certainty"])],
    }


def _in_words(page: PageRequest, name: str, state: State, facts: dict[str, FactAsOf]) -> dict[str, dict[str, Any]]:
    """The subject's facts in words, by id; every name and source that the page needs is looked up at once."""
    page.know_sources(source for fact in facts.values() for source in fact.publishers)
    subjects = {each for each in (name, state["part_of"], state.get("merged_into")) if each}
    return facts_in_words(page, facts.values(), subjects)


def _stairs(state: State, facts: dict[str, FactAsOf], shown: dict[str, Any], page: PageRequest) -> list[dict[str, Any]]:
    return [
        {**rung, "facts": [shown[fact.id] for fact in rung["facts"]], "others": max(0, len(rung["facts"]) - 1)}
        for rung in staircase(state, facts.values(), page.clocks.at)
    ]


def _findings(state: State) -> dict[str, Finding]:
    """The findings that a page shows: the title stands at its head and its whole above."""
    hidden = ("title", "part_of")
    return {name: each for name, each in findings_of(state).items() if name not in hidden or each["rivals"]}


def _groups(page: PageRequest, state: State, facts: dict[str, FactAsOf], shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Findings without rivals, those together that the same fact decides and the same words carry."""
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for name, finding in _findings(state).items():
        if finding["rivals"]:
            continue
        deciding = _fact_of(finding["because"][0])
        quotes = once(quotes_of(page, name, finding["because"], facts, shown))
        words = tuple((quote["source"], quote["exact"]) for quote in quotes)
        group = groups.setdefault((deciding, *words), {"fact": shown[deciding], "values": [], "quotes": quotes})
        group["values"].append(
            {
                "name": finding_name(name, page.named, state["kind"]),
                "value": finding_value(name, finding["value"], page.named),
                "since": status_when(finding["value"], finding["since"], state["kind"]) if name == "status" else None,
                "anchor": anchor(name),
                "told": reports_in_words(finding["reports"], finding["origins"]),
                "marks": sorted({IN_WORDS[mark["mark"]] for mark in finding.get("marks", ())}),
            }
        )
    return [*groups.values()]


def _fact_of(ground: str) -> str:
    """The fact that gives a value, or whose dispute `fact#n` does."""
    return ground.partition("#")[0]


def once(quotes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The quotes, each once, however its words are spaced."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for quote in quotes:
        words = " ".join(quote["exact"].split())
        found.setdefault((quote["source"], words, str(quote["translation"])), quote)
    return list(found.values())


def _contested(
    page: PageRequest, state: State, facts: dict[str, FactAsOf], shown: dict[str, Any]
) -> list[dict[str, Any]]:
    """Findings with rivals: the sides beside each other, each with its own words."""
    found = []
    for name, finding in _findings(state).items():
        if finding["rivals"]:
            because = finding["because"]
            said_by = facts[because[0]].by if because[0] in facts else None
            ours: Rival = {"value": finding["value"], "because": because, "by": said_by}
            sides = [
                {
                    "value": finding_value(name, side["value"], page.named),
                    "by": page.who(side["by"]) if side["by"] else None,
                    "quotes": once(quotes_of(page, name, side["because"], facts, shown)),
                }
                for side in (ours, *finding["rivals"])
            ]
            label = finding_name(name, page.named, state["kind"])
            verdict = finding.get("verdict")
            preferred = next((side for side in (ours, *finding["rivals"]) if _is_preferred(side, verdict)), None)
            told = reports_in_words(finding["reports"], finding["origins"])
            row = {"name": label, "anchor": anchor(name), "told": told, "sides": sides}
            value = finding_value(name, preferred["value"], page.named) if preferred else None
            found.append({**row, "verdict": verdict, "preferred": value})
    return found


def _is_preferred(side: Rival, verdict: VerdictInForce | None) -> bool:
    return verdict is not None and verdict["prefers"] in side["because"]


def quotes_of(
    page: PageRequest, finding: str, because: Iterable[str], facts: Mapping[str, FactAsOf], shown: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The quotes that carry a value, each with its fact.

    They are those of a dispute, where the ground is `fact#n`, or of the correction that set it, else those of the fact.
    """
    quotes: list[dict[str, Any]] = []
    for ground in because:
        fact, _, number = ground.partition("#")
        entry = facts[fact].history.entries[int(number)] if number else facts[fact].set_by(field_of(finding))
        own = entry.data.get("citations", ()) if entry else ()
        cited = quotes_in_words(page, page.marked(own)) if own or number else shown[fact]["quotes"]
        quotes += [{**quote, "fact": shown[fact]} for quote in cited]
    return quotes


def _possibly(page: PageRequest, state: State) -> list[dict[str, Any]]:
    return [
        {
            "name": finding_name(name, page.named, state["kind"]),
            "values": [finding_value(name, other["value"], page.named) for other in others],
        }
        for name, others in state["possibly"].items()
    ]
