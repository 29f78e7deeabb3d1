"""A client of a chronology: asks for states at any clocks and why they are so, records, and follows what is new.

It needs nothing but Python. Answers are those of the API (`/api/v1/openapi.json`) as dictionaries, typed.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, cast
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from projections.fold.answer_types import State
    from projections.queries.evidence.audit import Audit
    from service.api.history import CloudEvent, Diff

__all__ = ["Client", "Clocks", "Refused"]
_JSON = "application/json"
_STREAM = "text/event-stream"
_TRIES = 4
_AGAIN_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 30.0
Json = dict[str, Any]


class Clocks(TypedDict, total=False):
    """What a question is asked at: dates, or instants in full (RFC 3339); a position makes an answer for good."""

    at: str
    reported_until: str
    recorded_until: str
    position: int
    zone: str
    reading: str


class Refused(Exception):
    """The service refused a request (RFC 9457): `status`, `type`, the sentence, and each value at fault."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.type = str(problem.get("type", "about:blank"))
        self.sentence = str(problem.get("detail") or problem.get("title") or f"status {status}")
        self.faults: list[tuple[str, str]] = [(each["pointer"], each["detail"]) for each in problem.get("errors", [])]
        super().__init__(self.sentence)


class Client:
    """A chronology at an address.

    Args:
        address: that of the service, as `https://chronology.example.org`.
        token: what allows to record, or to read where reading needs one.
        timeout_seconds: how long one request may take.
    """

    def __init__(self, address: str, token: str | None = None, *, timeout_seconds: float = 30) -> None:
        if not address.startswith(("https://", "http://")):
            raise ValueError(f"{address!r} is not a web address (http or https)")
        self._root = f"{address.rstrip('/')}/api/v1"
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._timeout_seconds = timeout_seconds

    def state(self, subject: str, **clocks: Unpack[Clocks]) -> "State":
        """The state of a subject at the clocks: each value with the facts it rests on and the rivals it has."""
        return cast("State", self._get(f"/subjects/{_in_path(subject)}", clocks))

    def values(self, subject: str, **clocks: Unpack[Clocks]) -> Json:
        """The status and the values of a subject at the clocks, without what they rest on."""
        return cast("Json", self._get(f"/subjects/{_in_path(subject)}/values", clocks))

    def why(self, subject: str, finding: str, **clocks: Unpack[Clocks]) -> "Audit":
        """The whole chain behind one value: facts, exact words, amendments, and who recorded them."""
        return cast("Audit", self._get(f"/audit/{_in_path(subject)}/{quote(finding)}", clocks))

    def diff(self, before: Clocks, after: Clocks, subject: str | None = None) -> "Diff":
        """What differs between two sets of clocks, each difference with the events that made it and its cause."""
        sides = {"from": before, "to": after}
        asked: Json = {f"{side}_{name}": value for side, clocks in sides.items() for name, value in clocks.items()}
        return cast("Diff", self._get("/diff", asked | ({} if subject is None else {"subject": subject})))

    def facts(self, **filters: Any) -> Iterator[Json]:
        """Facts that pass the filters of `GET /facts`, page after page; `from` is written `from_`."""
        asked = {name.rstrip("_"): value for name, value in filters.items()}
        while True:
            page = self._get("/facts", asked)
            yield from page["facts"]
            if page.get("next") is None:
                return
            asked["cursor"] = page["next"]

    def register(self, source: Mapping[str, Any]) -> Json:
        """Record a document; sent again it changes nothing."""
        return cast("Json", self._send("/sources", source))

    def record(self, facts: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Any:
        """Record a fact, or several, all or none; sent again they change nothing. Returns the receipts."""
        return self._send("/facts", facts)

    def amend(
        self,
        fact: str,
        call: Literal["corroborations", "disputes", "corrections", "retractions", "reinstatements"],
        body: Mapping[str, Any],
    ) -> Json:
        """Amend a fact. Give the body an `id`, so that sent again it changes nothing."""
        return cast("Json", self._send(f"/facts/{_in_path(fact)}/{call}", body))

    def follow(self, after: int = 0) -> Iterator["CloudEvent"]:
        """The events of the log after a position, then those that come, for ever; each one's `id` is its position."""
        while True:
            try:
                with self._opened(f"/events?after={after}", {"Accept": _STREAM}) as stream:
                    for event in _events_in(stream):
                        after = int(event["id"])
                        yield event
            except (HTTPException, OSError):
                time.sleep(_AGAIN_SECONDS)

    def _get(self, path: str, asked: Mapping[str, Any]) -> Any:
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        with self._opened(f"{path}?{query}" if query else path, {"Accept": _JSON}) as answer:
            return json.load(answer)

    def _send(self, path: str, body: Any) -> Any:
        with self._opened(path, {"Content-Type": _JSON}, json.dumps(body).encode()) as answer:
            return json.load(answer)

    def _opened(self, path: str, headers: Mapping[str, str], body: bytes | None = None) -> HTTPResponse:
        """An answer, opened; what is busy is asked again, as what is sent twice is recorded once."""
        request = Request(self._root + path, body, {**self._headers, **headers})  # noqa: S310  (checked at the start)
        for tries in range(1, _TRIES + 1):
            try:
                return cast("HTTPResponse", urlopen(request, timeout=self._timeout_seconds))  # noqa: S310
            except HTTPError as error:
                if error.code not in (429, 503) or tries == _TRIES:
                    raise Refused(error.code, _problem(error)) from None
                time.sleep(min(float(error.headers.get("Retry-After") or _AGAIN_SECONDS), _LONGEST_WAIT_SECONDS))
            except URLError:
                if tries == _TRIES:
                    raise
                time.sleep(_AGAIN_SECONDS)
        raise AssertionError("unreachable")


def _in_path(name: str) -> str:
    return quote(name, safe="")


def _problem(error: HTTPError) -> Json:
    try:
        found = json.load(error)
    except ValueError:
        return {"title": error.reason}
    return found if isinstance(found, dict) else {"title": error.reason}


def _events_in(stream: HTTPResponse) -> Iterator["CloudEvent"]:
    """The events of a stream of server-sent events (WHATWG HTML), whose data stand on one line each."""
    for line in stream:
        if line.startswith(b"data:"):
            yield cast("CloudEvent", json.loads(line[5:]))
