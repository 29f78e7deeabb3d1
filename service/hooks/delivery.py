"""Delivers messages to hooks: to each in the order of the log, at least once, from its bookmark.

Each hook has a thread of its own, so that a receiver that hangs holds up nobody else. What is not taken is sent again
with growing pauses, and what is never taken is given up: the hook then stands still, and loses nothing.
"""

import logging
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from threading import Event, Thread
from typing import NamedTuple

import orjson

from events.dates.calendar import SECOND
from events.errors import Invalid, NotFound
from projections.follow.leader_lock import Lead
from projections.queries.following.messages import Message, messages
from projections.queries.following.promises import promises_passed
from projections.read_models.histories import entries_between
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology
from service.databases.errors import STORAGE_ERRORS, in_one_line
from service.databases.hooks import Hook, Hooks
from service.hooks.hosts import target_of
from service.hooks.sending import Outcome, send, signed
from service.web.following.asked import followed
from service.wording.message_wording import ToldMessage, told

log = logging.getLogger("chronology.hooks")

PAUSES_SECONDS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""How long to wait after each attempt in vain, as Standard Webhooks advises; after one more a hook is given up."""
_PROMISES_SECONDS = 30
_LOOK_SECONDS = 0.1
_HOOKS_SECONDS = 1.0
_STAND_BY_SECONDS = 1.0
_AWAY_SECONDS = 2.0
_JITTER = 0.1
_MOST = 100
_AT_ONCE = 50
"""How many events are read before the first of their messages is sent."""
_FAR = 1_000
"""How many events without a message a bookmark may lack before that is noted."""


class Batch(NamedTuple):
    """Messages to deliver, and where the bookmark then stands in the log and in time; `last` as that of a hook."""

    messages: Sequence[ToldMessage]
    position: int
    passed: int
    last: str = ""


class Deliveries:
    """Delivers from the views of a chronology to its hooks.

    Args:
        chronology: whose hooks they are.
        pauses: seconds to wait after each attempt in vain.
    """

    def __init__(self, chronology: Chronology, pauses: Sequence[float] = PAUSES_SECONDS) -> None:
        self._chronology = chronology
        self._pauses = pauses
        self._threads: dict[str, tuple[Thread, Event]] = {}
        self._resting = Event()
        self._read: dict[str, int] = {}
        self._looked, self._reached = 0.0, -1

    @property
    def _hooks(self) -> Hooks:
        return self._chronology.databases.primary.hooks

    def run(self, stop: Event, lead: Lead | None = None) -> None:
        """Deliver until `stop` is set, while this one leads; without a `lead` it always does."""
        lead = lead or Lead("")
        while not stop.is_set():
            try:
                if lead.is_held():
                    self._look()
                    pause = _LOOK_SECONDS
                else:
                    self._rest()
                    pause = _STAND_BY_SECONDS
            except STORAGE_ERRORS as error:
                lead.leave()
                log.error("hooks cannot be served: %s", in_one_line(error))
                pause = _AWAY_SECONDS
            stop.wait(pause)
        self._rest()
        lead.leave()

    def _look(self) -> None:
        """Look now and then for hooks, and always whether the views have moved."""
        now = time.monotonic()
        if now - self._looked >= _HOOKS_SECONDS:
            self._looked = now
            self._begin()
        if self._threads:
            with self._chronology.store.reading() as snapshot:
                moved, self._reached = snapshot.position != self._reached, snapshot.position
            if moved:
                self._wake()

    def _begin(self) -> None:
        """Begin with hooks that are new, or were taken up again."""
        self._resting.clear()
        self._threads = {name: each for name, each in self._threads.items() if each[0].is_alive()}
        for hook in self._hooks.all():
            if hook.given_up is None and hook.id not in self._threads:
                woken = Event()
                thread = Thread(target=self._serve, args=(hook.id, woken), name=f"hook {hook.id}", daemon=True)
                self._threads[hook.id] = thread, woken
                thread.start()

    def _wake(self) -> None:
        for _, woken in self._threads.values():
            woken.set()

    def _rest(self) -> None:
        """End the threads; one that waits for a receiver ends by itself and notes how that went."""
        self._resting.set()
        self._wake()
        self._threads = {}

    def _serve(self, name: str, woken: Event) -> None:
        """Deliver to one hook until it is removed, given up, or others do."""
        while not self._resting.is_set():
            try:
                hook = self._hooks.get(name)
                if hook.given_up is not None:
                    return
                pause = (hook.next_attempt - self._chronology.now()) / SECOND
                if pause <= 0:
                    pause = 0.0 if self.deliver(hook) else _PROMISES_SECONDS
            except NotFound:
                return  # it was removed
            except Exception as error:
                if self._resting.is_set():
                    return
                log.exception("hook %s cannot be served", name, exc_info=error)
                pause = _AWAY_SECONDS
            if pause > 0:
                woken.wait(min(pause, _PROMISES_SECONDS))
                woken.clear()

    def deliver(self, hook: Hook) -> bool:
        """Deliver what is next to a hook; whether more may follow at once.

        Raises:
            NotFound: it was removed meanwhile.
        """
        with self._chronology.store.reading() as snapshot:
            batch = self._next(snapshot, hook)
        for message in batch.messages:
            if self._resting.is_set():
                return False
            outcome = self._sent(hook, message)
            if outcome.error is not None:
                self._note_failure(hook, outcome)
                return False
            hook = self._note_success(hook, message)
        is_over = hook.last != batch.last or batch.passed != hook.passed
        if is_over or batch.position - hook.position > _FAR:
            self._hooks.note(hook.id, position=batch.position, last=batch.last, passed=batch.passed)
        self._read[hook.id] = batch.position
        return bool(batch.messages)

    def _next(self, snapshot: Snapshot, hook: Hook) -> Batch:
        """The messages of the next events of the log that make any; at its end, what time did."""
        asked, only, address = followed(hook.follows), hook.follows.get("messages"), self._chronology.settings.address
        position = hook.position if hook.last else max(hook.position, self._read.get(hook.id, 0))
        entries = (each for some in entries_between(snapshot, position, snapshot.position) for each in some)
        while piece := [*islice(entries, _AT_ONCE)]:
            position = piece[-1].position
            found = _after(hook.last, [*messages(snapshot, asked, piece)])
            if wanted := [each for each in found if not only or each["kind"] in only]:
                some = [told(snapshot, each, address) for each in wanted[:_MOST]]
                if len(wanted) > _MOST:
                    return Batch(some, some[-1]["position"] - 1, hook.passed, some[-1]["id"])
                return Batch(some, position, hook.passed)
        now = self._chronology.now()
        if now - hook.passed < _PROMISES_SECONDS * SECOND:
            return Batch([], position, hook.passed)
        passed = _after(hook.last, promises_passed(snapshot, asked, hook.passed, now))
        wanted = [each for each in passed if not only or each["kind"] in only]
        return Batch([told(snapshot, each, address) for each in wanted], position, now)

    def _sent(self, hook: Hook, message: ToldMessage) -> Outcome:
        settings = self._chronology.settings
        try:
            target = target_of(hook.url, settings.hook_hosts)
        except Invalid as error:
            return Outcome(error.sentence)
        kind = f"chronology.{message['kind'].replace(' ', '_')}"
        body = orjson.dumps({"type": kind, "timestamp": message["moment"], "data": message})
        headers = signed(hook.secret, message["id"], int(time.time()), body)
        return send(target, settings.hook_hosts, headers, body)

    def _note_success(self, hook: Hook, message: ToldMessage) -> Hook:
        """Note that the message was taken; the hook as it then stands."""
        taken = replace(
            hook,
            position=message["position"] - 1 if message["event"] else hook.position,
            last=message["id"],
            delivered=hook.delivered + 1,
            delivered_at=self._chronology.now(),
            attempts=0,
        )
        names = ("position", "last", "delivered", "delivered_at", "attempts")
        self._hooks.note(hook.id, next_attempt=0, error=None, **{name: getattr(taken, name) for name in names})
        return taken

    def _note_failure(self, hook: Hook, outcome: Outcome) -> None:
        """Wait for the next attempt, or give the hook up."""
        given_up = outcome.is_gone or hook.attempts >= len(self._pauses)
        pause = 0.0 if given_up else self._pauses[hook.attempts] * random.uniform(1, 1 + _JITTER)  # noqa: S311
        after = self._chronology.now() + round(max(pause, outcome.wait_seconds) * SECOND)
        state = {"attempts": hook.attempts + 1, "next_attempt": after, "error": outcome.error}
        self._hooks.note(hook.id, **state, given_up=self._chronology.now() if given_up else None)
        log.log(logging.ERROR if given_up else logging.WARNING, "hook %s: %s", hook.id, outcome.error)


def _after(last: str, found: list[Message]) -> list[Message]:
    """The messages after the one that was delivered last, where that is one of them."""
    ids = [each["id"] for each in found]
    return found[ids.index(last) + 1 :] if last in ids else found
