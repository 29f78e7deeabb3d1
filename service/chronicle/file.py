"""Chronicle files: sources, subjects, facts and amendments as the API takes them, in YAML or NDJSON.

In YAML, four lists; in NDJSON one object a line with one of the keys source, subject, fact, amendment. `text_file`,
relative to the file, may stand for a source's `text`. An amendment names its `fact`, `source` or `subject` and its
`call`, or for a withdrawal what it withdraws: `{fact: ID, withdraw: NUMBER or ID, ...}`.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import yaml

from events.amendments import CALLS, VerdictGiven
from events.commands import record_sources
from events.commands.acts_on_subjects import act_numbered, judge, merge, split, withdraw_regrouping, withdraw_verdict
from events.commands.amend_facts import amend, amendment_numbered
from events.commands.record_facts import description_as_fact, look_ahead, read_facts, record_read
from events.errors import ChronologyError, Fault, Invalid
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from service.chronicle.body_fields import LONGEST_SOURCE
from service.chronicle.json_limits import MOST_VALUES, check_shape, yaml_in
from service.chronicle.schemas import (
    AmendmentSchema,
    MergeSchema,
    OurActSchema,
    RevisionSchema,
    SourceCorrectionSchema,
    SourceSchema,
    SourceWithdrawalSchema,
    SplitSchema,
    SubjectSchema,
    VerdictSchema,
    read,
)

STAMPS = ("recorded", "recorded_by", "accepted_by", "pseudonym", "agency_pseudonym")  # what is said of a recording
LISTS = ("sources", "subjects", "facts", "amendments")
BODY = Path("the body")  # what a chronicle is called that comes in by HTTP, and has no files beside it
Chronicle = dict[str, list[Any]]
_SOURCE, _SUBJECT, _AMENDMENT, _OUR_ACT = SourceSchema(), SubjectSchema(), AmendmentSchema(), OurActSchema()
_Decide = Callable[[UnitOfWork, str, Any], Receipt]
_CALLS: dict[str, dict[str, tuple[Any, _Decide]]] = {
    "source": {
        "revisions": (RevisionSchema(), record_sources.revise_source),
        "corrections": (SourceCorrectionSchema(), record_sources.correct_source),
        "withdrawals": (SourceWithdrawalSchema(), record_sources.withdraw_source),
    },
    "subject": {
        "merges": (MergeSchema(), merge),
        "splits": (SplitSchema(), split),
        "verdicts": (VerdictSchema(), judge),
    },
}
"""The calls on sources and subjects: the schema and the decision of each."""
_WITHDRAWAL = "withdrawal"
_ABOUT = ("fact", *_CALLS)
CALL_NAMES = (*CALLS, *(name for calls in _CALLS.values() for name in calls))
Place = tuple[str, int]  # an item: the name of its list, and its place there
_LARGEST_TEXT = 4 * LONGEST_SOURCE  # bytes


def chronicle_in(path: Path, given: bytes) -> Chronicle:
    """The four lists of a YAML chronicle file of that content, with the texts of `text_file` read in.

    Raises:
        Invalid: it cannot be read as a chronicle.
    """
    try:
        content = given.decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"{path}: {error}") from None
    try:
        document = yaml_in(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Invalid(f"{path} is not YAML: {' '.join(str(error).split())[:300]}") from None
    check_shape(document, max(MOST_VALUES, len(content)))  # more values than characters are made by aliases alone
    if not isinstance(document, dict) or not set(document) <= set(LISTS):
        raise Invalid(f"{path} is not a chronicle file: it holds other things than {', '.join(LISTS)}")
    for name, items in document.items():
        if items is not None and not isinstance(items, list):
            raise Invalid.at(f"/{name}", f"{name} is not a list")
    lists = {name: document.get(name) or [] for name in LISTS}
    return {**lists, "sources": [with_text(path, at, source) for at, source in enumerate(lists["sources"])]}


def unstamped(item: Any) -> Any:
    """An item without what it says of its recording: that is for an import as recorded."""
    return {name: item[name] for name in item if name not in STAMPS} if isinstance(item, dict) else item


def with_text(path: Path, index: int, source: Any) -> Any:
    """A source as the file at the path has it, with its `text_file` read in; Invalid if that cannot be read."""
    if path == BODY or not isinstance(source, dict) or "text_file" not in source:
        return source
    rest = dict(source)
    if (file := rest.pop("text_file")) is None:
        return rest
    try:
        return {**rest, "text": _text_beside(path, str(file))}
    except (OSError, ValueError) as error:
        raise Invalid.at(f"/sources/{index}/text_file", f"{file!r:.200} cannot be read: {error}") from None


def _text_beside(path: Path, file: str) -> str:
    """The text of a file below the folder of the chronicle file: who wrote that may not have the run of this machine.

    Raises:
        ValueError: it lies elsewhere, is no regular file, is too long or is not UTF-8.
    """
    folder = path.parent.resolve()
    found = (folder / file).resolve()
    if not found.is_relative_to(folder):
        raise ValueError("it does not lie in the folder of the chronicle file")
    if found.exists() and not found.is_file():
        raise ValueError("it is no file")
    with found.open("rb") as text:
        content = text.read(_LARGEST_TEXT + 1)
    if len(content) > _LARGEST_TEXT:
        raise ValueError(f"it is longer than any source may be ({LONGEST_SOURCE} characters)")
    return content.decode()


class ParsedChronicle:
    """A chronicle read and ready to be recorded in one call.

    Args:
        lists: the lists; those that are not among the four of a chronicle are left aside.
        seen: how often each amendment without an id was read before, in earlier calls of the same file.
        order: in which order the items are to be recorded; list by list if not given.
        identifies: give ids to amendments without one.
    """

    def __init__(
        self,
        lists: Mapping[str, Sequence[Any]],
        seen: Counter[bytes] | None = None,
        order: Sequence[Place] | None = None,
        *,
        identifies: bool = True,
    ) -> None:
        self.given = lists = {name: [unstamped(each) for each in lists.get(name, ())] for name in LISTS}
        self.sources = [read(_SOURCE, each, f"/sources/{at}") for at, each in enumerate(lists["sources"])]
        subjects = [(read(_SUBJECT, each, f"/subjects/{at}"), at) for at, each in enumerate(lists["subjects"])]
        self.subjects = [self._named("", description_as_fact, each, f"/subjects/{at}") for each, at in subjects]
        self.facts = self._named("", read_facts, lists["facts"], [f"/facts/{at}" for at in range(len(lists["facts"]))])
        self.amendments = [_amendment(each, f"/amendments/{at}") for at, each in enumerate(lists["amendments"])]
        if identifies:
            _identify(self.amendments, Counter() if seen is None else seen)
        self._order = [(name, at) for name in LISTS for at in range(len(lists[name]))] if order is None else order

    def record(self, unit: UnitOfWork) -> list[Receipt]:
        """Record everything: the decision of one writing call.

        Raises:
            ChronologyError: something is refused, and so all of it; the sentence names the item.
        """
        read_ahead(unit, [self])
        return self.decided(unit)

    def decided(self, unit: UnitOfWork) -> list[Receipt]:
        """The same, where what it asks for was read ahead."""
        groups = groupby(self._order, key=lambda place: place[0])
        return [each for name, places in groups for each in self._recorded(unit, name, [at for _, at in places])]

    def _recorded(self, unit: UnitOfWork, name: str, places: list[int]) -> list[Receipt]:
        """Record items of one list, in this order."""
        if name in ("subjects", "facts"):
            receipts: list[Receipt] = self._named("", record_read, unit, [getattr(self, name)[at] for at in places])
            return receipts
        decide = {"sources": record_sources.register_source, "amendments": _amend}[name]
        return [self._named(f"/{name}/{at}", decide, unit, getattr(self, name)[at]) for at in places]

    def _named(self, pointer: str, decide: Any, *arguments: Any) -> Any:
        try:
            return decide(*arguments)
        except ChronologyError as error:
            told = error.faults or (Fault("", error.sentence),)
            faults = [Fault(pointer + each.pointer, each.sentence) for each in told]
            raise type(error)(f"{self._item(faults[0].pointer)}: {error.sentence}", *faults) from None

    def _item(self, pointer: str) -> str:
        """The item at a pointer, in words: `fact 'round-2-began'`."""
        name, index = pointer.split("/")[1:3]
        item = self.given[name][int(index)]
        ids = [item[key] for key in ("id", *_ABOUT) if item.get(key)] if isinstance(item, dict) else []
        return f"{name[:-1]} {(ids or [index])[0]!r} ({pointer})"


def read_ahead(unit: UnitOfWork, readings: Iterable[ParsedChronicle]) -> None:
    """Read all at once what recording the chronicles will ask for."""
    every = list(readings)
    unit.read("source", [source["id"] for each in every for source in each.sources])
    look_ahead(unit, [fact for each in every for fact in (*each.subjects, *each.facts)])
    amendments = [amendment for each in every for amendment in each.amendments]
    unit.read_amended(each["of"] for each in amendments if each["about"] == "fact")


def _amendment(item: Any, pointer: str) -> dict[str, Any]:
    """One amendment: what it is about, its call, and its checked body."""
    about = next((name for name in _ABOUT if isinstance(item, dict) and isinstance(item.get(name), str)), None)
    if about is None:
        raise Invalid.at(pointer, "an amendment names its fact, its source or its subject")
    item = {name: value for name, value in item.items() if value is not None or name == "prefers"}
    body = {name: value for name, value in item.items() if name not in (about, "call", "withdraw")}
    withdraw = item.get("withdraw")
    call = item.get("call") if withdraw is None else _WITHDRAWAL
    calls = CALLS if about == "fact" else _CALLS[about]
    if not isinstance(call, str) or call not in (*calls, *([] if withdraw is None else [_WITHDRAWAL])):
        raise Invalid.at(f"{pointer}/call", f"{call!r:.80} is none of {', '.join(calls)}")
    ours = _OUR_ACT if call == _WITHDRAWAL else None
    schema: Any = _AMENDMENT if about == "fact" else ours or _CALLS[about][call][0]
    return {"about": about, "of": item[about], "call": call, "withdraw": withdraw, "body": read(schema, body, pointer)}


def _identify(amendments: list[dict[str, Any]], seen: Counter[bytes]) -> None:
    """Give an id to each amendment without one, made from its content, so that importing a file twice adds nothing."""
    for amendment in amendments:
        if "id" in amendment["body"] or amendment["call"] == "revisions":
            continue
        content = orjson.dumps(amendment, option=orjson.OPT_SORT_KEYS)
        counted = hashlib.sha256(content).digest()
        seen[counted] += 1
        digest = hashlib.sha256(content + str(seen[counted]).encode()).hexdigest()
        amendment["body"]["id"] = f"amendment-{digest[:20]}"


def _amend(unit: UnitOfWork, amendment: dict[str, Any]) -> Receipt:
    about, of, call, withdraw, body = (amendment[each] for each in ("about", "of", "call", "withdraw", "body"))
    if about == "fact":
        withdraws = amendment_numbered(unit.fact(of), withdraw).n if call == _WITHDRAWAL else None
        return amend(unit, of, call, body, withdraws)
    if call == _WITHDRAWAL and about == "source":
        return record_sources.withdraw_withdrawal(
            unit, of, record_sources.withdrawal_numbered(unit, of, withdraw).n, body
        )
    if call == _WITHDRAWAL:
        act = act_numbered(unit, of, withdraw)
        undo = withdraw_verdict if act.name == VerdictGiven.__name__ else withdraw_regrouping
        return undo(unit, of, act.version, body)
    _, decide = _CALLS[about][call]
    return decide(unit, of, body)
