"""Dear questions, which fold much: few at once, in line, and given up when the client that asked is gone."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Condition
from typing import Any, TypeVar

from flask import request

from events.errors import NotYet
from projections.clocks import CLOCKS
from projections.store.snapshots import Abandoned, asked_by
from service.web.access import chronology, who_asks
from service.web.streams import client_is_gone

Item = TypeVar("Item")
Route = TypeVar("Route", bound=Callable[..., Any])

AT_ONCE = 2
"""How many dear questions a process answers at once; that many threads at the most are busy with them."""
OF_ONE = 1
"""How many of one bearer or address."""
IN_LINE = 12
"""How many may wait, each of which holds a thread."""
_LOOK_SECONDS = 0.05


class TooDear(NotYet):
    """Too many dear questions are asked at once."""

    problem = "too-dear"


class Line:
    """The dear questions of a process: those answered now, and those that wait, first come first served.

    Args:
        at_once: how many are answered at once.
        of_one: how many of one client.
        in_line: how many may wait.
    """

    def __init__(self, at_once: int = AT_ONCE, of_one: int = OF_ONE, in_line: int = IN_LINE) -> None:
        self._at_once, self._of_one, self._in_line = at_once, of_one, in_line
        self._answered: list[str] = []
        self._waiting: list[tuple[object, str]] = []
        self._moved = Condition()

    @contextmanager
    def turn(self, client: str, is_gone: Callable[[], bool], seconds: float | None) -> Iterator[None]:
        """Wait for a turn so many seconds at the most, or any time, and have it until the end.

        Raises:
            TooDear: too many wait, or it was not this one's turn in time.
            Abandoned: the client is gone.
        """
        self._wait(client, is_gone, None if seconds is None else time.monotonic() + seconds)
        try:
            yield
        finally:
            with self._moved:
                self._answered.remove(client)
                self._moved.notify_all()

    def _wait(self, client: str, is_gone: Callable[[], bool], deadline: float | None) -> None:
        place = object(), client
        with self._moved:
            self._waiting.append(place)
            try:
                before = len(self._waiting) - 1
                if before >= self._in_line and deadline is not None and not self._is_next(place):
                    raise self._refusal(f"{before} more wait")
                while not self._is_next(place):
                    if is_gone():
                        raise Abandoned
                    if deadline is not None and time.monotonic() > deadline:
                        raise self._refusal("it was not this one's turn in time")
                    self._moved.wait(_LOOK_SECONDS)
                self._answered.append(client)
            finally:
                self._waiting.remove(place)
                self._moved.notify_all()

    def _is_next(self, place: tuple[object, str]) -> bool:
        """Whether a turn is free, and nobody before may have it."""
        may = (each for each in self._waiting if self._answered.count(each[1]) < self._of_one)
        return len(self._answered) < self._at_once and next(may, None) is place

    def _refusal(self, why: str) -> TooDear:
        rule = f"{self._at_once} questions that fold much are answered at once, and {self._of_one} of each client"
        return TooDear(f"{rule}; {why}; try again shortly")


LINE = Line()


def dear(is_so: Callable[[], bool] = lambda: True) -> Callable[[Route], Route]:
    """Mark a route whose questions are dear, all or those of which `is_so` says so."""

    def mark(route: Route) -> Route:
        @wraps(route)
        def in_turn(*arguments: Any, **named: Any) -> Any:
            with turn(is_dear=is_so()):
                return route(*arguments, **named)

        return in_turn  # type: ignore[return-value]

    return mark


@contextmanager
def turn(*, is_dear: bool) -> Iterator[None]:
    """Answer a question of this request until the end, a dear one when it is its turn; given up if the client is gone.

    Raises:
        TooDear: too many wait, or it was not this one's turn in time.
    """
    is_gone = client_is_gone()
    with asked_by(is_gone):
        if not is_dear:
            yield
            return
        with LINE.turn(who_asks(), is_gone, chronology().settings.wait_seconds):
            yield


def in_turns(items: Iterable[Item]) -> Iterator[Item]:
    """The items of a stream, each worked out in a turn; that of a stream comes some time."""
    is_gone, client = client_is_gone(), who_asks()
    each = iter(items)
    while True:
        with asked_by(is_gone), LINE.turn(client, is_gone, None):
            try:
                item = next(each)
            except StopIteration:
                return
        yield item


def is_of_another_time() -> bool:
    """Whether the address gives a clock: then lists are folded, not read."""
    return any(request.args.get(name) for name in CLOCKS)
