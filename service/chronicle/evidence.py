"""All that can be verified of a chronology: its log, who recorded it, its views, and checkpoints kept from earlier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from events.errors import ChronologyError, Invalid
from events.log.proofs.verification import MOST_FLAWS, Checkpoints, LogCheck, Rights, verify
from projections.clocks import Asked
from projections.follow.comparison import compare
from projections.queries.evidence.citations import misplaced_quotes
from service.auth.rights import read_tokens
from service.chronicle.checkpoints import Checkpoint, Signed
from service.databases.chronology import Chronology
from service.databases.errors import is_trouble

_AHEAD = 180_000_000
"""Microseconds by which the clocks of several machines may differ."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found: of the log, of the log of tokens, and of the views and their quotes, up to which position."""

    log: LogCheck
    tokens: LogCheck
    views: list[str]
    views_position: int

    @property
    def flaws(self) -> list[str]:
        """Every flaw."""
        return [*self.log.flaws, *self.tokens.flaws, *self.views]


def examine(
    chronology: Chronology, checkpoints: Sequence[Checkpoint] = (), progress: Callable[[int], None] = lambda _: None
) -> Evidence:
    """Read the log, the log of tokens and the views of a chronology, and hold each against what it should be.

    `progress` is called with the number of events read, which happens twice.

    Raises:
        Invalid: two checkpoints of one size differ.
    """
    log_roots, token_roots = _together(checkpoints), _together([each.tokens for each in checkpoints])
    tokens = LogCheck(of="log of tokens")

    def rights() -> Rights:
        return read_tokens(chronology.keyring, tokens, token_roots)

    log = verify(chronology.record, log_roots, progress, rights)
    for kept, verdict in ((chronology.record, log), (chronology.keyring, tokens)):
        with kept.reading() as reader:
            if reader.tree().recorded > chronology.now() + _AHEAD:
                verdict.flaws.append(f"the last turn of a writer of the {verdict.of} lies in the future")
    position, views = _compared(chronology, log.size, lambda read: progress(log.size + read))
    return Evidence(log, tokens, views, position)


def _compared(chronology: Chronology, size: int, progress: Callable[[int], None]) -> tuple[int, list[str]]:
    """The views against the log, and each quote against its text; where nobody follows, they are brought up to date."""
    try:
        with chronology.ask(Asked(position=size)):
            pass
        position, flaws = compare(chronology.record, chronology.store, progress)
        with chronology.store.reading() as snapshot:
            return position, [*flaws, *islice(misplaced_quotes(snapshot), MOST_FLAWS)]
    except ChronologyError as error:
        return 0, [f"the views cannot be held against the log: {error.sentence}"]
    except Exception as error:
        if is_trouble(error):
            raise
        return 0, [f"the views cannot be held against the log ({type(error).__name__})"]


def _together(checkpoints: Sequence[Signed]) -> Checkpoints:
    """The roots by size; two roots of one size are a log with two faces."""
    roots: dict[int, bytes] = {}
    for each in checkpoints:
        if roots.setdefault(each.size, each.root) != each.root:
            raise Invalid(f"two checkpoints of {each.size} events have different roots: one log with two faces")
    return roots
