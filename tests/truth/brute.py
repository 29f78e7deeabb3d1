"""A second reading of section 3 of the design: plain, slow, and written without a look at the service's own fold.

Each rule stands beside the words of the design that it reads. Bounds of EDTF text come from `events.dates.bounds`, which has
an oracle of its own.
"""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from events.amendments import JUDGEMENTS, MISREADINGS
from events.dates.bounds import bounds_of, clock_bound
from events.facts import ENVELOPE, KINDS, SUBJECT_KINDS, Fact, own_fields

EVER = float("inf")
Citation = dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """A call that the service accepted, and where and when it was recorded."""

    call: str  # source, revision, source correction, fact, or an amendment's call
    of: str  # the id of the source or of the fact
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


class Log:
    """What was recorded by t."""

    def __init__(self, calls: Iterable[Recorded], position: int | None = None, recorded: int | None = None) -> None:
        self.sources: dict[str, list[Recorded]] = {}
        self.facts: dict[str, list[Recorded]] = {}
        for call in calls:
            if (position is None or call.position <= position) and (recorded is None or call.recorded < recorded):
                shelf = self.sources if call.call in ("source", "revision", "source correction") else self.facts
                shelf.setdefault(call.of, []).append(call)

    def _noted(self, source: str, name: str) -> Any:
        """ "A wrong publication date is repaired by a source correction, from its recorded instant on"."""
        value = self.sources[source][0].body.get(name)
        for call in self.sources[source]:
            if call.call == "source correction":
                value = call.body["changes"].get(name, value)
        return value

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
            log.publisher(each)
            for retraction in self.retractions
            if not retraction.body.get("kind")
            for each in retraction.body["citations"]
        }
        self.citations = [
            each for each in cited if log.published(each) <= reported and log.publisher(each) not in silent
        ]
        uncited = not self.recording.body.get("citations")  # such a description "is visible at every r"
        self.stands = not by_us and bool(self.citations or (uncited and not silent))  # gone "when none is left"
        self.kind, self.values = self._corrected()
        self.modality = self.values.get("modality") or "actual"
        self.zone = self.values.get("zone") or (log.zone(cited[0]["source"]) if cited else "UTC")
        self._bound()

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
        kind = KINDS[values["kind"]]
        kept = own_fields(kind) | ENVELOPE  # "fields that the kind lacks are ignored"
        return kind, {name: value for name, value in values.items() if name in kept and value is not None}

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
        if self.kind.resumes or self.kind.halts:
            return 2000 if self.kind.resumes else 1000
        return self.kind.about.ladder.index(self.kind.reaches) if self.kind.about and self.kind.reaches else -1

    @property
    def findings(self) -> dict[str, str]:
        """The findings that the fact sets, each with its field: `field`, `Kind.field`, either with `[per]`."""
        per = f"[{self.values.get(self.kind.per)}]" if self.kind.per else ""
        return {
            (f"{self.kind.__name__}.{name}" if name in self.kind.acts else name) + per: name
            for name in own_fields(self.kind)
            if name in self.values and name != self.kind.per and per != "[None]"  # "the `per` field is no finding"
        }

    def listed(self) -> dict[str, Any]:
        """ "`by`: `attributed_to`, else the first citation's publisher"; "`values`: the own fields of its kind"."""
        by = self.values.get("attributed_to") or (self.log.publisher(self.citations[0]) if self.citations else None)
        values = {name: value for name, value in self.values.items() if name in own_fields(self.kind)}
        shared = {"occurred": self.values.get("occurred"), "by": by, "values": values}
        return {"fact": self.id, "kind": self.kind.__name__, **shared}


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
    """ "Counts differ when their ranges do not overlap; `counts` compares actor by actor"."""
    if is_count(one) and is_count(other):
        return span(one)[1] < span(other)[0] or span(other)[1] < span(one)[0]
    if isinstance(one, dict) and isinstance(other, dict):
        return any(differ(one[who], other[who]) for who in one.keys() & other.keys())
    return bool(form(one) != form(other))


def narrower(one: Any, other: Any) -> bool:
    """Of counts by actor the design says only that they compare actor by actor: naming more of them says more."""

    def width(count: dict[str, Any]) -> tuple[int, float]:
        counts = [count] if is_count(count) else list(count.values())
        return -len(counts), sum(span(each)[1] - span(each)[0] for each in counts)

    return width(one) < width(other)


def fold(
    facts: list[FactAsOf], subject_kind: str, at: int | None, key: Callable[[FactAsOf], float]
) -> dict[str, Finding]:
    """The findings of facts taken as certain, `status` included, in "lo, then rung, then recorded instant, then id"."""
    order = sorted(facts, key=lambda fact: (key(fact), fact.rung, fact.recorded, fact.id))
    found = {}
    for name in {name for fact in order for name in fact.findings}:
        setting = [fact for fact in order if name in fact.findings]
        own = setting[-1].findings[name]
        unites = own in setting[-1].kind.unions
        found[name] = union_of(setting, own) if unites else field_of(order, setting, own)
    found["status"] = status_of(order)
    passing = SUBJECT_KINDS[subject_kind].passing.get(found["status"].value)
    if at is not None and passing and passing[0] in found:  # "Time passing, only where `at` is given"
        date = found[passing[0]]
        over = bounds_of(date.value, date.fact.zone).hi  # "read in the zone of the fact that set the field"
        if over is not None and over <= at:
            found["status"].value = passing[1]  # "`because` and `since` stay those of the status replaced"
    found["status"].rivals = disputed(found["status"], "status")
    return found


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


def field_of(order: list[FactAsOf], setting: list[FactAsOf], own: str) -> Finding:
    """ "The last fact in order that sets a field wins"; "the narrower of compatible counts wins, ties to the later"."""
    places = {fact.id: place for place, fact in enumerate(order)}

    def would_be_rivals(one: FactAsOf, other: FactAsOf) -> bool:
        if one.kind is not other.kind or (own in one.kind.acts and not one.kind.once):
            return False  # "Act fields have rivals only between facts of `once` kinds"
        first, last = sorted((places[one.id], places[other.id]))
        return one.overlaps(other) or (one.kind.once and not any(fact.kind.halts for fact in order[first:last]))

    winner = last = setting[-1]
    for fact in reversed(setting[:-1]):
        value, best = fact.values[own], winner.values[own]
        if isinstance(value, dict) and would_be_rivals(fact, last) and not differ(value, last.values[own]):
            winner = fact if narrower(value, best) else winner
    value = winner.values[own]
    same = [fact.id for fact in setting if form(fact.values[own]) == form(value) and fact is not winner]
    found = Finding(value, [winner.id, *same], winner.values.get("occurred"), winner)
    rivals: dict[Any, tuple[Any, set[str]]] = {}
    said = [(fact.values[own], fact.id) for fact in setting if fact is not winner and would_be_rivals(fact, winner)]
    for rival, by in said:
        if differ(rival, value):
            rivals.setdefault(form(rival), (rival, set()))[1].add(by)
    for rival, because in disputed(found, own):
        rivals.setdefault(form(rival), (rival, set()))[1].update(because)
    found.rivals = list(rivals.values())
    return found


def disputed(found: Finding, own: str) -> list[tuple[Any, set[str]]]:
    """ "and values from disputes of the deciding fact"; "a dispute's `because` is `fact#n`"."""
    rivals: dict[Any, tuple[Any, set[str]]] = {}
    for each in found.fact.force if found.fact else ():
        if each.call == "disputes" and own in each.body["changes"] and differ(each.body["changes"][own], found.value):
            rival = each.body["changes"][own]
            rivals.setdefault(form(rival), (rival, set()))[1].add(f"{found.fact.id}#{each.n}")
    return list(rivals.values())


def union_of(setting: list[FactAsOf], own: str) -> Finding:
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
        found.rivals += disputed(replace(found, fact=fact), own)
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
    said = claim.listed() | {"answered_by": answers}
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


def voices_of(standings: list[FactAsOf], party: str) -> set[str]:
    """ "P and every actor whose `party`, whatever `at` and without a reading, is P or another voice"."""
    named = [each for each in standings if each.stands and each.modality == "actual" and "party" in each.findings]
    parties = {}
    for actor in {each.values["subject"] for each in named}:
        setting = in_order((each for each in named if each.values["subject"] == actor), "lo")
        parties[actor] = field_of(setting, setting, "party").value
    voices = {party}
    for _ in parties:
        voices |= {actor for actor, spoken_for in parties.items() if spoken_for in voices}
    return voices


def as_told(fact: FactAsOf, voices: set[str]) -> FactAsOf:
    """ "Actual facts attributed to a voice, and unattributed ones that no dispute contradicts, count as they are"."""
    by = fact.values.get("attributed_to")
    said = {name: value for name, value in fact.values.items() if name in own_fields(fact.kind)}
    if fact.kind.reaches or fact.kind.halts:
        said["status"] = fact.kind.halts or fact.kind.reaches
    changes = [each.body["changes"] for each in fact.force if each.call == "disputes"]
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
        voices = voices_of(standings, reading)
        standings = [as_told(each, voices) for each in standings]
    about = [each for each in standings if each.stands and each.values.get("subject") == subject]
    actual = [each for each in about if each.modality == "actual"]
    certain = [each for each in actual if each.certain(at)]
    possible = [each for each in actual if each.possible(at)]

    def folded(facts: list[FactAsOf], by: str) -> dict[str, Finding]:
        return fold(facts, subject_kind, at, lambda fact: getattr(fact, by))

    main = folded(certain, "lo")
    # "certain facts by `hi` instead of lo, and of certain and possible facts together, by lo and by hi"
    others = [folded(certain, "hi"), folded(certain + possible, "lo"), folded(certain + possible, "hi")]
    possibly: dict[str, dict[Any, tuple[list[str], set[str]]]] = {}
    for name, finding in ((name, finding) for other in others for name, finding in other.items()):
        if name not in main or form(main[name].value) != form(finding.value):
            possibly.setdefault(name, {}).setdefault(form(finding.value), grounds_of(finding))
    beside = {
        sort: [claim_of(each, certain, at) for each in in_order(about, "lo") if each.modality == sort]
        for sort in ("denied", "planned", "alleged")
    }
    return State(main, possibly, [each.listed() for each in possible], beside, about)


def grounds_of(found: Finding) -> tuple[list[str], set[str]]:
    """The deciding fact, where one decides, and all behind the value: "of a union the facts of `each`"."""
    if found.each is None:
        return found.because[:1], set(found.because)
    return [], set().union(*found.each.values())
