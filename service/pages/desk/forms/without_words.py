"""The form of a fact that waits for its words, or of a passage that waits for its kind: filled in as proposed."""

from collections.abc import Mapping

from events.errors import Conflict
from events.facts import KINDS, fields_of
from events.field_types import Json
from projections.read_models.proposals import Proposal, proposal
from service.pages.desk.forms.controls import text_of
from service.pages.request import PageRequest


def unsourced(page: PageRequest, name: str) -> Proposal:
    """The proposal of that name, whatever became of it.

    Raises:
        Conflict: it waits for an editor alone.
    """
    found = proposal(page.snapshot, name)
    if found["state"] in ("waiting", "rejected"):
        raise Conflict(f"proposal {name!r} does not wait for words: it is {found['state']}")
    return found


def is_uncoded(page: PageRequest, name: str) -> bool:
    """Whether the proposal is a passage that waits for its kind."""
    return proposal(page.snapshot, name)["state"] == "uncoded"


def typed_of(waiting: Proposal) -> dict[str, str]:
    """What its form begins with.

    Raises:
        Conflict: it is decided, and its words are gone.
    """
    if not isinstance(waiting["chronicle"], dict):
        raise Conflict(f"proposal {waiting['id']!r} is decided already, by {waiting.get('decided_by')}")
    if waiting["state"] == "uncoded":
        (citation,) = waiting["chronicle"]["passages"][0]["citations"]
        return {f"citations.0.{name}": str(value) for name, value in citation.items()}
    fact: Mapping[str, Json] = waiting["chronicle"]["facts"][0]
    types = fields_of(KINDS[fact["kind"]])
    typed = {name: text_of(of, fact[name]) for name, of in types.items() if name in fact}
    apart = {"kind": fact["kind"], "subject_kind": fact.get("subject_kind")}
    apart |= {"citations.0.source": waiting.get("source")}
    return typed | {name: value for name, value in apart.items() if value}
