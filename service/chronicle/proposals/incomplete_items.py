"""Items that are none of a chronicle yet, as they are sent: facts that no words carry, and passages of no kind."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from events.commands.review import propose_passages, propose_without_words
from events.errors import Fault, Invalid
from events.field_types import ID, Json
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from service.chronicle.schemas import SubjectSchema, read

WITHOUT_WORDS = "without_words"
"""The list of facts that no words carry yet."""
WITHOUT_KIND = "without_kind"
"""The list of passages that are no citations of a fact yet."""
_SUBJECT = SubjectSchema()


def propose_items(unit: UnitOfWork, bodies: Sequence[Any], pointers: Sequence[str]) -> list[Receipt]:
    """Propose facts without citations, each with the descriptions (`subjects`) and the `source` that are sent with it.

    Raises:
        Invalid: something of them cannot be read.
    """
    for body, pointer in zip(bodies, pointers, strict=True):
        _check_beside(body, pointer)
    return propose_without_words(unit, bodies, pointers)


def _check_beside(body: Any, pointer: str) -> None:
    if not isinstance(body, Mapping):
        return
    described: Json = body.get("subjects") or []
    if not isinstance(described, list):
        raise Invalid.together([Fault(f"{pointer}/subjects", "subjects are a list of descriptions")])
    for at, each in enumerate(described):
        read(_SUBJECT, each, f"{pointer}/subjects/{at}")
    if body.get("source") is not None:
        try:
            ID.read(body["source"])
        except Invalid as error:
            raise error.under(f"{pointer}/source") from None


Propose = Callable[[UnitOfWork, Sequence[Any], Sequence[str]], list[Receipt]]
PROPOSED: Mapping[str, Propose] = {WITHOUT_WORDS: propose_items, WITHOUT_KIND: propose_passages}
"""The lists of items that are none of a chronicle yet, and what proposes them."""


def propose_lacking(unit: UnitOfWork, lacking: Mapping[str, Sequence[Any]]) -> Iterator[Receipt]:
    """Propose what lists of these names hold; refusals point into the lists."""
    for name, bodies in lacking.items():
        yield from PROPOSED[name](unit, bodies, [f"/{name}/{at}" for at in range(len(bodies))])
