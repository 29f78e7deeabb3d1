"""What schemathesis checks beside its own: that nobody does what their role may not (loaded by `tests.hostile.fuzz`)."""

import json
import os
import random
from typing import Any

import schemathesis

ROLE = os.environ.get("FUZZ_ROLE", "nobody")
NEEDS: dict[str, str] = json.loads(os.environ.get("FUZZ_NEEDS", "{}"))
ORDER = ("nobody", "reader", "recorder", "editor", "admin")
LAST_EVENT_IDS = (None, "1", "1/swap", "/swap", "", "-1", "\u00b2", "9" * 30, "9" * 5_000, "..", "2024-01-01", "null")
OWN_TOKEN = os.environ.get("FUZZ_OWN_TOKEN", "none")


@schemathesis.check
def role_is_kept(context: Any, answer: Any, case: Any) -> None:
    """A call beyond the role is refused with 401 or 403; one within it never is.

    A case that schemathesis sends without its token, with another, or with another method says nothing about the role.
    """
    if answer.request.method != case.operation.method.upper():
        return
    needed = NEEDS[f"{case.operation.method.upper()} {case.operation.path}"]
    may = ORDER.index(ROLE) >= ORDER.index(needed) or needed == "reader"
    refused = answer.status_code in (401, 403)
    no_route = "{n}" in case.operation.path and answer.status_code == 404  # a number that is none has no route
    sent = dict(answer.request.headers).get("Authorization", "")
    if not may:
        assert refused or no_route, f"{ROLE} did what needs {needed}: {answer.status_code}"
    elif sent == os.environ.get("FUZZ_BEARER", ""):
        assert not refused, f"{ROLE} was refused what it may: {answer.status_code}"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Let a client of a stream come back with the id of any event, which the document of the API does not describe."""
    if case.method.upper() == "GET" and case.path.endswith(("/events", "/replay")):
        name = random.Random(repr(case.query)).choice(LAST_EVENT_IDS)
        if name is not None:
            case.headers["Last-Event-ID"] = name


@schemathesis.hook
def filter_path_parameters(context: Any, path_parameters: Any) -> bool:
    """Whether the case may be sent: it does not revoke the token it is sent with."""
    return (path_parameters or {}).get("token") != OWN_TOKEN
