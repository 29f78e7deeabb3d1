"""What the API answers, as JSON Schema, for the OpenAPI document."""

from typing import Any

_TEXT = {"type": ["string", "null"]}
_FACT_IDS = {"type": "array", "items": {"type": "string"}}
_POSITION = {"type": "integer", "description": "The position of the last event written"}


def _object(required: Any = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required or properties)}


def _list_of(item: dict[str, Any], name: str) -> dict[str, Any]:
    return _object(**{name: {"type": "array", "items": item}, "next": _TEXT, "asked": ASKED})


ASKED = _object(
    at=_TEXT, reported_until=_TEXT, recorded_until=_TEXT, zone={"type": "string"}, position={"type": "integer"}
)
RIVAL = _object(value={}, because=_FACT_IDS, by=_TEXT)
MARK = _object(
    ("fact", "source", "mark"),
    fact={"type": "string"},
    source={"type": "string"},
    mark={"enum": ["source_withdrawn", "quote_gone"]},
    version={"type": "integer"},
)
FINDING = _object(
    ("value", "because", "since", "rivals"),
    value={},
    because=_FACT_IDS,
    since=_TEXT,
    rivals={"type": "array", "items": RIVAL},
    marks={"type": "array", "items": MARK},
)
BESIDE = {
    "type": "array",
    "items": _object(fact={"type": "string"}, kind={"type": "string"}, occurred=_TEXT, by=_TEXT),
}
_STATE = {
    "id": {"type": "string"},
    "kind": _TEXT,
    "title": _TEXT,
    "part_of": _TEXT,
    "status": FINDING,
    "fields": {"type": "object", "additionalProperties": FINDING},
    "possibly": {"type": "object", "additionalProperties": {"type": "array"}},
    "possible": BESIDE,
    "denied": BESIDE,
    "planned": BESIDE,
    "alleged": BESIDE,
}
STATE = _object(asked=ASKED, **_STATE)
STATES = _list_of(_object(**_STATE), "subjects")
_VALUES = {"id": {"type": "string"}, "status": _TEXT, "fields": {"type": "object"}}
VALUES = _object((*_VALUES, "asked"), asked=ASKED, **_VALUES)
VALUES_LIST = _list_of(_object(tuple(_VALUES), **_VALUES), "subjects")
REDACTION = _object(
    position={"type": "integer"},
    recorded={"type": "string"},
    recorded_by={"type": "string"},
    reason={"type": "string"},
)
CITATION = _object(
    ("source", "version", "exact", "verified"),
    source={"type": "string"},
    version={"type": "integer"},
    exact={"type": "string"},
    prefix={"type": "string"},
    suffix={"type": "string"},
    verified={"type": "boolean"},
    start={"type": "integer"},
    end={"type": "integer"},
    publisher={"type": "string"},
    redacted={"type": "boolean"},
)
STREAM_ENTRY = _object(
    ("event", "n", "position", "recorded", "recorded_by", "citations"),
    event={"type": "string"},
    n={"type": "integer"},
    position={"type": "integer"},
    recorded={"type": "string"},
    recorded_by={"type": "string"},
    accepted_by={"type": "string"},
    citations={"type": "array", "items": CITATION},
    kind=_TEXT,
    said={"type": "object"},
    id=_TEXT,
    reason=_TEXT,
    changes={"type": ["object", "null"]},
    lifts={"type": "integer"},
    withdraws={"type": "integer"},
    withdrawn={"type": "boolean"},
)
FACT = _object(
    ("id",),
    id={"type": "string"},
    kind={"type": "string"},
    subject={"type": "string"},
    occurred=_TEXT,
    zone={"type": "string"},
    modality={"type": "string"},
    attributed_to=_TEXT,
    credibility={"type": "string"},
    note=_TEXT,
    fields={"type": "object"},
    by=_TEXT,
    citations={"type": "array", "items": CITATION},
    retracted={"type": "boolean"},
    reported_before_occurred={"type": "boolean"},
    position={"type": "integer"},
    recorded={"type": "string"},
    visible={"type": "boolean"},
    stream={"type": "array", "items": STREAM_ENTRY},
    redaction=REDACTION,
)
FACTS = _list_of(FACT, "facts")
VERSION = _object(
    version={"type": "integer"},
    sha256={"type": "string"},
    has_text={"type": "boolean"},
    published=_TEXT,
    retrieved_at=_TEXT,
    position={"type": "integer"},
    recorded={"type": "string"},
    recorded_by={"type": "string"},
)
SOURCE = _object(
    (
        *("id", "title", "publisher", "url", "published", "zone", "language", "withdrawn", "version", "sha256"),
        *("versions", "corrections"),
    ),
    id={"type": "string"},
    title={"type": "string"},
    publisher={"type": "string"},
    url=_TEXT,
    published=_TEXT,
    zone={"type": "string"},
    language=_TEXT,
    withdrawn={"type": "boolean"},
    version={"type": "integer"},
    sha256={"type": "string"},
    versions={"type": "array", "items": VERSION},
    corrections={"type": "array", "items": {"type": "object"}},
    redaction=REDACTION,
)
SOURCES = _list_of(SOURCE, "sources")
SOURCE_TEXT = _object(
    id={"type": "string"}, version={"type": "integer"}, sha256={"type": "string"}, text={"type": "string"}
)
SOURCE_RECEIPT = _object(
    id={"type": "string"}, version={"type": "integer"}, sha256={"type": "string"}, position=_POSITION
)
REVISION_RECEIPT = _object(
    id={"type": "string"},
    version={"type": "integer"},
    sha256={"type": "string"},
    position=_POSITION,
    lost={"type": "array", "items": _object(fact={"type": "string"}, exact={"type": "string"})},
)
WITHDRAWAL_RECEIPT = _object(
    id={"type": "string"},
    position=_POSITION,
    rested={"type": "array", "items": _object(fact={"type": "string"}, exact={"type": "string"})},
)
REGROUPING_RECEIPT = _object(subject={"type": "string"}, n={"type": "integer"}, position=_POSITION)
RECEIPT = _object(id={"type": "string"}, position=_POSITION)
RECEIPTS = {"anyOf": [RECEIPT, {"type": "array", "items": RECEIPT}]}
AMENDMENT_RECEIPT = _object(fact={"type": "string"}, n={"type": "integer"}, position=_POSITION)
EVENT = _object(
    ("id", "event", "position", "recorded"),
    id={"type": "string"},
    event={"type": "string"},
    fact={"type": "string"},
    source={"type": "string"},
    n={"type": "integer"},
    kind=_TEXT,
    position={"type": "integer"},
    recorded={"type": "string"},
    recorded_by=_TEXT,
    cause={"type": "string"},
)
_EVENTS = {"type": "array", "items": EVENT}
_MAYBE_FINDING = {"anyOf": [FINDING, {"type": "null"}]}
STEP = _object(
    ("subject", "events", "changes"),
    subject={"type": "string"},
    position={"type": "integer"},
    recorded={"type": "string"},
    reported_until=_TEXT,
    events=_EVENTS,
    changes={
        "type": "array",
        "items": _object(finding={"type": "string"}, before=_MAYBE_FINDING, after=_MAYBE_FINDING),
    },
)
STEPS = _object(subject={"type": "string"}, by={"type": "string"}, asked=ASKED, steps={"type": "array", "items": STEP})
DIFFERENCE = _object(
    subject={"type": "string"},
    finding={"type": "string"},
    **{"from": _MAYBE_FINDING, "to": _MAYBE_FINDING},
    cause={"type": "string"},
    causes={"type": "array", "items": {"type": "string"}},
    events=_EVENTS,
)
DIFF = _object(**{"from": ASKED, "to": ASKED}, differences={"type": "array", "items": DIFFERENCE})
CHANGE = _object(
    ("subject", "finding", "from", "to"),
    **{"from": {}, "to": {}},
    subject={"type": "string"},
    finding={"type": "string"},
)
CHANGES = _object(**{"from": ASKED, "to": ASKED}, changes={"type": "array", "items": CHANGE})
AUDIT = _object(
    ("subject", "finding", "asked", "value", "because", "rivals", "facts", "sources"),
    subject={"type": "string"},
    finding={"type": "string"},
    asked=ASKED,
    value={},
    because=_FACT_IDS,
    since=_TEXT,
    rivals={"type": "array", "items": RIVAL},
    facts={"type": "array", "items": FACT},
    sources={"type": "array", "items": SOURCE},
)
TOKEN = _object(id={"type": "string"}, token={"type": "string"}, role={"type": "string"}, name={"type": "string"})
TOKENS = _object(tokens={"type": "array", "items": {"type": "object"}})
PROPOSAL_RECEIPT = _object(proposal={"type": "string"}, position=_POSITION)
PROPOSAL = _object(
    ("id", "state", "proposed_by", "proposed", "position", "chronicle"),
    id={"type": "string"},
    state={"enum": ["waiting", "accepted", "rejected"]},
    proposed_by={"type": "string"},
    proposed={"type": "string"},
    position={"type": "integer"},
    chronicle={"description": "Lists of subjects, facts and amendments; `redacted` once it is accepted"},
    decided_by={"type": "string"},
    decided={"type": "string"},
    reason={"type": "string"},
)
PROPOSALS = _object(proposals={"type": "array", "items": PROPOSAL}, next={"type": ["integer", "null"]})
ACCEPTED = _object(proposal={"type": "string"}, recorded={"type": "array", "items": RECEIPT}, position=_POSITION)
_PATH = {"type": "array", "items": {"type": "string"}, "description": "Hashes in base64"}
INCLUSION = _object(
    ("position", "size", "leaf", "path", "checkpoint"),
    position={"type": "integer"},
    size={"type": "integer"},
    leaf={"type": "string", "description": "The event as it is stored: canonical JSON (RFC 8785)"},
    keys={"type": "object", "description": "What opens its sealed words, by label, in hexadecimal"},
    path=_PATH,
    checkpoint={"type": "string"},
)
CONSISTENCY = _object(first={"type": "integer"}, size={"type": "integer"}, path=_PATH, checkpoint={"type": "string"})
