"""Names in a table as ids: known subjects by what they are called, new ones by an id made from their name."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from anyascii import anyascii

from projections.queries.reading.names import NameInText, names_in
from projections.queries.subjects.states import kinds_of
from projections.store.snapshots import Snapshot

Known = Callable[[str], str | None]
"""The id of the subject that is called so, where one is known."""
_LONGEST_ID = 80
_THE_SAME = 100


def id_made_from(name: str) -> str:
    """An id made from a name: its letters and digits in Latin script, in lower case, with hyphens between."""
    made = re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")[:_LONGEST_ID].strip("-")
    return made or f"n-{hashlib.sha256(name.encode()).hexdigest()[:10]}"


def known_names(snapshot: Snapshot) -> Known:
    """Those of the views: a subject by its id, or by a name, title or alias that it alone bears."""

    def known(name: str) -> str | None:
        if kinds_of(snapshot, [name], snapshot.position):
            return name
        found = {each["subject"] for each in names_in(snapshot, name) if _is_whole(each, name)}
        return found.pop() if len(found) == 1 else None

    return known


def _is_whole(named: NameInText, name: str) -> bool:
    return named["likeness"] == _THE_SAME and (named["start"], named["end"]) == (0, len(name))


class Names:
    """The names met in a table, and which of them are new."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._ids: dict[str, str] = {}
        self._new: dict[str, str] = {}

    def id_of(self, name: str) -> str:
        """The id of who or what is called so."""
        folded = name.casefold()
        if folded not in self._ids:
            known = self._known(name)
            self._ids[folded] = known or id_made_from(name)
            if known is None and self._ids[folded] != name:
                self._new.setdefault(self._ids[folded], name)
        return self._ids[folded]

    def described(self, subject: str, kind: str, *, keeps: bool = False) -> dict[str, Any] | None:
        """The description that a new subject needs, once unless it `keeps`; None where it needs none."""
        title = self._new.get(subject) if keeps else self._new.pop(subject, None)
        return None if title is None else {"id": subject, "kind": kind, "title": title}
