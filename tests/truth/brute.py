"""A second reading of section 3 of the design: plain, slow, and written without a look at the service's own fold.

Each rule stands beside the words of the design that it reads. Bounds of EDTF text come from `events.dates.bounds`, which has
an oracle of its own.
"""

import re
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from events.amendments import JUDGEMENTS, MISREADINGS
from events.dates.bounds import bounds_of, clock_bound
from events.facts import ENVELOPE, KINDS, Fact, fields_of_all_kinds, own_fields
from events.subject_kinds import SUBJECT_KINDS

EVER = float("inf")
ACTS = ("verdict", "merge", "split", "source withdrawn")
Citation = dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """A call that the service accepted, and where and when it was recorded."""

    call: str  # source, revision, source correction, fact, an amendment's call, or an act that may be withdrawn
    of: str  # the id of the source, of the fact or of the subject
    position: int
    recorded: int
    body: dict[str, Any]
    n: int = 0
    withdraws: int | None = None
    lifts: int | None = None


@dataclass
class Finding:
    value: Any
    because: list[str]
    since: str | None
    fact: "FactAsOf | None" = None
    rivals: list[tuple[Any, set[str]]] = field(default_factory=list)
    each: dict[str, set[str]] | None = None
    verdict: tuple[int, str | None, str | None] | None = None  # n, prefers, reopened by
    reports: int = 0
    origins: int = 0
    taken_back: set[tuple[str, str]] = field(default_factory=set)  # which facts and disputes cite which sources


class Log:
    """What was recorded by t."""

    def __init__(self, calls: Iterable[Recorded], position: int | None = None, recorded: int | None = None) -> None:
        self.sources: dict[str, list[Recorded]] = {}
        self.facts: dict[str, list[Recorded]] = {}
        self.acts: dict[str, list[Recorded]] = {}
        for call in calls:
            if (position is None or call.position <= position) and (recorded is None or call.recorded < recorded):
                shelf = self.sources if call.call in ("source", "revision", "source correction") else self.facts
                shelf = self.acts if call.call in (*ACTS, "act withdrawn") else shelf
                shelf.setdefault(call.of, []).append(call)

    def in_force(self, call: str, of: str) -> list[Recorded]:
        """Verdicts on a subject, merges of it, or withdrawals of a source: numbered in a stream, "each withdrawn once"."""
        acts = self.acts.get(of, [])
        gone = {each.withdraws for each in acts}
        return [each for each in acts if each.call == call and each.n not in gone]

    def without_verdicts(self) -> "Log":
        less = copy(self)
        less.acts = {name: [each for each in acts if each.call != "verdict"] for name, acts in self.acts.items()}
        return less

    def meant(self, name: str) -> str:
        """ "Merges in force are followed", and "a merged actor's id is read as the other's wherever a fact names it"."""
        merges = self.in_force("merge", name)
        return self.meant(merges[-1].body["into"]) if merges else name

    def counted_under(self, fact: "FactAsOf") -> str | None:
        """ "The subject that the last split in force that names the fact says, else the one it names as corrected".

        "What only names or describes a subject stays with it."
        """
        subject = fact.values.get("subject")
        if subject is None or fact.kind.timeless:
            return subject
        splits = [each for name in self.acts for each in self.in_force("split", name) if fact.id in each.body["facts"]]
        return self.meant(max(splits, key=lambda each: each.position).body["into"] if splits else subject)

    def as_one(self, values: dict[str, Any]) -> dict[str, Any]:
        """Values with actors that are merged read as one; "of two keys of one map that become one, the later stands"."""

        def read(value: Any) -> Any:
            if isinstance(value, dict):
                return {self.meant(who): value[who] for who in sorted(value)}  # the log keeps keys in order
            return list(dict.fromkeys(map(self.meant, value))) if isinstance(value, list) else self.meant(value)

        types = fields_of_all_kinds()
        is_named = {name for name in values if name in types and types[name].names == "actor"}
        return {k: read(value) if k in is_named and value is not None else value for k, value in values.items()}

    def recorded_at(self, gives: str) -> int:
        """When a fact, or a dispute `fact#n`, was recorded."""
        fact, _, n = gives.partition("#")
        return next(each.recorded for each in self.facts[fact] if each.n == int(n or 0))

    def _noted(self, source: str, name: str) -> Any:
        """ "A wrong publication date is repaired by a source correction, from its recorded instant on"."""
        value = self.sources[source][0].body.get(name)
        for call in self.sources[source]:
            if call.call == "source correction":
                value = call.body["changes"].get(name, value)
        return value

    def tellings(self, source: str) -> tuple[set[str], set[str]]:
        """The roots of a source, "itself and what it is `derived_from`, directly or through others", and its tellers."""
        roots: set[str] = set()
        more = {source}
        while more - roots:
            roots |= more
            more = {root for each in roots for root in self._noted(each, "derived_from") or []}
        named = [self._noted(root, name) for root in roots for name in ("publisher", "agency")]
        return roots, {name.lower() for name in named if name}  # "compared without case"

    def origins(self, documents: set[str]) -> int:
        """ "Sources that share a root or a teller are of one origin, and so are those joined by a third"."""
        groups = [self.tellings(document) for document in documents]
        while joined := [(a, b) for a in groups for b in groups if a is not b and (a[0] & b[0] or a[1] & b[1])]:
            (one, other), *_ = joined
            groups = [each for each in groups if each is not one and each is not other]
            groups.append((one[0] | other[0], one[1] | other[1]))
        return len(groups)

    def zone(self, source: str) -> str:
        return self._noted(source, "zone") or "UTC"  # "`zone` all versions"

    def publisher(self, citation: Citation) -> str:
        """ "`published` and `publisher` repair version 1"."""
        if citation["version"] == 1:
            return self._noted(citation["source"], "publisher")
        return self.sources[citation["source"]][0].body["publisher"]

    def published(self, citation: Citation) -> float:
        """The moment by which the words were certainly public."""
        source = citation["source"]
        version = [call for call in self.sources[source] if call.call != "source correction"][citation["version"] - 1]
        text = self._noted(source, "published") if citation["version"] == 1 else version.body.get("published")
        if not text and citation["version"] > 1 and version.body.get("retrieved_at"):
            return clock_bound(version.body["retrieved_at"], "UTC")  # "else `retrieved_at`, else when recorded"
        if text is None:  # "a source without a publication date counts as published when it was recorded"
            return version.recorded + 1
        hi = bounds_of(text, self.zone(source)).hi
        return EVER if hi is None else hi

    def is_taken_back(self, source: str, reported: float) -> bool:
        """ "Is marked from that `published` on, else from its recorded instant"; undone, "takes the mark away"."""
        for act in self.in_force("source withdrawn", source):
            text = act.body.get("published")
            hi = bounds_of(text, self.zone(source)).hi if text else act.recorded + 1
            return hi is not None and hi <= reported
        return False

    def standings(self, reported: float) -> list["FactAsOf"]:
        return [FactAsOf(self, calls, reported) for calls in self.facts.values()]


class FactAsOf:
    """A fact at (r, t)."""

    def __init__(self, log: Log, calls: list[Recorded], reported: float) -> None:
        self.log, self.reported = log, reported
        self.recording, self.amendments = calls[0], calls[1:]
        self.id, self.recorded = self.recording.of, self.recording.recorded
        force = self.force = [each for each in self.amendments if self.in_force(each)]
        lifted = {each.lifts for each in force if each.call == "reinstatements"}
        self.retractions = [each for each in force if each.call == "retractions" and each.n not in lifted]
        cited = [*self.recording.body.get("citations", [])]
        for each in force:
            cited += each.body["citations"] if each.call == "corroborations" else []  # "Corroboration adds citations"
        by_us = any(each.body.get("kind") for each in self.retractions)  # "by us, removes the fact"
        silent = {  # "by a source, removes all citations of that publisher, whenever recorded"
            log.publisher(each).lower()  # "names as noted by t, without case"
            for retraction in self.retractions
            if not retraction.body.get("kind")
            for each in retraction.body["citations"]
        }
        self.citations = [
            each for each in cited if log.published(each) <= reported and log.publisher(each).lower() not in silent
        ]
        uncited = not self.recording.body.get("citations")  # such a description "is visible at every r"
        seen = [each for each in cited if log.published(each) <= reported]
        self.visible = bool(seen or uncited)  # "visible when at least one of its citations ... was certainly published"
        self.stands = not by_us and bool(self.citations or (uncited and not silent))  # gone "when none is left"
        self.citations = self.citations if self.stands else seen  # what a retracted fact rests on is still shown
        self.set_by: dict[str, Recorded] = {}
        self.kind, self.values = self._corrected()
        self.modality = self.values.get("modality") or "actual"
        self.zone = self.values.get("zone") or (log.zone(cited[0]["source"]) if cited else "UTC")
        self._bound()

    def first_report(self) -> tuple[float, tuple[str | None, str] | None]:
        """ "`{published, source}` of its first report at the clocks (`published` null where that source has no date)"."""
        if not self.citations:
            return EVER, None
        first = min(self.citations, key=self.log.published)
        source = first["source"]
        version = [call for call in self.log.sources[source] if call.call != "source correction"][first["version"] - 1]
        noted = self.log._noted(source, "published") if first["version"] == 1 else version.body.get("published")
        return self.log.published(first), (noted, source)

    def in_force(self, each: Recorded) -> bool:
        """ "recorded by t and effective by r and not withdrawn by a withdrawal in force"."""
        undone = any(self.in_force(other) for other in self.amendments if other.withdraws == each.n)
        return self.effective(each) <= self.reported and not undone

    def effective(self, each: Recorded) -> float:
        """A source's act "by the smallest `hi` of its cited publications"; ours whenever the fact is visible at all."""
        return -EVER if each.body.get("kind") else min(map(self.log.published, each.body["citations"]))

    def _corrected(self) -> tuple[type[Fact], dict[str, Any]]:
        """ "our misreadings; sources' corrections by publication; our judgements; ties by recording"."""

        def order(each: Recorded) -> tuple[int, float, int]:
            ours = each.body.get("kind")
            rank = 1 if ours is None else 0 if ours in MISREADINGS else 2
            assert ours is None or ours in MISREADINGS + JUDGEMENTS
            return rank, self.effective(each), each.n

        values = dict(self.recording.body)
        for each in sorted((each for each in self.force if each.call == "corrections"), key=order):
            values |= each.body["changes"]  # "null removes it"
            self.set_by |= dict.fromkeys(each.body["changes"], each)
        kind = KINDS[values["kind"]]
        kept = own_fields(kind) | ENVELOPE  # "fields that the kind lacks are ignored"
        values = {name: value for name, value in values.items() if name in kept and value is not None}
        return kind, self.log.as_one(values)

    def _bound(self) -> None:
        """The bounds of 3.1, with what is unbounded at the ends of all time."""
        text = self.values.get("occurred")
        lo, hi = bounds_of(text, self.zone, begins=self.kind.begins) if text else (None, None)
        self.lo, self.hi = -EVER if lo is None else lo, EVER if hi is None else hi
        self.flagged = False
        if self.modality == "actual" and self.citations and not (self.kind.timeless and not text):
            first = min(map(self.log.published, self.citations))  # "at most that of the first visible report"
            self.flagged = first <= self.lo  # "unless that would leave nothing"
            self.hi = self.hi if self.flagged else min(self.hi, first)

    def overlaps(self, other: "FactAsOf") -> bool:
        return self.lo < other.hi and other.lo < self.hi

    def certain(self, at: int | None) -> bool:
        return at is None or self.kind.timeless or self.hi <= at  # timeless kinds "hold at every `at`"

    def possible(self, at: int | None) -> bool:
        return not self.certain(at) and at is not None and self.lo < at < self.hi

    @property
    def rung(self) -> int:
        """ "facts that do nothing below every rung, halts after every rung, resumptions after halts"."""
        if self.kind.resumes or self.kind.halts or self.leaves_office:
            return 2000 if self.kind.resumes else 1000  # "leaving sorts with the halts"
        return self.kind.about.ladder.index(self.kind.reaches) if self.kind.about and self.kind.reaches else -1

    @property
    def leaves_office(self) -> bool:
        return self.kind.__name__ == "OfficeLeft"

    @property
    def findings(self) -> dict[str, tuple[str, Any]]:
        """The findings that the fact sets, each with its field and value: `field`, `Kind.field`, either with `[per]`."""
        per = f"[{self.values.get(self.kind.per)}]" if self.kind.per else ""
        found: dict[str, tuple[str, Any]] = {}
        for name in own_fields(self.kind):
            label = (f"{self.kind.__name__}.{name}" if name in self.kind.acts else name) + per
            if name not in self.values or name == self.kind.per or per == "[None]":
                continue  # "the `per` field is no finding"
            if name == "counts":  # "a map folds separately for each key, which stands last"
                found |= {f"{label}[{who}]": (name, count) for who, count in self.values[name].items()}
            else:
                found[label] = name, self.values[name]
        if self.kind.__name__ in ("OfficeAssumed", "OfficeLeft") and per != "[None]":
            found[f"holds{per}"] = "holds", not self.leaves_office
        return found

    def rival_values(self, name: str, own: str) -> list[tuple[Any, str]]:
        """The values that disputes in force have for a finding: "of a map, those that name the key"."""
        found = []
        for each in self.force:
            if each.call == "disputes" and own in each.body["changes"]:
                value = self.log.as_one(each.body["changes"])[own]
                value = value.get(name[:-1].rpartition("[")[2]) if own == "counts" else value
                found += [] if value is None else [(value, f"{self.id}#{each.n}")]
        return found

    def cited_by_disputes(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """The visible citations of those disputes in force that are named, as `fact#n`."""
        disputes = [each for each in self.force if each.call == "disputes" and f"{self.id}#{each.n}" in names]
        return [
            each
            for dispute in disputes
            for each in dispute.body.get("citations", ())
            if self.log.published(each) <= self.reported
        ]

    def listed(self) -> dict[str, Any]:
        """ "`by`: `attributed_to`, else the first citation's publisher"; "`values`: the own fields of its kind"."""
        by = self.values.get("attributed_to") or (self.log.publisher(self.citations[0]) if self.citations else None)
        values = {name: value for name, value in self.values.items() if name in own_fields(self.kind)}
        shared = {"occurred": self.values.get("occurred"), "by": by, "values": values}
        gone = [each["source"] for each in self.citations if self.log.is_taken_back(each["source"], self.reported)]
        marks = [{"fact": self.id, "source": source, "mark": "source_withdrawn"} for source in gone]
        return {"fact": self.id, "kind": self.kind.__name__, **shared} | ({"marks": marks} if marks else {})


def form(value: Any) -> Any:
    """A hashable form: lists are "compared without order"; counts by best and ends."""
    if isinstance(value, list):
        return tuple(sorted(value))
    if isinstance(value, dict):
        ends = ("best", *span(value)) if is_count(value) else ()
        return (value.get("best"), *ends) if ends else tuple(sorted((who, form(each)) for who, each in value.items()))
    return value


def is_count(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() <= {"best", "low", "high"}


def span(count: dict[str, int]) -> tuple[float, float]:
    """ "a missing end is `best`, else unbounded"."""
    return count.get("low", count.get("best", -EVER)), count.get("high", count.get("best", EVER))


def differ(one: Any, other: Any) -> bool:
    """ "Counts differ when their ranges do not overlap"."""
    if is_count(one) and is_count(other):
        return span(one)[1] < span(other)[0] or span(other)[1] < span(one)[0]
    return bool(form(one) != form(other))


def width(count: dict[str, int]) -> float:
    return span(count)[1] - span(count)[0]


def fold(
    log: Log, subject: str, facts: list[FactAsOf], subject_kind: str, at: int | None, key: Callable[[FactAsOf], float]
) -> dict[str, Finding]:
    """The findings of facts taken as certain, `status` included, in "lo, then rung, then recorded instant, then id"."""
    order = sorted(facts, key=lambda fact: (key(fact), fact.rung, fact.recorded, fact.id))

    def finding(name: str) -> str:
        return re.sub(r"\[([^]]*)\]", lambda key: f"[{log.meant(key[1])}]", name)

    verdicts = {finding(each.body["finding"]): each for each in log.in_force("verdict", subject)}  # "only the last"
    found = {}
    for name in {name for fact in order for name in fact.findings}:
        setting = [fact for fact in since_left(order, name) if name in fact.findings]
        if setting:
            own, _ = setting[-1].findings[name]
            unites = own in setting[-1].kind.unions
            base = union_of(setting, name, own) if unites else field_of(order, setting, name, own)
            found[name] = judged(log, base, verdicts.get(name), order, name, own)

    def passed(status: Any) -> Any:
        passing = SUBJECT_KINDS[subject_kind].passing.get(status)
        if at is not None and passing and passing[0] in found:  # "Time passing, only where `at` is given"
            date = found[passing[0]]
            over = bounds_of(date.value, date.fact.zone).hi  # "read in the zone of the fact that set the field"
            return passing[1] if over is not None and over <= at else status
        return status

    status = status_of(order)
    status.value = passed(status.value)  # "`because` and `since` stay those of the status replaced"
    status.rivals = disputed(status, "status", "status")
    found["status"] = judged(log, status, verdicts.get("status"), order, "status", "status", passed)
    if subject_kind == "swap":
        found |= progress_of(order, found)
    return found


def since_left(order: list[FactAsOf], name: str) -> list[FactAsOf]:
    """ "A leaving ends `body[office]`: what stands before it in order is not shown"."""
    left = [n for n, fact in enumerate(order) if fact.leaves_office and name == f"body[{fact.values.get('office')}]"]
    return order[left[-1] + 1 :] if left else order


def judged(
    log: Log,
    found: Finding,
    verdict: Recorded | None,
    order: list[FactAsOf],
    name: str,
    own: str,
    passed: Callable[[Any], Any] = lambda value: value,
) -> Finding:
    """A finding as the verdict on it has it; without rivals "the verdict is silent"."""
    if verdict is None or not found.rivals:
        return found
    prefers = verdict.body["prefers"]
    sides = [(found.value, set(found.because)), *found.rivals]

    def reopened(sides: list[tuple[Any, set[str]]]) -> str | None:
        """ "A value that rests only on facts and disputes recorded after the verdict"; "the first recorded, then by id"."""
        new = [side for _, side in sides if all(log.recorded_at(each) > verdict.recorded for each in side)]
        return min(((log.recorded_at(each), each) for side in new for each in side), default=(0, None))[1]

    if prefers is None:
        return replace(found, verdict=(verdict.n, None, reopened(sides)))
    mine = [side for side in sides if prefers in side[1]]
    if not mine:
        return found
    fact = next(each for each in order if each.id == prefers.partition("#")[0])
    value = found.value if name == "status" else fact.findings[name][1]
    if "#" in prefers:
        value = passed(next(rival for rival, each in fact.rival_values(name, own) if each == prefers))
    apart = (lambda one, other: one != other) if name == "status" else differ
    others = [side for side in sides if side is not mine[0] and apart(side[0], value)]
    if "#" not in prefers:
        others += [(rival, {each}) for rival, each in fact.rival_values(name, own) if apart(rival, value)]
    together: dict[Any, tuple[Any, set[str]]] = {}
    for rival, gives in others:
        together.setdefault(form(rival), (rival, set()))[1].update(gives)
    others = list(together.values())
    if reopened(others):
        return replace(found, verdict=(verdict.n, prefers, reopened(others)))
    same = {each.id for each in order if name in each.findings and form(each.findings[name][1]) == form(value)}
    because = [prefers, *((mine[0][1] | same) - {prefers})]
    verdict_said = verdict.n, prefers, None
    return Finding(value, because, fact.values.get("occurred"), fact, others, found.each, verdict_said)


def progress_of(order: list[FactAsOf], found: dict[str, Finding]) -> dict[str, Finding]:
    """ "Per actor `{done, of}`, each actor by itself"."""
    value, counting = {}, {}
    for who in {name.split("[")[2][:-1] for name in found if name.startswith("counts[")}:
        stages = [each for name, each in found.items() if name.startswith("counts[") and name.endswith(f"[{who}]")]
        so_far: list[Finding] = []
        for stage in sorted(stages, key=lambda each: order.index(each.fact)):
            so_far = [stage] if stage.fact.values.get("cumulative") else [*so_far, stage]
        counting |= {each.because[0]: each.fact for each in so_far}
        value[who] = {"done": total([each.value for each in so_far])}
        if "count_each" in found:
            value[who]["of"] = found["count_each"].value
    because = sorted(counting, key=lambda gives: (order.index(counting[gives]), gives))
    if not value:
        return {}
    return {"progress": Finding(value, because, counting[because[-1]].values.get("occurred"), counting[because[-1]])}


def total(counts: list[dict[str, int]]) -> dict[str, int]:
    """ "A missing end is `best`; an end that no stage gives, or that one gives neither so nor as `best`, is left out"."""
    whole = {}
    for end in ("low", "best", "high"):
        given = [count.get(end, count.get("best")) for count in counts]
        if any(end in count for count in counts) and None not in given:
            whole[end] = sum(given)
    return whole


def status_of(order: list[FactAsOf]) -> Finding:
    step, decides, halt = -1, None, None
    for fact in order:
        ladder = fact.kind.about.ladder if fact.kind.about else ()
        rung = ladder.index(fact.kind.reaches) if fact.kind.reaches else -1
        if fact.kind.halts and step < len(ladder) - 1:  # "on the top rung halts are ignored"
            halt = decides = fact
        elif halt and (fact.kind.resumes or (fact.kind.reaches and rung >= step)):
            halt, decides, step = None, fact, max(step, rung)  # "a fact reaching the same or a higher rung"
        elif rung > step and (not halt or fact.kind.resumes):
            step, decides = rung, fact  # "raises the status to it if higher; a lower rung changes nothing"
    if decides is None:
        return Finding(None, [], None)
    value = halt.kind.halts if halt else decides.kind.about.ladder[step]
    others = [fact.id for fact in order if value in (fact.kind.reaches, fact.kind.halts) and fact is not decides]
    return Finding(value, [decides.id, *others], decides.values.get("occurred"), decides)


def field_of(order: list[FactAsOf], setting: list[FactAsOf], name: str, own: str) -> Finding:
    """ "The last fact in order that sets a field wins"; "the narrower of compatible counts wins, ties to the later"."""
    places = {fact.id: place for place, fact in enumerate(order)}
    given = {fact.id: fact.findings[name][1] for fact in setting}

    def would_be_rivals(one: FactAsOf, other: FactAsOf) -> bool:
        if one.kind is not other.kind or (own in one.kind.acts and not one.kind.once):
            return False  # "Act fields have rivals only between facts of `once` kinds"
        first, last = sorted((places[one.id], places[other.id]))
        return one.overlaps(other) or (one.kind.once and not any(fact.kind.halts for fact in order[first:last]))

    winner = last = setting[-1]
    for fact in reversed(setting[:-1]):
        value, best = given[fact.id], given[winner.id]
        if is_count(value) and would_be_rivals(fact, last) and not differ(value, given[last.id]):
            winner = fact if width(value) < width(best) else winner
    value = given[winner.id]
    same = [fact.id for fact in setting if form(given[fact.id]) == form(value) and fact is not winner]
    found = Finding(value, [winner.id, *same], winner.values.get("occurred"), winner)
    rivals: dict[Any, tuple[Any, set[str]]] = {}
    said = [(given[fact.id], fact.id) for fact in setting if fact is not winner and would_be_rivals(fact, winner)]
    for rival, by in said:
        if differ(rival, value) and own != "holds":  # "`holds` has no rivals"
            rivals.setdefault(form(rival), (rival, set()))[1].add(by)
    for rival, because in disputed(found, name, own):
        rivals.setdefault(form(rival), (rival, set()))[1].update(because)
    found.rivals = list(rivals.values())
    return found


def disputed(found: Finding, name: str, own: str) -> list[tuple[Any, set[str]]]:
    """ "and values from disputes of the deciding fact"; "a dispute's `because` is `fact#n`"."""
    rivals: dict[Any, tuple[Any, set[str]]] = {}
    for rival, by in found.fact.rival_values(name, own) if found.fact else ():
        if differ(rival, found.value):
            rivals.setdefault(form(rival), (rival, set()))[1].add(by)
    return list(rivals.values())


def union_of(setting: list[FactAsOf], name: str, own: str) -> Finding:
    """ "A member is a rival when every fact that names it is contradicted by an overlapping full list of that side"."""
    named = {member: [f for f in setting if member in f.values[own]] for fact in setting for member in fact.values[own]}
    full = [fact for fact in setting if fact.kind.complete and fact.values.get(fact.kind.complete)]

    def contradicted(fact: FactAsOf, member: str) -> bool:
        return any(member not in other.values[own] and other.overlaps(fact) for other in full)

    rivals = [who for who, facts in named.items() if all(contradicted(fact, who) for fact in facts)]
    each = {who: {fact.id for fact in facts} for who, facts in named.items() if who not in rivals}
    found = Finding(
        sorted(each), [fact.id for fact in reversed(setting)], setting[-1].values.get("occurred"), setting[-1]
    )
    found.each = each
    found.rivals = [(who, {fact.id for fact in named[who]}) for who in rivals]
    for fact in setting:  # each of them decides a part
        found.rivals += disputed(replace(found, fact=fact), name, own)
    return found


def claim_of(claim: FactAsOf, certain: list[FactAsOf], at: int | None) -> dict[str, Any]:
    """ "`answered_by` lists `{fact, how}` of the certain actual facts of the same kind on the same subject"."""
    order = in_order([*certain, claim], "lo")
    answers = []
    for fact in order:
        per = claim.kind.per
        if fact is claim or fact.kind is not claim.kind:
            continue
        if per and (claim.values.get(per) is None or fact.values.get(per) != claim.values[per]):
            continue  # "and the same `per` value, where the kind has one"
        first, last = sorted((order.index(fact), order.index(claim)))
        halted = any(each.kind.halts for each in order[first + 1 : last])
        if claim.modality == "denied":  # "`overtakes` when the actual fact's lo is at or after the denial's hi"
            later = fact.lo >= claim.hi and claim.hi < EVER
            how = "contradicts" if fact.overlaps(claim) else "overtakes" if later else None
        elif claim.modality == "planned":  # "or the kind is `once` and no certain halt stands between them in order"
            carried = fact.hi > claim.lo or fact.hi == EVER or (claim.kind.once and not halted)
            how = "carries out" if carried else None
        else:
            how = "confirms" if fact.overlaps(claim) else None
        answers += [{"fact": fact.id, "how": how}] if how else []
    said = claim.listed() | {"answered_by": answers[:100]}
    if len(answers) > 100:
        said["more_answers"] = True
    if claim.modality == "planned" and at is not None and claim.hi <= at and not answers:
        said["overdue"] = True  # "only where `at` is given; one without an end is never overdue"
    return said


def in_order(facts: Iterable[FactAsOf], bound: str) -> list[FactAsOf]:
    """ "lo (unbounded first), then rung, then recorded instant, then fact id"."""
    return sorted(facts, key=lambda fact: (getattr(fact, bound), fact.rung, fact.recorded, fact.id))


@dataclass
class State:
    findings: dict[str, Finding]
    possibly: dict[str, dict[Any, tuple[list[str], set[str]]]]
    possible: list[dict[str, Any]]
    beside: dict[str, list[dict[str, Any]]]
    facts: list[FactAsOf]


def voices_of(log: Log, standings: list[FactAsOf], party: str) -> set[str]:
    """ "P and every actor whose `party`, whatever `at` and without a reading, is P or another voice"."""
    named = [each for each in standings if each.stands and each.modality == "actual" and "party" in each.findings]
    parties = {}
    for actor in {each.values["subject"] for each in named}:
        setting = [each for each in named if each.values["subject"] == actor]
        parties[actor] = fold(log, actor, setting, "actor", None, lambda fact: fact.lo)["party"].value
    voices = {log.meant(party)}
    for _ in parties:
        voices |= {actor for actor, spoken_for in parties.items() if spoken_for in voices}
    return voices


def as_told(fact: FactAsOf, voices: set[str]) -> FactAsOf:
    """ "Actual facts attributed to a voice, and unattributed ones that no dispute contradicts, count as they are"."""
    by = fact.values.get("attributed_to")
    said = {name: value for name, value in fact.values.items() if name in own_fields(fact.kind)}
    if fact.kind.reaches or fact.kind.halts:
        said["status"] = fact.kind.halts or fact.kind.reaches
    changes = [fact.log.as_one(each.body["changes"]) for each in fact.force if each.call == "disputes"]
    if "counts" in said:  # "of a map for a key that they name"
        counts = said.pop("counts")
        said |= {("counts", who): count for who, count in counts.items()}
        changes += [{("counts", who): count for who, count in each.get("counts", {}).items()} for each in changes]
    disputed = any(name in said and differ(value, said[name]) for each in changes for name, value in each.items())
    if fact.modality == "actual" and (by not in voices if by else disputed):
        fact = copy(fact)  # "the other actual facts count as alleged, with the bounds they have"
        fact.modality = "alleged"
    return fact


def state_of(
    log: Log, subject: str, subject_kind: str, at: int | None, reported: int | None, reading: str | None = None
) -> State:
    """The state at (v, r, t), t being what the log goes up to, as all or one party tells it."""
    standings = log.standings(EVER if reported is None else reported)
    if reading is not None:
        voices = voices_of(log, standings, reading)
        standings = [as_told(each, voices) for each in standings]
    subject = log.meant(subject)  # "a merged id answers with the other's state"
    about = [each for each in standings if each.stands and log.counted_under(each) == subject]
    actual = [each for each in about if each.modality == "actual"]
    certain = [each for each in actual if each.certain(at)]
    possible = [each for each in actual if each.possible(at)]

    def folded(facts: list[FactAsOf], by: str) -> dict[str, Finding]:
        judging = log if reading is None else log.without_verdicts()  # "accounts know none"
        return fold(judging, subject, facts, subject_kind, at, lambda fact: getattr(fact, by))

    main = folded(certain, "lo")
    # "certain facts by `hi` instead of lo, and of certain and possible facts together, by lo and by hi"
    others = [folded(certain, "hi"), folded(certain + possible, "lo"), folded(certain + possible, "hi")]
    possibly: dict[str, dict[Any, tuple[list[str], set[str]]]] = {}
    for name, finding in ((name, finding) for other in others for name, finding in other.items()):
        if name not in main or form(main[name].value) != form(finding.value):
            possibly.setdefault(name, {}).setdefault(form(finding.value), grounds_of(finding))
    for name, finding in main.items():
        finding.taken_back = taken_back(log, name, finding, about)
    for finding in main.values():  # "those of the visible citations of the facts in `because`, of a union in `each`"
        carrying = set().union(*finding.each.values()) if finding.each is not None else finding.because
        told = {each["source"] for fact in about if fact.id in carrying for each in fact.citations}
        told |= {each["source"] for fact in about for each in fact.cited_by_disputes(carrying)}  # "a dispute there"
        finding.reports, finding.origins = len(told), log.origins(told)
    beside = {
        sort: [claim_of(each, certain, at) for each in in_order(about, "lo") if each.modality == sort]
        for sort in ("denied", "planned", "alleged")
    }
    return State(main, possibly, [each.listed() for each in possible], beside, about)


def taken_back(log: Log, name: str, found: Finding, about: list[FactAsOf]) -> set[tuple[str, str]]:
    """Of the words that a finding rests on, those in documents that were taken back: by which act, and which document.

    They are those of the correction that set the field, where it has words of its own.
    """
    own = "kind" if name == "status" else name.partition("[")[0].rpartition(".")[2]
    facts = {fact.id: fact for fact in about}
    cited: list[tuple[str, str]] = []
    for each in found.because:
        fact = facts[each.partition("#")[0]]
        acts = [act for act in fact.force if each == f"{fact.id}#{act.n}"]
        acts += [fact.set_by[own]] if each == fact.id and own in fact.set_by else []
        acts = [act for act in acts if act.body.get("citations")]
        for act in acts:
            cited += [(f"{fact.id}#{act.n}", words["source"]) for words in act.body["citations"]]
        if each == fact.id and not acts:
            cited += [(each, words["source"]) for words in fact.citations]
    return {(by, source) for by, source in cited if log.is_taken_back(source, about[0].reported)}


def grounds_of(found: Finding) -> tuple[list[str], set[str]]:
    """The deciding fact, where one decides, and all behind the value: "of a union the facts of `each`"."""
    if found.each is None:
        return found.because[:1], set(found.because)
    return [], set().union(*found.each.values())


def made_by(calls: list[Recorded], later: set[int], find: Callable[[Log], dict[str, Any]]) -> dict[str, set[int]]:
    """By finding the events without which it would not be what it is: "each is left out in turn" of those later ones.

    A fact goes with all that was said of it. Texts of sources are never left out, as facts rest on them.
    """
    found = find(Log(calls))
    made: dict[str, set[int]] = {}
    for left in calls:
        if left.position in later and left.call not in ("source", "revision", "source withdrawn"):
            less = [each for each in calls if each is not left and (left.call != "fact" or each.of != left.of)]
            other = find(Log(less))
            for name in found.keys() | other.keys():
                if found.get(name) != other.get(name):
                    made.setdefault(name, set()).add(left.position)
    return made
