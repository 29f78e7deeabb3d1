"""What a release brought, as a digest of ours: the text of a version of the table's source, and read again from it.

A row is new, reads otherwise, is gone or is back; which rows a table has is what its releases brought so far.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

Outcome = Literal["new", "changed", "gone", "back"]
_SAYS: Mapping[Outcome, str] = {"changed": "reads otherwise", "gone": "is gone", "back": "is back"}
_FILE = re.compile(r"SHA-256 of the file: ([0-9a-f]{64})")
_ROW = re.compile(rf"Row (\S+) ({'|'.join(_SAYS.values())})\.")
_NEW = "New rows: "


class Note(NamedTuple):
    """What a release brought: how many rows its file has, the digest of that, and by id what became of which rows."""

    sha256: str
    rows: int
    outcomes: dict[str, Outcome]

    def of(self, outcome: Outcome) -> list[str]:
        """The rows of which that became."""
        return [row for row, each in self.outcomes.items() if each == outcome]

    def text(self, heading: str) -> str:
        """The note in words, below the name of the release."""
        told = [quote_of(row, each) for row, each in self.outcomes.items() if each != "new"]
        new = [_NEW + " ".join(found)] if (found := self.of("new")) else []
        return "\n".join([f"{heading}: {self.rows} rows.", f"SHA-256 of the file: {self.sha256}", *new, *told])


def quote_of(row: str, outcome: Outcome) -> str:
    """What a note says of a row that is not new."""
    return f"Row {row} {_SAYS[outcome]}."


def note_in(text: str) -> Note | None:
    """The note that a text is; None where it is none of ours."""
    file = _FILE.search(text)
    if file is None:
        return None
    outcomes = {said: outcome for outcome, said in _SAYS.items()}
    found: dict[str, Outcome] = {}
    for line in text.splitlines():
        if line.startswith(_NEW):
            found |= dict.fromkeys(line.removeprefix(_NEW).split(), "new")
    found |= {row: outcomes[said] for row, said in _ROW.findall(text)}
    counted = re.search(r": (\d+) rows\.", text)
    return Note(file[1], int(counted[1]) if counted else 0, found)


def rows_after(notes: Iterable[Note]) -> dict[str, bool]:
    """Every row that the releases ever had, and whether it is still there after them."""
    there: dict[str, bool] = {}
    for note in notes:
        for row, outcome in note.outcomes.items():
            there[row] = outcome != "gone"
    return there
