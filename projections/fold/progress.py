"""How far a subject has come: the counts of its stages added up, each actor by itself. Pure: no database, no clock."""

from collections import defaultdict
from collections.abc import Sequence

from events.field_types import Json
from projections.fold.findings import finding_of
from projections.fold.fold import Fold
from projections.fold.part import Setting

PROGRESS = "progress"
Stage = tuple[int, str, Setting]
"""The place of the fact that decides a count of a stage, what gives the count, and the count."""


def add_progress(known: Fold, counts: str, whole: str) -> None:
    """Add the finding `progress` to a fold in which any stage has counts.

    Args:
        known: the fold, as verdicts have it.
        counts: the map whose counts are added.
        whole: the count that they are parts of.
    """
    by_actor: dict[str, list[Stage]] = defaultdict(list)
    for name, winner in known.winners.items():
        if winner.field == counts and winner.key is not None:
            gives = finding_of(known, name)["because"][0]
            by_actor[winner.key].append((known.place(winner.fact), gives, winner))
    if not by_actor:
        return
    of = {"of": known.winners[whole].value} if whole in known.winners else {}
    value: dict[str, Json] = {}
    counting: dict[Stage, None] = {}
    for actor in sorted(by_actor):
        stages = _since_total(sorted(by_actor[actor], key=lambda stage: stage[:2]))
        counting.update(dict.fromkeys(stages))
        value[actor] = {"done": added([setting.value for _, _, setting in stages]), **of}
    order = sorted(counting, key=lambda stage: stage[:2])
    last = order[-1][2].fact
    known.winners[PROGRESS] = Setting.of(last, PROGRESS, value)
    because = list(dict.fromkeys(gives for _, gives, _ in order))
    known.whole[PROGRESS] = {"value": value, "because": because, "since": last.values.get("occurred"), "rivals": []}


def _since_total(stages: list[Stage]) -> list[Stage]:
    """The stages that still count: from the last one on whose count is a total."""
    totals = [place for place, (_, _, setting) in enumerate(stages) if setting.is_total]
    return stages[totals[-1] :] if totals else stages


def added(counts: Sequence[dict[str, int]]) -> dict[str, int]:
    """The sum of counts, end by end; a missing end is `best`, and one that is not known of all is left out."""
    total: dict[str, int] = {}
    for end in ("best", "low", "high"):
        numbers = [count[each] for count in counts for each in (end if end in count else "best",) if each in count]
        if len(numbers) == len(counts) and any(end in count for count in counts):
            total[end] = sum(numbers)
    return total
