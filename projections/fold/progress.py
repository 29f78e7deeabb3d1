"""How far a subject has come: the counts of its stages added up, each actor by itself. Pure: no database, no clock."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from events.field_types import Json
from projections.fold.findings import finding_of
from projections.fold.fold import Fold
from projections.fold.part import Place, Setting

PROGRESS = "progress"


def adds_up(name: str, progress: tuple[str, str]) -> bool:
    """Whether the finding is part of the progress: a count of a stage, or the whole."""
    counts, whole = progress
    return name == whole or name.startswith(f"{counts}[")


class Stage(NamedTuple):
    """A count of a stage, and the place of the fact that gives it, in the order of the fold."""

    place: Place | int
    setting: Setting


def add_progress(known: Fold, counts: str, whole: str) -> None:
    """Add the finding `progress` to a fold in which any stage has counts.

    Args:
        known: the fold, as verdicts have it.
        counts: the map whose counts are added.
        whole: the count that they are parts of.
    """
    names = {
        winner: name for name, winner in known.winners.items() if winner.field == counts and winner.key is not None
    }
    if not names:
        return
    counting = counting_stages(Stage(known.place(winner.fact), winner) for winner in names)
    order = sorted(
        {
            (place, finding_of(known, names[each])["because"][0])
            for stages in counting.values()
            for place, each in stages
        }
    )
    last = max((stages[-1] for stages in counting.values()), key=lambda stage: stage.place).setting.fact
    value = progress_of(counting, known.winners.get(whole))
    known.winners[PROGRESS] = Setting.of(last, PROGRESS, value)
    because = list(dict.fromkeys(gives for _, gives in order))
    known.whole[PROGRESS] = {"value": value, "because": because, "since": last.values.get("occurred"), "rivals": []}


def counting_stages(stages: Iterable[Stage]) -> dict[str, list[Stage]]:
    """Of each actor the stages that count, in order: from the last one on whose count is a total."""
    by_actor: dict[str, list[Stage]] = defaultdict(list)
    for stage in sorted(stages, key=lambda stage: stage.place):
        actor = str(stage.setting.key)
        by_actor[actor] = [stage] if stage.setting.is_total else [*by_actor[actor], stage]
    return by_actor


def progress_of(counting: dict[str, list[Stage]], whole: Setting | None) -> dict[str, Json]:
    """The value of the progress: what each actor has `done`, of the whole (`of`) where that is known."""
    of = {"of": whole.value} if whole is not None else {}
    return {
        actor: {"done": sum_of_counts([each.setting.value for each in counting[actor]]), **of}
        for actor in sorted(counting)
    }


def sum_of_counts(counts: Sequence[dict[str, int]]) -> dict[str, int]:
    """The sum of counts, end by end; a missing end is `best`, and one that is not known of all is left out."""
    total: dict[str, int] = {}
    for end in ("best", "low", "high"):
        numbers = [count[each] for count in counts for each in (end if end in count else "best",) if each in count]
        if len(numbers) == len(counts) and any(end in count for count in counts):
            total[end] = sum(numbers)
    return total
