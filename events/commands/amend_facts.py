"""Decisions on a recorded fact: corroborate, dispute, correct, retract, reinstate, withdraw.

An amendment is refused when it names what is not there, when nothing carries it, or when the fact as it would stand
at the head of the log is not whole.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from events.amendments import (
    CALLS,
    OUR_KINDS,
    AmendmentWithdrawn,
    FactCorrected,
    FactCorroborated,
    FactDisputed,
    FactReinstated,
    FactRetracted,
)
from events.commands.citations import cite, whole_citations
from events.commands.idempotence import repeated
from events.commands.record_facts import name_all, with_warnings
from events.errors import Conflict, Fault, Invalid, NotFound
from events.facts import (
    ENVELOPE,
    KINDS,
    Fact,
    fields_of,
    fields_of_all_kinds,
    kind_named,
    own_fields,
    statuses_of,
    subjects_named,
    whole_values,
)
from events.field_types import escaped
from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.streams import HEAD, Entry, FactHistory
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork

_COMPARED = ("kind", "reason", "withdraws", "changes", "citations")
_UNDISPUTED = ("subject", "zone", "note", "credibility")


def amend(unit: UnitOfWork, fact: str, name: str, body: Mapping[str, Any], withdraws: int | None = None) -> Receipt:
    """Record an amendment of a fact; `name` is a key of `CALLS`.

    The body is `{id?, kind?, reason?, citations?, changes?}`; `withdraws` is the number of the amendment to undo.
    """
    history = FactHistory(fact, unit.recorded_entries("fact", fact))
    make = CALLS[name]
    values = {each: value for each, value in body.items() if value not in (None, [], {})}
    if "citations" in values:
        values["citations"], flaws = whole_citations(values["citations"], cited=False)
        if flaws:
            raise Invalid.together(flaws)
    if withdraws is not None:
        values["withdraws"] = withdraws
    stored = {**values, "changes": _as_stored(values.get("changes", {}))}
    what = f"amendment {values.get('id')!r} of fact {fact!r}"
    if known := repeated(history.amendments, make, stored, _COMPARED, what):
        return unit.receipt_of(fact, known)
    _check_ground(make, values)
    values["fact"] = fact
    if make in _DECISIONS:
        values.update(_DECISIONS[make](unit, history, values))
    values["citations"] = cite(unit, values.get("citations", ()))
    if make is FactCorrected:
        values["opens"] = _opened_by(unit, history, values)
    return with_warnings(unit, unit.stage("fact", fact, make, values))


def _as_stored(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes in the form that is stored, as far as they can be read; for comparing."""
    types = fields_of_all_kinds()
    stored = dict(changes)
    for name, value in changes.items():
        with suppress(Invalid):
            stored[name] = types[name].read(value) if name in types and value is not None else value
    return stored


def _check_ground(make: type, values: Mapping[str, Any]) -> None:
    """An amendment is a source's act, with citations, or ours, with a kind and a reason."""
    kind = values.get("kind")
    if kind is not None and kind not in OUR_KINDS:
        raise Invalid.at("/kind", f"{kind!r:.80} is none of our kinds: {', '.join(OUR_KINDS)}")
    if kind is not None and not values.get("reason"):
        raise Invalid.at("/reason", "an amendment of ours needs a reason")
    if kind is None and not values.get("citations"):
        raise Invalid.at(
            "/citations", "an amendment needs citations of a source's act, or one of our kinds with a reason"
        )
    if make is FactCorroborated and not values.get("citations"):
        raise Invalid.at("/citations", "a corroboration needs the citations that it adds")
    takes_changes = make in (FactCorrected, FactDisputed)
    if takes_changes and not values.get("changes"):
        raise Invalid.at("/changes", "nothing is changed")
    if not takes_changes and values.get("changes"):
        raise Invalid.at("/changes", "only corrections and disputes name values")


def _at_head(unit: UnitOfWork, history: FactHistory) -> FactAsOf:
    fact = fact_as_of(history, unit.sources(history.sources()), None)
    assert fact is not None  # at the head every recorded fact is visible
    return fact


def _retract(unit: UnitOfWork, history: FactHistory, _: Mapping[str, Any]) -> dict[str, Any]:
    if _at_head(unit, history).retracted:
        raise Conflict(f"fact {history.id!r} is retracted already")
    return {}


def _reinstate(unit: UnitOfWork, history: FactHistory, _: Mapping[str, Any]) -> dict[str, Any]:
    fact = _at_head(unit, history)
    if not fact.retracted:
        raise Conflict(f"fact {history.id!r} is not retracted")
    return {"lifts": max(entry.n for entry in fact.retractions)}


def _withdraw(unit: UnitOfWork, history: FactHistory, values: Mapping[str, Any]) -> dict[str, Any]:
    n = values["withdraws"]
    if not 1 <= n <= len(history.amendments):
        raise NotFound(f"fact {history.id!r} has no amendment {n}")
    if n in _at_head(unit, history).withdrawn:
        raise Conflict(f"amendment {n} of fact {history.id!r} is withdrawn already")
    return {}


def _dispute(unit: UnitOfWork, history: FactHistory, values: Mapping[str, Any]) -> dict[str, Any]:
    """A rival value is one that the field could take; `status` is one that the subject could have."""
    fact = _at_head(unit, history)
    types = own_fields(fact.kind) | {name: of for name, of in ENVELOPE.items() if name not in _UNDISPUTED}

    def read(name: str, value: Any) -> Any:
        if name == "status":
            kind = unit.subjects.kind_of(fact.subject)
            if kind is None or value not in statuses_of(kind):
                raise Invalid.at("", f"{value!r:.80} is no status of {fact.subject!r}")
            return value
        if name not in types:
            raise Invalid.at("", f"{fact.kind.__name__} has no field {name!r:.80} to dispute")
        return types[name].read(value)

    return {"changes": _read_changes(values["changes"], read)}


def _correct(unit: UnitOfWork, history: FactHistory, values: Mapping[str, Any]) -> dict[str, Any]:
    """Each value is one that its field could take; null removes it, also a field of a kind that the fact had.

    A change of kind drops no field in silence: of those that the new kind lacks, the correction says null.
    """
    changes = values["changes"]
    fact = _at_head(unit, history)
    kind = fact.kind
    if "kind" in changes:
        if values.get("kind") != "misclassification":
            raise Invalid.at("/changes/kind", "only a correction of kind misclassification changes the kind")
        kind = kind_named(changes["kind"], "/changes/kind")
    types = fields_of(kind)
    removable = types.keys() | {name for each in _kinds_of(history) for name in fields_of(each)}

    def read(name: str, value: Any) -> Any:
        if name != "kind" and name not in (removable if value is None else types):
            raise Invalid.at("", f"{kind.__name__} has no field {name!r:.80}")
        return value if name == "kind" or value is None else types[name].read(value)

    left = [name for name in own_fields(fact.kind) if name in fact.values and name not in types.keys() | changes.keys()]
    lacks = f"{kind.__name__} has no field {{!r}}, which the fact has: say null for it"
    return {"changes": _read_changes(changes, read, [Fault(f"/changes/{each}", lacks.format(each)) for each in left])}


def _kinds_of(history: FactHistory) -> list[type[Fact]]:
    """The kinds that the fact has or had."""
    named = [each.data.get("changes", {}).get("kind") for each in history.amendments if each.name == "FactCorrected"]
    return [KINDS[name] for name in (history.recording.name, *named) if name in KINDS]


def _read_changes(
    changes: Mapping[str, Any], read: Callable[[str, Any], Any], flaws: Sequence[Fault] = ()
) -> dict[str, Any]:
    """The changes as `read` returns them; what it refuses is refused together, with other flaws."""
    values: dict[str, Any] = {}
    faults = list(flaws)
    for name, value in changes.items():
        try:
            values[name] = read(name, value)
        except Invalid as error:
            faults += error.under(f"/changes/{escaped(name)}").faults
    if faults:
        raise Invalid.together(faults)
    return values


def _opened_by(unit: UnitOfWork, history: FactHistory, values: Mapping[str, Any]) -> dict[str, str | None]:
    """The subjects that the correction opens; the fact as corrected must be whole at the head."""
    trial = Entry(HEAD, unit.recorded, FactCorrected.__name__, len(history.entries) + 1, dict(values))
    fact = _at_head(unit, FactHistory(history.id, [*history.entries, trial]))
    _, faults = whole_values(fact.kind, fact.values)
    if faults:
        raise Invalid.together([Fault(f"/changes{fault.pointer}", fault.sentence) for fault in faults])
    opens = name_all(unit, subjects_named(fact.kind, fact.values))
    if unit.subjects.kind_of(fact.subject) is None:
        raise Invalid.at("/changes/subject", f"{fact.subject!r} is new and its kind is not known")
    return opens


def amendment_numbered(history: FactHistory, name: str | int) -> Entry:
    """The amendment of that number or id."""
    for entry in history.amendments:
        if type(name) in (int, str) and name in (entry.n, entry.data.get("id")):
            return entry
    raise NotFound(f"fact {history.id!r} has no amendment {name!r}")


_DECISIONS: dict[type, Any] = {
    FactDisputed: _dispute,
    FactCorrected: _correct,
    FactRetracted: _retract,
    FactReinstated: _reinstate,
    AmendmentWithdrawn: _withdraw,
}
