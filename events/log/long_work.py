"""Work of a decision that needs no writer's turn, as a search in a text: done in the turn only while it is short."""

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from events.errors import ChronologyError, TooLong

Result = TypeVar("Result")
_SECONDS_IN_TURN = 0.02
_MOST_HINTS = 20


class PutOff(ChronologyError):
    """Work is left to be done before the decision can be made."""


class LongWork:
    """The results of work by key. What is long is put off until the turn is over; then the decision is made again.

    Args:
        seconds: how long all that is put off may take; None: any time.
        puts_off: False where nobody waits for the turn: then all is done at once.
    """

    def __init__(self, seconds: float | None = None, *, puts_off: bool = True) -> None:
        self._puts_off = puts_off
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._left_in_turn = _SECONDS_IN_TURN
        self._results: dict[Hashable, Any] = {}
        self._put_off: dict[Hashable, Callable[[], Any]] = {}
        self._hints: set[Hashable] = set()

    def result(self, key: Hashable, work: Callable[[], Result], meanwhile: Result, *, is_long: bool) -> Result:
        """What the work returns, which depends on the key alone; or `meanwhile`, if it is put off.

        Raises:
            ChronologyError: the work refuses something.
        """
        if key not in self._results:
            if self._puts_off and (is_long or self._left_in_turn <= 0):
                self._put_off[key] = work
                return meanwhile
            self._left_in_turn -= self._do(key, work)
        found = self._results[key]
        if isinstance(found, ChronologyError):
            raise found
        return found  # type: ignore[no-any-return]

    def hint(self, key: Hashable, work: Callable[[], Result]) -> Result | None:
        """What the work returns, which makes a refusal more helpful; it is put off.

        None until it is done, of all but the first few, and where the time is over.
        """
        if key not in self._results and len(self._hints) < _MOST_HINTS:
            self._hints.add(key)
            if self._puts_off:
                self._put_off[key] = work
            else:
                self._do(key, work)
        return self._results.get(key)

    @property
    def is_put_off(self) -> bool:
        """Whether any work is."""
        return bool(self._put_off)

    def check(self) -> None:
        """Raises PutOff where work is."""
        if self._put_off:
            raise PutOff("work is left to be done")

    def catch_up(self) -> None:
        """Do what was put off.

        Raises:
            TooLong: the time for it is over.
        """
        while self._put_off:
            key, work = self._put_off.popitem()
            is_late = self._deadline is not None and time.monotonic() > self._deadline
            if is_late and key not in self._hints:
                raise TooLong(
                    "looking for the quotes takes too long and was given up; nothing was recorded; send less at once"
                )
            self._do(key, (lambda: None) if is_late else work)

    def _do(self, key: Hashable, work: Callable[[], Any]) -> float:
        began = time.monotonic()
        try:
            self._results[key] = work()
        except ChronologyError as error:
            self._results[key] = error
        return time.monotonic() - began
