"""Request bodies as marshmallow schemas; those of facts only describe the kinds."""

from functools import cache
from typing import Any

import marshmallow as ma
from marshmallow_oneofschema.one_of_schema import OneOfSchema

from events.commands.citations import CITATION, MOST_CITATIONS, whole_citations
from events.errors import Fault, Invalid
from events.facts import ENVELOPE, Fact, needed_by, own_fields
from events.field_types import ID, IDS, SLUG, TEXT, ZONE, FieldType
from events.kinds.vocabulary import KINDS
from events.sources import REPAIRABLE
from service.chronicle.body_fields import (
    ADDRESS,
    DOCUMENT,
    MOMENT,
    NEEDED,
    ORIGINAL,
    OUR_KIND,
    PREFERRED,
    SORT_OF_TEXT,
    SUBJECT_KIND,
    UNKNOWN,
    messages_of,
    named_faults,
)


class Value(ma.fields.Field[Any]):
    """A value read by one of the record's own types, which also describes it."""

    def __init__(self, of: FieldType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.of = of

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        try:
            return self.of.read(value)
        except Invalid as error:
            raise ma.ValidationError(messages_of(error)) from None


class Body(ma.Schema):
    """A body: an object without unknown names; null is the same as not given."""

    class Meta:
        """Nothing unknown passes."""

        unknown = ma.RAISE

    error_messages = {"unknown": UNKNOWN, "type": "the body is not a JSON object"}


def _value(of: FieldType, *, required: bool = False) -> Value:
    messages = {"required": NEEDED, "null": NEEDED}
    return Value(of, required=required, allow_none=not required, error_messages=messages)


class SourceSchema(Body):
    """A document to take in."""

    id = _value(ID, required=True)
    title = _value(TEXT, required=True)
    publisher = _value(TEXT, required=True)
    url = _value(ADDRESS)
    published = _value(ENVELOPE["occurred"])
    zone = _value(ZONE)
    language = _value(TEXT)
    text = _value(DOCUMENT)
    retrieved_at = _value(MOMENT)
    agency = _value(TEXT)
    derived_from = _value(IDS)
    text_is = _value(SORT_OF_TEXT)
    original = _value(ORIGINAL)


class RevisionSchema(Body):
    """A changed text of a document."""

    text = _value(DOCUMENT, required=True)
    retrieved_at = _value(MOMENT, required=True)
    published = _value(ENVELOPE["occurred"])
    original = _value(ORIGINAL)


_REPAIRS = {"title": TEXT, "publisher": TEXT, "published": ENVELOPE["occurred"], "zone": ZONE, "url": ADDRESS}
_REPAIRS |= {"agency": TEXT, "derived_from": IDS, "text_is": SORT_OF_TEXT}
assert set(_REPAIRS) == set(REPAIRABLE)
RepairSchema = Body.from_dict({name: _value(of) for name, of in _REPAIRS.items()}, name="RepairSchema")


_CHANGED = ma.validate.Length(min=1, error="nothing is changed")


class SourceCorrectionSchema(Body):
    """Our repair of what we noted about a document."""

    id = _value(ID)
    kind = _value(OUR_KIND, required=True)
    reason = _value(TEXT, required=True)
    changes = ma.fields.Nested(RepairSchema, required=True, validate=_CHANGED)


class SourceWithdrawalSchema(Body):
    """A publisher's taking back of a document, and when it said so."""

    id = _value(ID)
    reason = _value(TEXT, required=True)
    published = _value(ENVELOPE["occurred"])


class ReasonSchema(Body):
    """Why."""

    reason = _value(TEXT, required=True)


class OurActSchema(Body):
    """An act of ours, with its kind and reason."""

    id = _value(ID)
    kind = _value(OUR_KIND, required=True)
    reason = _value(TEXT, required=True)


class MergeSchema(OurActSchema):
    """The subject that this one turned out to be."""

    into = _value(SLUG, required=True)


class SplitSchema(MergeSchema):
    """The subject that some of the facts turned out to be about."""

    facts = ma.fields.List(_value(ID, required=True), required=True, validate=ma.validate.Length(1, 10_000))


class VerdictSchema(Body):
    """What an editor judges of a contested finding; null prefers nothing: it cannot be decided."""

    id = _value(ID)
    finding = _value(TEXT, required=True)
    prefers = Value(PREFERRED, required=True, allow_none=True, error_messages={"required": NEEDED})
    reason = _value(TEXT, required=True)


class SubjectSchema(Body):
    """A subject: its kind, title, the whole it is part of, other names."""

    id = _value(SLUG, required=True)
    kind = _value(SUBJECT_KIND, required=True)
    title = _value(TEXT)
    part_of = _value(SLUG)
    aliases = _value(own_fields(KINDS["SubjectDescribed"])["aliases"])


class CitationSchema(Body):
    """Words of a source version (W3C TextQuoteSelector)."""

    source = _value(CITATION["source"], required=True)
    version = _value(CITATION["version"])
    exact = _value(CITATION["exact"], required=True)
    prefix = _value(CITATION["prefix"])
    suffix = _value(CITATION["suffix"])
    translation = _value(CITATION["translation"])


class Citations(ma.fields.List[Any]):
    """Citations, described by their schema and read as the record reads them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(ma.fields.Nested(CitationSchema), **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[Any]:
        citations, faults = whole_citations(value, cited=False)
        if faults:
            below = [Fault(each.pointer.removeprefix("/citations"), each.sentence) for each in faults]
            raise ma.ValidationError(messages_of(Invalid.together(below)))
        return citations


class AmendmentSchema(Body):
    """An amendment: a source's act, with citations, or ours, with a kind and a reason."""

    id = _value(ID)
    kind = _value(OUR_KIND)
    reason = _value(TEXT)
    citations = Citations(allow_none=True)
    changes = ma.fields.Dict(keys=ma.fields.String(), allow_none=True)


class FactWithoutWordsSchema(ma.Schema):
    """A fact of any kind as it is sent without citations. For the API's document alone."""

    class Meta:
        """Its other values are those of its kind."""

        unknown = ma.INCLUDE

    kind = ma.fields.String(required=True)
    subject = _value(SLUG, required=True)
    source = _value(ID)
    subjects = ma.fields.List(ma.fields.Nested(lambda: SubjectSchema()))


class FoundWordsSchema(Body):
    """Words of sources for a fact that waits for them."""

    citations = Citations(required=True, validate=ma.validate.Length(1, MOST_CITATIONS))


@cache
def fact_schema(kind: type[Fact]) -> ma.Schema:
    """The schema of the facts of one kind, which describes what `read_facts` reads."""
    required = needed_by(kind)
    values: dict[str, Any] = {"id": _value(ID)}
    values |= {name: _value(of, required=name in required) for name, of in (ENVELOPE | own_fields(kind)).items()}
    if kind.about is None:
        values["subject_kind"] = _value(SUBJECT_KIND)
    values["citations"] = Citations(required=True, validate=ma.validate.Length(1, MOST_CITATIONS))
    return Body.from_dict(values, name=f"{kind.__name__}Schema")()


class FactSchema(OneOfSchema):
    """A fact of any kind; `kind` says which. For the API's document: bodies are read by `read_facts`."""

    type_field = "kind"

    @property
    def type_schemas(self) -> dict[str, ma.Schema]:  # type: ignore[override]
        """The schema of each kind there is."""
        return {name: fact_schema(kind) for name, kind in KINDS.items()}


def read(schema: ma.Schema, body: Any, pointer: str = "") -> dict[str, Any]:
    """A body checked by its schema, without what is null.

    Raises:
        Invalid: with a pointer to each value at fault.
    """
    if not isinstance(body, dict):
        raise Invalid.at(pointer, f"the body is not a JSON object but {type(body).__name__}")
    try:
        loaded = schema.load(body)
    except ma.ValidationError as error:
        raise Invalid.together(named_faults(error.messages, pointer)) from None
    return {name: value for name, value in loaded.items() if value is not None}
