"""Decisions on a recorded fact: corroborate, dispute, correct, retract, reinstate, withdraw.

An amendment is refused when it names what is not there, when nothing carries it, or when the fact as it would stand
at the head of the log is not whole.
"""

from collections.abc import Mapping
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
from events.commands.record_facts import name_all
from events.commands.repeats import repeated
from events.errors import Conflict, Fault, Invalid, NotFound
from events.facts import ENVELOPE, KINDS, fields_of, kind_named, own_fields, statuses_of, whole_values
from events.field_types import escaped
from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.streams import HEAD, Entry, FactHistory
from events.log.unit_of_work import Receipt, UnitOfWork

_COMPARED = ("kind", "reason", "withdraws", "changes", "citations")
_UNDISPUTED = ("subject", "zone", "note", "credibility")


def amend(unit: UnitOfWork, fact: str, name: str, body: Mapping[str, Any], withdraws: int | None = None) -> Receipt:
    """Record an amendment of a fact.

    Args:
        unit: the unit of work.
        fact: the fact's id.
        name: the call by its path: corroborations, disputes, corrections, retractions, reinstatements, withdrawal.
        body: `{id?, kind?, reason?, citations?, changes?}`.
        withdraws: for a withdrawal, the number of the amendment to undo.

    Raises:
        NotFound: there is no such fact or amendment.
        Conflict: it is retracted, stands or is withdrawn already, or the id stands for another amendment.
        Invalid: the amendment rests on nothing, or would leave the fact less than whole.
    """
    history = unit.fact(fact)
    if not history.entries:
        raise NotFound(f"no fact {fact!r} is recorded")
    make = CALLS[name]
    values = {each: value for each, value in body.items() if value not in (None, [], {})}
    if "citations" in values:
        values["citations"], flaws = whole_citations(values["citations"], cited=False)
        if flaws:
            raise Invalid.together(flaws)
    if withdraws is not None:
        values["withdraws"] = withdraws
    given = {**values, "changes": _as_stored(history, values.get("changes", {}))}
    what = f"amendment {values.get('id')!r} of fact {fact!r}"
    if known := repeated(history.amendments, make, given, _COMPARED, what):
        return unit.receipt_of(fact, known)
    _check_ground(make, values)
    values["fact"] = fact
    if make in _DECISIONS:
        values.update(_DECISIONS[make](unit, history, values))
    values["citations"] = cite(unit, values.get("citations", ()))
    if make is FactCorrected:
        values["opens"] = _opened_by(unit, history, values)
    return unit.stage("fact", fact, make, values)


def _as_stored(history: FactHistory, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes in the form that is stored, as far as they can be read; for comparing."""
    named = changes.get("kind")
    kind = KINDS[named if isinstance(named, str) and named in KINDS else history.recording.name]
    types = fields_of(kind)
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
    standing = fact_as_of(history, unit.sources(history.sources()), None)
    assert standing is not None  # at the head every recorded fact is visible
    return standing


def _retract(unit: UnitOfWork, history: FactHistory, _: Mapping[str, Any]) -> dict[str, Any]:
    if _at_head(unit, history).retracted:
        raise Conflict(f"fact {history.id!r} is retracted already")
    return {}


def _reinstate(unit: UnitOfWork, history: FactHistory, _: Mapping[str, Any]) -> dict[str, Any]:
    standing = _at_head(unit, history)
    if not standing.retracted:
        raise Conflict(f"fact {history.id!r} is not retracted")
    return {"lifts": max(entry.n for entry in standing.retractions)}


def _withdraw(unit: UnitOfWork, history: FactHistory, values: Mapping[str, Any]) -> dict[str, Any]:
    n = values["withdraws"]
    if not 1 <= n <= len(history.amendments):
        raise NotFound(f"fact {history.id!r} has no amendment {n}")
    if n in _at_head(unit, history).withdrawn:
        raise Conflict(f"amendment {n} of fact {history.id!r} is withdrawn already")
    return {}


def _dispute(unit: UnitOfWork, history: FactHistory, values: Mapping[str, Any]) -> dict[str, Any]:
    """A rival value is one that the field could take; `status` is one that the subject could have."""
    standing = _at_head(unit, history)
    types = own_fields(standing.kind) | {name: of for name, of in ENVELOPE.items() if name not in _UNDISPUTED}
    read, faults = {}, []
    for name, value in values["changes"].items():
        pointer = f"/changes/{escaped(name)}"
        if name == "status":
            kind = unit.kind_of(standing.subject)
            if kind is None or value not in statuses_of(kind):
                faults.append(Fault(pointer, f"{value!r:.80} is no status of {standing.subject!r}"))
            read[name] = value
        elif name not in types:
            faults.append(Fault(pointer, f"{standing.kind.__name__} has no field {name!r:.80} to dispute"))
        else:
            try:
                read[name] = types[name].read(value)
            except Invalid as error:
                faults += error.under(pointer).faults
    if faults:
        raise Invalid.together(faults)
    return {"changes": read}


def _correct(unit: UnitOfWork, history: FactHistory, values: Mapping[str, Any]) -> dict[str, Any]:
    """Each value is one that its field could take; null removes it."""
    standing = _at_head(unit, history)
    changes = dict(values["changes"])
    kind = standing.kind
    if "kind" in changes:
        if values.get("kind") != "misclassification":
            raise Invalid.at("/changes/kind", "only a correction of kind misclassification changes the kind")
        kind = kind_named(changes["kind"], "/changes/kind")
    types = own_fields(kind) | ENVELOPE
    faults = []
    for name, value in changes.items():
        pointer = f"/changes/{escaped(name)}"
        if name == "kind" or (value is None and name in types):
            continue
        if name not in types:
            faults.append(Fault(pointer, f"{kind.__name__} has no field {name!r:.80}"))
            continue
        try:
            changes[name] = types[name].read(value)
        except Invalid as error:
            faults += error.under(pointer).faults
    if faults:
        raise Invalid.together(faults)
    return {"changes": changes}


def _opened_by(unit: UnitOfWork, history: FactHistory, values: Mapping[str, Any]) -> dict[str, str | None]:
    """The subjects that the correction opens; the fact as corrected must be whole at the head."""
    trial = Entry(HEAD, unit.recorded, FactCorrected.__name__, len(history.entries) + 1, dict(values))
    standing = _at_head(unit, FactHistory(history.id, [*history.entries, trial]))
    _, faults = whole_values(standing.kind, standing.values)
    if faults:
        raise Invalid.together([Fault(f"/changes{fault.pointer}", fault.sentence) for fault in faults])
    opens = name_all(unit, standing.kind, standing.values)
    if unit.kind_of(standing.subject) is None:
        raise Invalid.at("/changes/subject", f"{standing.subject!r} is new and its kind is not known")
    return opens


def amendment_numbered(history: FactHistory, name: str | int) -> Entry:
    """The amendment of that number or id.

    Raises:
        NotFound: the fact has no such amendment.
    """
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
