"""Facts that no words carry yet, as they are sent: the values, and beside them what will be recorded with the fact."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.commands.review import propose_without_words
from events.errors import Fault, Invalid
from events.field_types import ID, Json
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from service.chronicle.schemas import SubjectSchema, read

WITHOUT_WORDS = "without_words"
"""The list of items that are none of a chronicle yet."""
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
