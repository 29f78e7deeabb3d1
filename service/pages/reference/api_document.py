"""The page of the API: its operations by resource, with an example of each, as its OpenAPI document has them."""

import json
import shlex
from typing import Any

from flask import request

from events.field_types import JsonObject
from service.formats.offer.known_formats import HEADINGS, table_of_formats

_METHODS = ("get", "post", "put", "patch", "delete")
_WITHOUT_ROLE = ("get",)

_CITATION = {"source": "gazette-2025-06-02", "exact": "The bridge was closed at noon"}
BODIES: dict[str, Any] = {
    "Source": {
        "id": "gazette-2025-06-02",
        "publisher": "The Gazette",
        "title": "Bridge closed",
        "published": "2025-06-02",
        "text": "The bridge was closed at noon, the mayor said.",
    },
    "TextToRead": {"text": "The bridge was closed at noon, the mayor said on Monday.", "published": "2025-06-02"},
    "Revision": {"text": "The bridge was closed at one, the mayor said.", "retrieved_at": "2025-06-03T09:00:00Z"},
    "SourceCorrection": {
        "kind": "transcription_error",
        "changes": {"title": "Bridge closed at noon"},
        "reason": "the title was cut",
    },
    "SourceWithdrawal": {"reason": "the publisher withdrew it"},
    "OurAct": {"kind": "reassessment", "reason": "it was a mistake"},
    "Reason": {"reason": "a court has ordered it"},
    "Subject": {"id": "the-bridge", "kind": "occurrence", "title": "The bridge"},
    "Merge": {"kind": "reassessment", "into": "the-bridge", "reason": "both are the same"},
    "Split": {
        "kind": "reassessment",
        "into": "the-other-bridge",
        "facts": ["bridge-closed"],
        "reason": "there are two bridges",
    },
    "Verdict": {"finding": "what", "prefers": "bridge-closed", "reason": "two papers have it so"},
    "Fact": {
        "kind": "Occurred",
        "id": "bridge-closed",
        "subject": "the-bridge",
        "occurred": "2025-06-02",
        "what": "the bridge was closed",
        "citations": [_CITATION],
    },
    "Amendment": {"citations": [_CITATION]},
    "FactWithoutWords": {
        "kind": "Occurred",
        "subject": "the-bridge",
        "subject_kind": "occurrence",
        "occurred": "2025-06-04",
        "what": "the bridge was opened",
        "source": "gazette-2025-06-02",
    },
    "FoundWords": {"citations": [_CITATION]},
    "Addresses": {"addresses": ["/subjects/the-bridge?position=2"]},
    "Hook": {
        "url": "https://hooks.example/chronology",
        "subject": "the-bridge",
        "messages": ["corrected", "retracted"],
    },
    "Token": {"name": "ada", "role": "recorder"},
}
"""A body that each schema of a body takes."""

_AMENDMENTS = {
    "disputes": {"changes": {"what": "the bridge was closed to lorries"}, "citations": [_CITATION]},
    "corrections": {"kind": "transcription_error", "changes": {"occurred": "2025-06-03"}, "reason": "we misread it"},
    "retractions": {"reason": "the paper took it back", "citations": [_CITATION]},
    "reinstatements": {"kind": "reassessment", "reason": "it was taken back by mistake"},
    "withdrawal": {"kind": "reassessment", "reason": "it was a mistake"},
}


def api_page(document: JsonObject) -> dict[str, Any]:
    """What the page of the API shows: the document, and by resource each operation with its request as a curl line."""
    schemas = document["components"]["schemas"]
    return {
        "document": document,
        "resources": [
            {"name": tag["name"], "says": tag["description"], "operations": _operations(document, tag["name"])}
            for tag in document["tags"]
        ],
        "kinds": sorted(
            name for name, schema in schemas.items() if "const" in schema.get("properties", {}).get("kind", {})
        ),
        "format_headings": HEADINGS,
        "formats": table_of_formats(),
        "schemas": dict(sorted(schemas.items())),
    }


def _operations(document: JsonObject, tag: str) -> list[dict[str, Any]]:
    return [
        {
            **item[method],
            "id": item[method]["operationId"],
            "method": method.upper(),
            "path": path,
            "parameters": [*item.get("parameters", ()), *item[method].get("parameters", ())],
            "curl": _curl(path, method, item[method]),
        }
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item and tag in item[method]["tags"]
    ]


def _curl(path: str, method: str, operation: JsonObject) -> str:
    """The line by which the operation is tried in a shell; what stands in braces is to be filled in."""
    words = ["curl"]
    if method not in _WITHOUT_ROLE:
        words += ["-X", method.upper(), "-H", "Authorization: Bearer TOKEN"]
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        body = example_body(path, content["application/json"]["schema"])
        words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    if "application/yaml" in content:
        words = [*words[:5], "-H", "Content-Type: application/yaml", "--data-binary", "@chronicle.yaml"]
    return shlex.join([*words, request.host_url.rstrip("/") + path])


def example_body(path: str, schema: JsonObject) -> Any:
    """A body that the operation takes."""
    reference = next((each["$ref"] for each in (schema, *schema.get("anyOf", ())) if "$ref" in each), "")
    name = reference.rpartition("/")[2]
    return _AMENDMENTS.get(path.rpartition("/")[2], BODIES.get(name)) if name == "Amendment" else BODIES.get(name, {})
