"""The quick lane: what the front answers past the web framework, byte for byte as the framework would.

It takes a GET of one whose token was found good a moment ago (decision 0021), or of anybody who may read freely, and
only if there is nothing to say against it. The event loop itself gives kept answers, and on SQLite those for which
hardly anything has to be read; a thread gives other states of subjects and pages of facts. Whatever else there is (a
refusal, a wait, trouble) is left to the application, which begins at the beginning.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from time import monotonic, time
from typing import Any

from flask import Flask
from werkzeug.http import http_date, parse_etags

from projections.clocks import clocks_for
from projections.queries.subjects.states import check_reading
from service.auth.roles import is_loopback, neighbourhood
from service.web import access
from service.web.asking import Read, Wanted, wanted_in
from service.web.gateway import path_of
from service.web.pace import Headers, raw
from service.web.recall import Found, Recall
from service.web.responses import found_at, question_of, response_of
from service.web.security_headers import hardened

log = logging.getLogger("chronology.lane")

Sent = tuple[int, Headers, bytes]

SLOW_SECONDS = 0.005
"""For so long the event loop may read a state; if it took longer, those that follow are read by threads for a while."""
_THREADS_SECONDS = 0.2

_CONDITIONS = frozenset((b"if-match", b"if-modified-since", b"if-unmodified-since", b"if-range", b"range"))
_PROXIED = frozenset((b"forwarded", b"x-forwarded-for", b"x-real-ip", b"cookie"))


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that may be answered here: its question, who asks, and the entity tags that they know.

    Attributes:
        question: path and query.
        counted: under what it counts against the rate.
        is_named: whether somebody with a token asks.
        known: the `If-None-Match` header.
    """

    question: str
    counted: str
    is_named: bool
    known: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked by a request that may be answered here, and who asks it."""

    asking: Asking
    wanted: Wanted


class Lane:
    """The quick lane of an application."""

    def __init__(self, app: Flask) -> None:
        self._desk = app.extensions["desk"]
        self._requests = app.extensions["rates"].requests
        self._recall: Recall = app.extensions["recall"]
        self._is_sqlite = self._desk.settings.is_sqlite
        self._slow_until = 0.0

    def at_once(self, scope: Mapping[str, Any]) -> Sent | None:
        """The answer kept of a request, where it holds; no thread is needed and nothing waited for."""
        question = question_of(path_of(scope), scope["query_string"].decode("latin-1"))
        found = self._recall.get(question)
        if found is None or not self._recall.holds_at_once(found):
            return None
        asking = self._asking(scope, question)
        return None if asking is None or not self._let_in(asking) else sent(found, asking)

    def question(self, scope: Mapping[str, Any]) -> Question | None:
        """What a request asks, if that is the state of one subject or a page of all facts; it is counted."""
        query = scope["query_string"].decode("latin-1")
        wanted = wanted_in(scope["path"], query)
        if wanted is None:
            return None
        asking = self._asking(scope, question_of(scope["path"], query))
        return None if asking is None or not self._let_in(asking) else Question(asking, wanted)

    def at_hand(self, question: Question) -> Sent | None:
        """The answer to it, read by the event loop itself, where hardly anything has to be read.

        On SQLite that is quicker than to hand it to a thread, and waits for nobody. While the disk or the processors
        are slow, it is left to threads.
        """
        if not self._is_sqlite or monotonic() < self._slow_until:
            return None
        began = monotonic()
        found = self._found(question, question.wanted.ready)
        if monotonic() - began > SLOW_SECONDS:
            self._slow_until = monotonic() + _THREADS_SECONDS
        return found

    def answer(self, question: Question, tell: Callable[[Sent], None]) -> bool:
        """Tell the answer to it; answers with whether there is one, and simply an answer."""
        wanted = question.wanted
        return self._found(question, wanted.read, tell) is not None

    def _found(
        self,
        question: Question,
        read: Read,
        tell: Callable[[Sent], None] | None = None,
    ) -> Sent | None:
        """The answer, which is kept, and told before its snapshot is left."""
        asking, asked, told = question.asking, question.wanted.asked, None
        try:
            with self._recall.looking() as snapshot:
                wanted = snapshot.head if asked.position is None else asked.position
                if not wanted <= snapshot.position <= snapshot.head:
                    return None
                clocks = clocks_for(snapshot, asked)
                check_reading(snapshot, clocks)
                content = read(snapshot, clocks)
                if content is None:
                    return None
                found = found_at(asking.question, snapshot, clocks, content)
                self._recall.keep(asking.question, found)
                told = sent(found, asking)
                if tell is not None:
                    tell(told)
        except Exception as error:
            log.debug("left to the application: %s", error)
        return told

    def _asking(self, scope: Mapping[str, Any], question: str) -> Asking | None:
        """Who asks, where that is known already and they may read."""
        tokens, known, is_direct = [], None, True
        for name, value in scope["headers"]:
            if name == b"authorization":
                tokens.append(value)
            elif name == b"if-none-match":
                known = value.decode("latin-1") if known is None else f"{known},{value.decode('latin-1')}"
            elif name in _CONDITIONS:
                return None
            elif name in _PROXIED:
                is_direct = False
        if tokens:
            bearer = (
                self._desk.sides.fresh(access.token_in(tokens[0].decode("latin-1")), writes=False)
                if len(tokens) == 1
                else None
            )
            return None if bearer is None else Asking(question, bearer.token, True, known)
        address = (scope.get("client") or ("",))[0]
        settings = self._desk.settings
        may_read = settings.public_reading or is_loopback({"REMOTE_ADDR": address})
        if not (is_direct and may_read) or settings.proxies:
            return None
        return Asking(question, neighbourhood(address), False, known)

    def _let_in(self, asking: Asking) -> bool:
        """Count the request; one too many is not counted, and refused by the application."""
        return self._requests is None or not self._requests.take(asking.counted)


def sent(found: Found, asking: Asking) -> Sent:
    """The answer as it goes over the wire, or that it is the one already known."""
    is_known = asking.known is not None and parse_etags(asking.known).contains_weak(found.tag)
    head = dict(_head(found.is_weak, found.is_pinned, asking.is_named, is_known))
    head[b"date"] = _date(int(time()))
    head[b"etag"] = (f'W/"{found.tag}"' if found.is_weak else f'"{found.tag}"').encode()
    if is_known:
        return HTTPStatus.NOT_MODIFIED, list(head.items()), b""
    head[b"content-length"] = str(len(found.body)).encode()
    return HTTPStatus.OK, list(head.items()), found.body


@lru_cache
def _head(is_weak: bool, is_pinned: bool, is_named: bool, is_known: bool) -> Headers:
    """The headers that the framework makes for such an answer, none of them twice; its own are put in later."""
    sample = Found(b"{}", "sample", is_weak, is_pinned, 0)
    known = {"HTTP_IF_NONE_MATCH": f'"{sample.tag}"'} if is_known else {}
    environ = {"REQUEST_METHOD": "GET", **known}
    _, _, headers = response_of(sample, environ, is_named=is_named).get_wsgi_response(environ)
    return raw(hardened(headers))


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    return http_date(second).encode()
