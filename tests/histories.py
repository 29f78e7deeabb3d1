"""Small random histories: what may be told to the service, and a teller that notes what it accepted.

All happens around noon of 3 June 2025, so that reports, happenings and recordings lie close together and often tie.
Ids get a prefix, so that any number of histories can be told to one desk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from hypothesis import strategies as st

from events.amending import amend
from events.amendments import OUR_KINDS
from events.errors import ChronologyError
from events.facts import KINDS, Fact, own_fields, statuses_of
from events.recording import correct_source, describe_subject, record_facts, register_source, revise_source
from events.values import FieldType
from events.writing import Call
from projections.clocks import Asked
from service.desk import Desk
from tests.brute import EVER, Log, Recorded, Standing
from tests.stories import Ticking

NOON = 1_748_952_000_000_000  # 2025-06-03T12:00:00Z
DAYS = ["2025-05-31", "2025-06-01", "2025-06-02", "2025-06-03", "2025-06-04"]
INSTANTS = [
    "2025-05-31T20:59:59.999999Z",
    "2025-05-31T21:00:00Z",
    "2025-06-01T12:00:00Z",
    "2025-06-01T23:59:59.999999Z",
    "2025-06-02T00:00:00Z",
    "2025-06-02T03:59:59.999999Z",
    "2025-06-03T11:00:00Z",
]
ZONES = ["UTC", "Europe/Kyiv", "Europe/Istanbul", "America/New_York"]
PUBLISHERS = ["Courier", "Gazette", "Herald"]
ACTORS = ["arvenia", "belmark", "corland"]
SUBJECT_KINDS = ["talks", "swap", "ceasefire", "demand"]
_numbers = count(1)

DAY = st.sampled_from(DAYS)

Step = tuple[Any, ...]


class Hurrying(Ticking):
    """A clock that moves on by a microsecond at each look, so that thousands of histories fit into one noon."""

    def __init__(self) -> None:
        super().__init__(NOON)

    def __call__(self) -> int:
        self.at += 1
        return self.at


@dataclass(frozen=True)
class History:
    """Sources, subjects by kind, and the steps in which they are told; ids are numbers."""

    sources: list[dict[str, Any]]
    subjects: list[str]
    steps: list[Step]


@dataclass
class Told:
    """What the service accepted of a history."""

    prefix: str
    history: History
    calls: list[Recorded] = field(default_factory=list)

    @classmethod
    def fresh(cls, history: History) -> "Told":
        return cls(f"h{next(_numbers):07}-", history)

    @property
    def subjects(self) -> dict[str, str]:
        return {f"{self.prefix}s{n}": kind for n, kind in enumerate(self.history.subjects)}

    def accepted(self) -> list[Recorded]:
        """The calls without where and when, which may differ from one database to another."""
        return [replace(call, position=0, recorded=0) for call in self.calls]

    @property
    def facts(self) -> list[str]:
        return [call.of for call in self.calls if call.call == "fact"]


@st.composite
def dates(draw: st.DrawFn) -> str:
    """EDTF text, most often a day or an instant, else one of the uncertain forms."""
    form = draw(st.integers(0, 15))
    if form < 6:
        return draw(DAY)
    if form < 8:
        return draw(st.sampled_from([*INSTANTS, "2025-06-01T10:00:00", "2025-06-02T01:00:00+03:00"])).replace(
            ".999999", ""
        )
    first, last = sorted([draw(DAY), draw(DAY)])
    shapes = [
        "{0}/{1}",
        "[{0}..{1}]",
        "../{1}",
        "[..{1}]",
        "{0}/..",
        "[{0}..]",
        "{0}?",
        "2025-05",
        "2025-06",
        "/{1}",
        "{0}/",
    ]
    return draw(st.sampled_from(shapes)).format(first, last)


def counts() -> st.SearchStrategy[dict[str, int]]:
    numbers = st.sampled_from([10, 11, 12, 20])
    names = st.sampled_from(
        [("best",), ("best",), ("low", "high"), ("low", "best", "high"), ("low",), ("best", "high")]
    )
    return st.builds(_count, names, numbers, numbers, numbers)


def _count(names: tuple[str, ...], *numbers: int) -> dict[str, int]:
    return dict(zip(names, sorted(numbers), strict=False))


@cache
def values_of(each: FieldType) -> st.SearchStrategy[Any]:
    """Values of a field, few enough that facts often agree and often do not."""
    return {
        "text": st.sampled_from(["one", "two"]),
        "texts": st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=2, unique=True),
        "actor": st.sampled_from(ACTORS),
        "actors": st.lists(st.sampled_from(ACTORS), min_size=1, max_size=2, unique=True),
        "count": counts(),
        "counts": st.dictionaries(st.sampled_from(ACTORS[:2]), counts(), min_size=1),
        "date": dates(),
        "integer": st.integers(1, 2),
        "flag": st.booleans(),
        "subject": st.just("whole"),
    }[each.title]


@cache
def kinds_about(subject_kind: str) -> list[type[Fact]]:
    own = [kind for kind in KINDS.values() if kind.about and kind.about.title == subject_kind]
    return [*own, *own, KINDS["StatementMade"], KINDS["SubjectDescribed"]]


@cache
def fields_of(kind: type[Fact]) -> st.SearchStrategy[dict[str, Any]]:
    values = {name: values_of(each) for name, each in own_fields(kind).items()}
    needed = {name: values.pop(name) for name in {*kind.required, *([kind.per] if kind.per else [])}}
    return st.fixed_dictionaries(needed, optional=values)


@st.composite
def facts(draw: st.DrawFn, subjects: list[tuple[str, list[type[Fact]]]], sources: int) -> dict[str, Any]:
    about = draw(st.sampled_from([0, 0, *range(len(subjects))]))
    kind = draw(st.sampled_from(subjects[about][1]))
    body = {"kind": kind.__name__, "subject": about, **draw(fields_of(kind))}
    if not kind.timeless or draw(st.integers(0, 3)) == 0:
        body["occurred"] = draw(dates())
    if draw(st.integers(0, 3)) == 3:
        body["zone"] = draw(st.sampled_from(ZONES))
    if draw(st.integers(0, 9)) == 9:
        body["modality"] = draw(st.sampled_from(["denied", "planned", "alleged"]))
    if draw(st.integers(0, 5)) == 5:
        body["attributed_to"] = draw(st.sampled_from(ACTORS))
    return body | {"citations": draw(cited(sources))}


@cache
def cited(sources: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Citations as numbers of source and version."""
    return st.lists(st.tuples(st.integers(0, sources - 1), st.integers(0, 2)), min_size=1, max_size=2)


@st.composite
def grounds(draw: st.DrawFn, sources: int, kinds: Sequence[str] = OUR_KINDS) -> dict[str, Any]:
    """A source's act, or ours."""
    if draw(st.booleans()):
        return {"kind": draw(st.sampled_from(kinds)), "reason": "told so"}
    return {"citations": draw(cited(sources))}


@st.composite
def corrections(draw: st.DrawFn, kind: type[Fact], subjects: list[str], sources: int) -> dict[str, Any]:
    if draw(st.integers(0, 4)) == 4:
        other = draw(st.sampled_from([each for home in subjects for each in kinds_about(home)]))
        changes = {"kind": other.__name__, **draw(fields_of(other))}
        return {"kind": "misclassification", "reason": "misread", "changes": changes}
    some = {name: values_of(each) for name, each in own_fields(kind).items()} | {
        "occurred": dates(),
        "zone": st.sampled_from(ZONES),
        "subject": st.integers(0, len(subjects) - 1),
        "modality": st.sampled_from(["actual", "denied", "alleged"]),
        "attributed_to": st.sampled_from(ACTORS),
    }
    likely = [*list(own_fields(kind))[-1:] * 6, *["occurred"] * 6, *some]
    names = draw(st.lists(st.sampled_from(likely), min_size=1, max_size=2, unique=True))
    changes = {name: None if name != "subject" and draw(st.integers(0, 5)) == 5 else draw(some[name]) for name in names}
    return draw(grounds(sources)) | {"changes": changes}


@st.composite
def disputes(draw: st.DrawFn, kind: type[Fact], subject_kind: str, sources: int) -> dict[str, Any]:
    names = [*own_fields(kind), "status", "status"]
    changes = {}
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)):
        of = own_fields(kind).get(name)
        changes[name] = draw(values_of(of)) if of else draw(st.sampled_from(statuses_of(subject_kind)))
    return draw(grounds(sources)) | {"changes": changes}


RETRACTING = ["retractions", "reinstatements", "corroborations", "withdrawal"]
AMENDING = [
    "corroborations",
    "disputes",
    "corrections",
    "corrections",
    "retractions",
    "reinstatements",
    "withdrawal",
    "withdrawal",
]


@st.composite
def histories(draw: st.DrawFn, steps: int = 14) -> History:
    publications = st.one_of(st.none(), DAY, DAY, DAY, st.sampled_from([INSTANTS[1], "2025-06", "2025-06-01/.."]))
    source = st.fixed_dictionaries(
        {"publisher": st.sampled_from(PUBLISHERS), "published": publications},
        optional={"zone": st.sampled_from(ZONES)},
    )
    sources = draw(st.lists(source, min_size=2, max_size=4))
    subjects = draw(st.lists(st.sampled_from(SUBJECT_KINDS), min_size=1, max_size=3))
    liked = [(kind, draw(st.lists(st.sampled_from(kinds_about(kind)), min_size=1, max_size=2))) for kind in subjects]
    told: list[Step] = []
    known: list[dict[str, Any]] = []
    for number in range(draw(st.integers(2, steps))):
        sort = (
            "facts"
            if number == 0
            else draw(st.sampled_from(["facts"] * 4 + ["amend"] * 12 + ["source", "revise", "describe"]))
        )
        if sort == "facts":
            bodies = draw(st.lists(facts(liked, len(sources)), min_size=1, max_size=3))
            known += bodies
            told.append(("facts", bodies))
        elif sort == "amend":
            told.append(draw(amendments(known, subjects, len(sources))))
        elif sort == "source":
            changes = (
                {"published": draw(publications)}
                if draw(st.booleans())
                else draw(
                    st.sampled_from([{"publisher": each} for each in PUBLISHERS] + [{"zone": each} for each in ZONES])
                )
            )
            told.append(("source", draw(st.integers(0, len(sources) - 1)), changes))
        elif sort == "revise":
            dated = draw(
                st.sampled_from([{"published": DAYS[1]}, {"published": DAYS[2]}, {"retrieved_at": INSTANTS[3]}, {}])
            )
            told.append(("revise", draw(st.integers(0, len(sources) - 1)), dated))
        else:
            told.append(("describe", draw(st.integers(0, len(subjects) - 1))))
    return History(sources, subjects, told)


@st.composite
def calls_of_facts(draw: st.DrawFn) -> tuple[History, History]:
    """Facts of one call, and the same in another order."""
    history = draw(histories(steps=2).filter(lambda history: history.steps[0][0] == "facts"))
    bodies = [{**body, "number": n} for step in history.steps if step[0] == "facts" for n, body in enumerate(step[1])]
    return tuple(replace(history, steps=[("facts", each)]) for each in (bodies, draw(st.permutations(bodies))))


@st.composite
def amendments(draw: st.DrawFn, known: list[dict[str, Any]], subjects: list[str], sources: int) -> Step:
    """An amendment of one of the facts told so far: its number, the call, the body, and for a withdrawal a number."""
    fact = draw(st.sampled_from([0, 0, *range(len(known))]))
    kind, about = KINDS[known[fact]["kind"]], subjects[known[fact]["subject"]]
    call = draw(st.sampled_from(draw(st.sampled_from([AMENDING, RETRACTING, ["corrections"]]))))
    if call == "corrections":
        return "amend", fact, call, draw(corrections(kind, subjects, sources)), None
    if call == "disputes":
        return "amend", fact, call, draw(disputes(kind, about, sources)), None
    if call == "corroborations":
        return "amend", fact, call, {"citations": draw(cited(sources))}, None
    withdraws = draw(st.integers(0, 4)) if call == "withdrawal" else None
    return "amend", fact, call, draw(grounds(sources)), withdraws


def told_to(desks: Sequence[Desk], history: History) -> list[tuple[Desk, Told]]:
    """Tell the history to each of the desks under the same fresh ids; what they refuse is left out, and is the same."""
    first = Told.fresh(history)
    each = [(desk, replace(first, calls=[])) for desk in desks]
    for step in history.steps:
        for desk, told in each:
            tell_step(desk, told, step)
    for _, told in each[1:]:
        assert told.accepted() == each[0][1].accepted(), "what one database takes another refuses"
    return each


def tell_step(desk: Desk, told: Told, step: Step) -> bool:
    """Whether the step was accepted."""
    sort, *given = step
    calls: list[Recorded] = []

    def decide(call: Call) -> list[Any]:
        calls.clear()
        return STEPS[sort](Telling(told, call, calls), *given)

    try:
        receipts = desk.write("teller", decide)
    except ChronologyError:
        return False
    for noted, receipt in zip(calls, receipts, strict=True):
        if receipt.created:
            told.calls.append(replace(noted, position=receipt.position))
    return True


@dataclass
class Telling:
    """One call: the real ids for the numbers of the history, and what is noted of it."""

    told: Told
    call: Call
    calls: list[Recorded]

    def note(self, name: str, of: str, body: dict[str, Any], **more: Any) -> None:
        self.calls.append(Recorded(name, of, 0, self.call.recorded, body, **more))

    def source(self, number: int) -> str:
        return f"{self.told.prefix}r{number}"

    def versions(self, number: int) -> int:
        known = [*self.told.calls, *self.calls]
        return sum(each.of == self.source(number) and each.call in ("source", "revision") for each in known)

    def shelve(self, numbers: Sequence[int]) -> list[Any]:
        """Register the sources that are not yet."""
        receipts = []
        for number in dict.fromkeys(numbers):
            if not self.versions(number):
                noted = {k: v for k, v in self.told.history.sources[number].items() if v is not None}
                body = {"id": self.source(number), "title": "A report", "text": f"What {number} says.", **noted}
                receipts.append(register_source(self.call, body))
                self.note("source", body["id"], {"zone": "UTC", **body})
        return receipts

    def body(self, given: dict[str, Any]) -> dict[str, Any]:
        """The body with ids for numbers."""
        body = dict(given)
        if "citations" in body:
            body["citations"] = [
                {"source": self.source(n), "version": min(v, self.versions(n) - 1) + 1, "exact": f"What {n} says."}
                for n, v in dict(given["citations"]).items()
            ]
        if "changes" in body:
            body["changes"] = self.body(body["changes"])
        if "subject" in body:
            body["subject"] = f"{self.told.prefix}s{body['subject']}"
        return body


def _facts(telling: Telling, given: list[dict[str, Any]]) -> list[Any]:
    receipts = telling.shelve([n for fact in given for n, _ in fact["citations"]])
    told = len(telling.told.facts)
    bodies = []
    for place, each in enumerate(given):
        number = each.get("number", told + place)
        name = f"{telling.told.prefix}f{number * 7 % 10}-{number}"  # ids are not in the order of telling
        kind = telling.told.history.subjects[each["subject"]]
        body = {k: v for k, v in telling.body(each).items() if k != "number"}
        bodies.append({"id": name, "subject_kind": kind, **body})
        telling.note("fact", name, bodies[-1])
    return receipts + record_facts(telling.call, bodies, [f"/{n}" for n in range(len(bodies))])


def _amend(telling: Telling, fact: int, name: str, given: dict[str, Any], withdraws: int | None) -> list[Any]:
    accepted = telling.told.facts
    if not accepted:
        return []
    of = accepted[fact % len(accepted)]
    receipts = telling.shelve([n for n, _ in given.get("citations", [])])
    body = telling.body(given)
    standing = Standing(Log([*telling.told.calls, *telling.calls]), [c for c in telling.told.calls if c.of == of], EVER)
    lifts = standing.retractions[-1].n if standing.retractions else None
    if withdraws is not None:
        withdraws = withdraws % max(1, len(standing.amendments)) + 1
    receipt = amend(telling.call, of, name, body, withdraws)
    telling.note(name, of, body, n=receipt.n, withdraws=withdraws, lifts=lifts if name == "reinstatements" else None)
    return [*receipts, receipt]


def _source(telling: Telling, number: int, changes: dict[str, Any]) -> list[Any]:
    receipts = telling.shelve([number])
    body = {"kind": "transcription_error", "reason": "misread", "changes": changes}
    telling.note("source correction", telling.source(number), body)
    return [*receipts, correct_source(telling.call, telling.source(number), body)]


def _revise(telling: Telling, number: int, dated: dict[str, Any]) -> list[Any]:
    receipts = telling.shelve([number])
    body = {"text": f"What {number} says. Version {telling.versions(number) + 1}.", **dated}
    telling.note("revision", telling.source(number), body)
    return [*receipts, revise_source(telling.call, telling.source(number), body)]


def _describe(telling: Telling, number: int) -> list[Any]:
    name = f"{telling.told.prefix}s{number}"
    body = {"id": name, "kind": telling.told.history.subjects[number], "title": "Told", "aliases": ["told"]}
    telling.note(
        "fact",
        f"subject:{name}",
        {"kind": "SubjectDescribed", "subject": name, **{k: body[k] for k in ("title", "aliases")}},
    )
    return [describe_subject(telling.call, body)]


STEPS: dict[str, Callable[..., list[Any]]] = {
    "facts": _facts,
    "amend": _amend,
    "source": _source,
    "revise": _revise,
    "describe": _describe,
}


@dataclass(frozen=True)
class Reading:
    """A clock reading, with numbers of calls for what lies in the record."""

    at: str | None
    reported: str | int | None
    position: int | None
    recorded: int | None
    zone: str

    def asked(self, told: Told) -> Asked:
        """The question to ask of the service."""

        def call(number: int) -> Recorded:
            return told.calls[number % len(told.calls)]

        reported = moment(call(self.reported).recorded) if isinstance(self.reported, int) else self.reported
        position = call(self.position).position if self.position is not None else None
        recorded = moment(call(self.recorded).recorded) if self.recorded is not None and position is None else None
        return Asked(self.at, reported, recorded, self.zone, position)


def moment(microseconds: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).isoformat().replace("+00:00", "Z")


def readings() -> st.SearchStrategy[Reading]:
    numbers = st.integers(0, 20)
    texts = st.sampled_from([*DAYS, *INSTANTS])
    return st.builds(
        Reading,
        at=st.none() | texts,
        reported=st.one_of(st.none(), st.none(), texts, texts, numbers),
        position=st.none() | numbers,
        recorded=st.none() | numbers,
        zone=st.sampled_from(["UTC", "UTC", *ZONES]),
    )
