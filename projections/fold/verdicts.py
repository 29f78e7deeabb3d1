"""What editors judged of contested findings, and what that makes of them. Pure: no database, no clock."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from events.dates.calendar import instant_text
from events.field_types import Json, JsonObject, canonical
from events.history.fact_as_of import FactAsOf
from events.history.grouping import MergedInto
from events.history.streams import Entry
from projections.fold.answer_types import VerdictInForce
from projections.fold.findings import STATUS, Rivalling, decided_finding, finding_of, rivals_by_dispute, status_in
from projections.fold.fold import Fold, differ
from projections.fold.part import Setting

_KEY = re.compile(r"\[([^\]]*)\]")
Passed = Callable[[Json], Json]
"""What has become of a status by passing time alone."""


def verdicts_in_force(
    entries: Iterable[Entry], subject: str, position: int, merged_into: MergedInto
) -> dict[str, Entry]:
    """The last verdict on each finding of the subject that is in force at the position; merged actors read as one."""
    own = [each for each in entries if each.position <= position and each.data["subject"] == subject]
    withdrawn = {each.data["withdraws"] for each in own if each.name == "VerdictWithdrawn"}
    given = [each for each in own if each.name == "VerdictGiven" and each.version not in withdrawn]

    def named(finding: str) -> str:
        return _KEY.sub(lambda key: f"[{merged_into(key[1]) or key[1]}]", finding)

    return {named(each.data["finding"]): each for each in sorted(given, key=lambda each: each.version)}


def judge_fields(known: Fold, verdicts: Mapping[str, Entry]) -> None:
    """Let fields be what the verdicts on them say."""
    for name, verdict in verdicts.items():
        if name in known.winners:
            _Judgement(known, name, verdict).apply()


def judge_status(known: Fold, verdicts: Mapping[str, Entry], passed: Passed) -> None:
    """Let the status be what a verdict on it says; of a status that it sets, too, time passes."""
    if STATUS in verdicts and known.decided_by is not None:
        _Judgement(known, STATUS, verdicts[STATUS], passed).apply()


class _Side(NamedTuple):
    """A value of a contested finding, what gives it, and by whom the first of that is said."""

    value: Json
    because: list[str]
    by: str | None


class _Judgement:
    """A verdict on a finding of a fold."""

    def __init__(self, known: Fold, name: str, verdict: Entry, passed: Passed = lambda status: status) -> None:
        self._known, self._name, self._verdict, self._passed = known, name, verdict, passed
        self._found = finding_of(known, name)
        self._facts = {part.fact.id: part.fact for part in known.order}

    def apply(self) -> None:
        """Write what the verdict makes of the finding; nothing where it is silent."""
        known, name, found = self._known, self._name, self._found
        if not found["rivals"]:
            return
        winner = self._facts[found["because"][0]]
        sides = [_Side(found["value"], found["because"], winner.by)]
        sides += [_Side(rival["value"], rival["because"], rival["by"]) for rival in found["rivals"]]
        prefers: str | None = self._verdict.data.get("prefers")
        if prefers is None:
            both = [found["because"], *(rival["because"] for rival in found["rivals"])]
            known.whole[name] = {**found, "verdict": self._note(self._reopened_by(both))}
            return
        chosen = next((side for side in sides if prefers in side.because), None)
        if chosen is None:
            return
        fact = self._facts[prefers.partition("#")[0]]
        value = self._value(fact, prefers)
        against = [side for side in sides if side is not chosen and self._differ(value, side.value)]
        judged = decided_finding(value, fact, [prefers], self._rivals(against, fact, prefers, value))
        reopened_by = self._reopened_by([rival["because"] for rival in judged["rivals"]])
        if reopened_by is not None:
            known.whole[name] = {**found, "verdict": self._note(reopened_by)}
            return
        judged["because"] = list(dict.fromkeys([prefers, *chosen.because, *self._giving(value)]))
        known.whole[name] = {**judged, "verdict": self._note(None)}
        if name == STATUS:
            known.status = value
        else:
            setting = self._setting(fact)
            known.winners[name] = Setting.of(fact, setting.field, value, setting.key) if "#" in prefers else setting

    def _setting(self, fact: FactAsOf) -> Setting:
        """What the fact sets of a field."""
        return next(each for each in self._known.settings[self._name] if each.fact is fact)

    def _rival_in(self, fact: FactAsOf) -> Callable[[JsonObject], Json]:
        return status_in if self._name == STATUS else self._setting(fact).rival_in

    def _value(self, fact: FactAsOf, prefers: str) -> Json:
        """The value that the fact, or one of its disputes, gives."""
        dispute = next((each for each in fact.disputes if prefers == f"{fact.id}#{each.n}"), None)
        if dispute is not None:
            return self._passed(self._rival_in(fact)(dispute.data["changes"]))
        return self._known.status if self._name == STATUS else self._setting(fact).value

    def _rivals(self, against: list[_Side], fact: FactAsOf, prefers: str, value: Json) -> list[Rivalling]:
        """The other values of the finding, and those of the fact's own disputes where it is preferred itself."""
        rivals: list[Rivalling] = [(side.value, gives, side.by) for side in against for gives in side.because]
        if "#" not in prefers:
            rivals += rivals_by_dispute(fact, self._rival_in(fact), lambda rival: self._differ(value, rival))
        return rivals

    def _giving(self, value: Json) -> list[str]:
        """The facts that give the same value of a field."""
        form = canonical(value)
        return [each.fact.id for each in self._known.settings.get(self._name, ()) if each.form == form]

    def _differ(self, one: Json, other: Json) -> bool:
        return one != other if self._name == STATUS else differ(one, other)

    def _reopened_by(self, values: Iterable[list[str]]) -> str | None:
        """The first recorded of what gives those values that rest only on what was recorded after the verdict."""
        after = self._verdict.recorded
        recorded = [[(self._recorded(gives), gives) for gives in because] for because in values]
        later = [each for because in recorded if min(because)[0] > after for each in because]
        return min(later)[1] if later else None

    def _recorded(self, gives: str) -> int:
        """When the fact, or the dispute `fact#n`, was recorded."""
        fact, _, n = gives.partition("#")
        return next(each.recorded for each in self._facts[fact].history.entries if each.n == int(n or 0))

    def _note(self, reopened_by: str | None) -> VerdictInForce:
        data = self._verdict.data
        note: VerdictInForce = {
            "n": self._verdict.version,
            "prefers": data.get("prefers"),
            "reason": data["reason"],
            "by": data["recorded_by"],
            "recorded": instant_text(self._verdict.recorded),
        }
        return note if reopened_by is None else {**note, "reopened_by": reopened_by}
