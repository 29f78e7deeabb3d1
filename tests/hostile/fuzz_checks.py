"""What schemathesis checks beside its own: that nobody does what their role may not (loaded by `tests.hostile.fuzz`)."""

import json
import os
from typing import Any

import schemathesis

ROLE = os.environ.get("FUZZ_ROLE", "nobody")
NEEDS: dict[str, str] = json.loads(os.environ.get("FUZZ_NEEDS", "{}"))
ORDER = ("nobody", "reader", "recorder", "editor", "admin")
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
def filter_path_parameters(context: Any, path_parameters: Any) -> bool:
    """Whether the case may be sent: it does not revoke the token it is sent with."""
    return (path_parameters or {}).get("token") != OWN_TOKEN
