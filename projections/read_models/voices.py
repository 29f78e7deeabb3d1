"""Who may ever speak for a party, gathered from the ledger, to be heard at any clocks."""

from collections.abc import Iterable

from events.history.streams import Entry
from projections.fold.subject_history import SubjectHistory, Voices
from projections.read_models.histories import ever_grouped_with, regroupings, subject_histories
from projections.store.snapshots import Snapshot

_NAMING = (
    "SELECT DISTINCT about.subject FROM {mentions} AS mentions JOIN {about} AS about ON about.fact = mentions.fact"
    " JOIN {subjects} AS subjects ON subjects.id = about.subject"
    " WHERE mentions.subject {among} AND mentions.position <= ? AND subjects.kind = 'actor'"
)
_SPOKEN_OF = (
    "SELECT DISTINCT about.subject FROM {mentions} AS mentions JOIN {about} AS about ON about.fact = mentions.fact"
    " WHERE mentions.subject {among} AND mentions.position <= ?"
)


def spoken_of(snapshot: Snapshot, actors: Iterable[str], position: int) -> set[str]:
    """The subjects of facts that name any of the actors, and those grouped with them."""
    regrouped = regroupings(snapshot, position)
    subjects = (subject for (subject,) in snapshot.probe(_SPOKEN_OF, sorted(actors), position))
    return set().union(*(ever_grouped_with(regrouped, subject) for subject in subjects))


def voices_of(snapshot: Snapshot, party: str, position: int) -> Voices:
    """The party's voices: every actor of whom a fact names it, or one found so, and those grouped with any of them."""
    regrouped = regroupings(snapshot, position)

    def grouped(names: Iterable[str]) -> set[str]:
        return set().union(*(ever_grouped_with(regrouped, name) for name in names))

    found, added = set[str](), grouped([party])
    while added:
        found |= added
        added = grouped(subject for (subject,) in snapshot.probe(_NAMING, sorted(added), position)) - found
    actors = subject_histories(snapshot, sorted(found), position).values()
    return Voices(party, [_as_voice(each) for each in actors], regrouped)


def _as_voice(actor: SubjectHistory) -> SubjectHistory:
    """Of what bears on an actor what bears on its party."""
    facts = [each for each in actor.facts if any(map(_names_party, each.entries))]
    cited = set().union(*(each.sources() for each in facts))
    sources = {name: each for name, each in actor.sources.items() if name in cited}
    return actor.otherwise(facts, sources, actor.acts, frozenset())


def _names_party(entry: Entry) -> bool:
    return "party" in entry.data or "party" in entry.data.get("changes", {})
