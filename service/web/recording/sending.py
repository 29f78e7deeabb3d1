"""What is sent to be recorded: recorded at once, proposed where four eyes are asked for, or only tried."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeVar

from flask import g, request

from events.commands.review import Decide, give_words, propose
from events.errors import Changed, Conflict, Invalid
from events.field_types import Json
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from projections.queries.history.would_change import WouldChange
from service.databases.trials import what_would_change
from service.web.access import chronology, recorder

Chronicle = Mapping[str, Json]
Answer = TypeVar("Answer")


class Outcome(NamedTuple):
    """What became of what was sent: the receipts of what is recorded, or that of the proposal that waits."""

    receipts: Sequence[Receipt]
    proposal: Receipt | None


def record_or_propose(decide: Decide, chronicle: Chronicle, without_words: str | None = None) -> Outcome:
    """Record what was sent; or propose it, where it waits for another pair of eyes. `chronicle` holds it as lists.

    `without_words` is the proposal that waited for the words of what was sent, and is decided in the same call.
    """

    def settled(act: Callable[[UnitOfWork], Answer]) -> Answer:
        name = without_words
        return chronology().write(recorder(), act if name is None else lambda call: give_words(call, name, act))

    if not waits(chronicle):
        return Outcome(settled(decide), None)
    receipt, trial = settled(lambda call: propose(call, chronicle, decide))
    return Outcome(trial, receipt)


def sent_to_an_editor(decide: Decide, chronicle: Chronicle) -> Outcome:
    """Propose what was sent, though it might be recorded at once."""
    receipt, trial = chronology().write(recorder(), lambda call: propose(call, chronicle, decide))
    return Outcome(trial, receipt)


def waits(chronicle: Chronicle) -> bool:
    """Whether what is sent waits until somebody else accepts it, as the settings have it."""
    settings = chronology().settings
    if g.bearer.may("editor") and "editors" not in settings.waiting:
        return False
    amended = chronicle.get("amendments", ())
    is_of_sources = bool(chronicle.get("sources")) or any("source" in each for each in amended)
    is_of_facts = any(chronicle.get(each) for each in ("facts", "subjects")) or any(
        "source" not in each for each in amended
    )
    return (is_of_sources and "sources" in settings.waiting) or (is_of_facts and "facts" in settings.waiting)


def is_check() -> bool:
    """Whether the request asks what it would change, with `check=yes`.

    Raises:
        Invalid: it says neither yes nor no.
    """
    said = request.args.get("check", "no")
    if said not in ("yes", "no"):
        raise Invalid.at("/check", f"{said!r:.80} is neither yes nor no")
    return said == "yes"


def change_by(decide: Decide) -> WouldChange:
    """What recording it would change."""
    return what_would_change(chronology(), recorder(), decide)


def if_unchanged(
    unit: UnitOfWork, of: str, name: str, is_expected: Callable[[int], bool], decide: Callable[[], Sequence[Receipt]]
) -> Sequence[Receipt]:
    """Amend what is as the sender has seen it; what is recorded already may be sent again (RFC 9110, 13.1.1).

    Raises:
        Changed: it has changed since.
    """
    version = len(unit.entries(of, name))
    if version == 0 or is_expected(version):
        return decide()
    with suppress(Conflict, Invalid):
        receipts = decide()
        if not any(receipt.created for receipt in receipts):
            return receipts
    amended = f"it has {version - 1} amendments" if of == "fact" else f"{version} events are recorded of it"
    raise Changed(f"{of} {name!r} has changed since, or was never so: {amended}")
