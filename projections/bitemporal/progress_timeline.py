"""How far a subject has come, over the first clock: the sum of what gives the counts of its stages. Pure."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter

from projections.bitemporal.finding_timeline import Change, Counted, Gathered, Staircase, changes_from, member
from projections.fold.progress import PROGRESS, Stage, adds_up, counting_stages, progress_of


def progress_since(
    first: int, lines: Mapping[str, Staircase | Gathered], progress: tuple[str, str] | None
) -> Iterator[Change]:
    """The progress from the moment `first` on.

    Args:
        first: the moment (see finding_timeline).
        lines: the findings of the subject by name.
        progress: the map whose counts add up, and the count that they are parts of; None of kinds that have none.
    """
    parts = [name for name in lines if progress is not None and adds_up(name, progress)]
    if progress is None or parts in ([], [progress[1]]):
        yield from changes_from(PROGRESS, [(first, None)])
        return
    turns = ((moment, name, gives) for name in parts for moment, gives in lines[name].given_since(first))
    given: dict[str, Counted | None] = {}
    values = []
    for moment, together in groupby(sorted(turns, key=itemgetter(0)), key=itemgetter(0)):
        given.update({name: gives for _, name, gives in together})
        values.append((moment, member(PROGRESS, _value(given, progress[1]))))
    yield from changes_from(PROGRESS, values)


def _value(given: Mapping[str, Counted | None], whole: str) -> object:
    settings = {name: (each[1], each[2].settings[name]) for name, each in given.items() if each is not None}
    of = settings.pop(whole, (None, None))[1]
    stages = [Stage(place, setting) for place, setting in settings.values() if setting.key is not None]
    return progress_of(counting_stages(stages), of) if stages else None
