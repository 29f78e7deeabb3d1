"""Names in a table as ids: known subjects by what they are called, new ones by an id made from their name."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from projections.queries.reading.names import subjects_called
from projections.queries.subjects.states import kinds_of
from projections.store.snapshots import Snapshot
from service.documents.suggestions import slug_of

_LONGEST_ID = 80


def id_made_from(name: str) -> str:
    """An id made from a name: its letters and digits in Latin script, in lower case, with hyphens between."""
    made = slug_of(name)[:_LONGEST_ID].strip("-")
    return made or f"n-{hashlib.sha256(name.encode()).hexdigest()[:10]}"


def known_names(snapshot: Snapshot, names: Iterable[str]) -> dict[str, str]:
    """Those of the names that the views know, each with its subject: an id, or a name that one subject alone bears."""
    wanted = list(names)
    ids = kinds_of(snapshot, wanted, snapshot.position)
    called = subjects_called(snapshot, (each for each in wanted if each not in ids))
    return {name: name for name in ids} | {name: min(found) for name, found in called.items() if len(found) == 1}


class Names:
    """The names met in a table, and which of them are new; `known` has the subjects of the others."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.met: set[str] = set()
        self._known = known
        self._ids: dict[str, str] = {}
        self._new: dict[str, str] = {}

    def id_of(self, name: str) -> str:
        """The id of who or what is called so."""
        self.met.add(name)
        folded = name.casefold()
        if folded not in self._ids:
            known = self._known.get(name)
            self._ids[folded] = known or id_made_from(name)
            if known is None and self._ids[folded] != name:
                self._new.setdefault(self._ids[folded], name)
        return self._ids[folded]

    def described(self, subject: str, kind: str, *, keeps: bool = False) -> dict[str, Any] | None:
        """The description that a new subject needs, once unless it `keeps`; None where it needs none."""
        title = self._new.get(subject) if keeps else self._new.pop(subject, None)
        return None if title is None else {"id": subject, "kind": kind, "title": title}
