"""The chronology as lines of a chronicle file, in the order of recording: what `import` takes into an empty one.

Each line says when and by whom it was recorded. Imported, it gives the same facts, amendments and words, recorded anew;
imported as recorded, it gives the same log, but for tokens, which are in a backup. What has no line of a chronicle,
because it rests on words that were erased or is about a proposal or a redaction, stands as an `event` with what it
says in the open: that is for the import as recorded alone.
"""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import orjson

from events.amendments import AMENDMENTS, VerdictGiven
from events.commands.citations import CITATION
from events.dates.calendar import instant_text
from events.facts import KINDS, RECORDERS
from events.history.streams import Entry, stream_id
from events.log.application import Record
from events.log.encryption import is_open
from events.log.originals import original_of
from events.sources import PSEUDONYMS, SourceRegistered
from projections.read_models.ledger import stream_of_entry

_AT_ONCE = 2_000
_APART = frozenset({"opens", "lifts", *PSEUDONYMS.values(), "sha256", "version", "withdraws", *RECORDERS})
"""What the record adds to what is sent, and numbers, which may be others in the new log."""
_STAMPS = ("recorded_by", "accepted_by")
"""What is exported of that for an import as recorded, beside pseudonyms."""
_CALLS = {
    "SourceRevised": "revisions",
    "SourceCorrected": "corrections",
    "SourceWithdrawn": "withdrawals",
    "SubjectMerged": "merges",
    "SubjectSplit": "splits",
    "VerdictGiven": "verdicts",
    **{name: each.call for name, each in AMENDMENTS.items()},
}
_ORIGINAL = "original"
_OWN_IDS = {"SourceCorrected": "correction", "SourceWithdrawn": "withdrawal", "SourceWithdrawalWithdrawn": "withdrawal"}
"""The fields in which acts on a source have their own ids."""
_ID = {"fact": "fact", "source": "id", "subject": "subject"}
"""The field in which an event that is not the first of its stream has the stream's id."""

Line = dict[str, Any]


class Export:
    """The lines of a record as it stands when they are asked for.

    `left_out` counts the events that have no line of a chronicle, as they rest on words that were erased. For readers,
    these have no line at all, and no line a pseudonym.
    """

    def __init__(self, record: Record, *, for_readers: bool = False) -> None:
        self._for_readers = for_readers
        self.left_out = 0
        self._record = record
        self._missing: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._bereft: set[str] = set()
        self._kinds: dict[str, str] = {}

    def lines(self) -> Iterator[bytes]:
        """Each line, with its end; an empty one between calls, as what a call records is of one instant."""
        position, head, recorded = 0, self._record.head(), None
        while position < head:
            entries = self._record.after(position, min(_AT_ONCE, head - position))
            position = entries[-1].position
            for entry in entries:
                entry.data.update(self._with_bytes(entry))
                line = self._line(entry) or ({} if self._for_readers else _event(entry))
                if not line:
                    continue
                ((kind, given),) = line.items()
                told = _STAMPS if self._for_readers else (*_STAMPS, *PSEUDONYMS.values())
                stamps = {name: entry.data[name] for name in told if entry.data.get(name)}
                line = {kind: {**given, "recorded": instant_text(entry.recorded), **stamps}}
                if recorded not in (None, entry.recorded):
                    yield b"\n"
                yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
                recorded = entry.recorded

    def _with_bytes(self, entry: Entry) -> dict[str, Any]:
        """The original that an event names, as it is sent."""
        said = entry.data.get(_ORIGINAL)
        if not isinstance(said, dict):
            return {}
        with self._record.reading() as reader:
            content = original_of(reader, stream_id(*stream_of_entry(entry)), entry.version)
        given = {name: said[name] for name in ("media_type", "name") if name in said}
        return {_ORIGINAL: given | {"base64": b64encode(content or b"").decode()}}

    def _line(self, entry: Entry) -> Line | None:
        """The line of an event; None of one that is no part of a chronicle, or rests on what was erased."""
        stream = stream_of_entry(entry)
        if stream[0] not in _ID:
            return None
        self._kinds |= {name: kind for name, kind in entry.data.get("opens", {}).items() if kind is not None}
        begins = stream[0] != "subject" and 1 in self._missing.get(stream, ())  # with what is left out
        line = None if begins or not is_open(entry.data) else self._line_of(entry, stream)
        if line is None:
            self._missing[stream].append(entry.version)
            self.left_out += 1
            if entry.name in KINDS:
                self._bereft.add(entry.data["subject"])
        return line

    def _line_of(self, entry: Entry, stream: tuple[str, str]) -> Line | None:
        given = _given(entry)
        if entry.name in KINDS:
            return self._fact(entry, given)
        if entry.name == SourceRegistered.__name__:
            return {"source": given}
        return self._amendment(entry, stream, given)

    def _fact(self, entry: Entry, given: dict[str, Any]) -> Line:
        kind = self._kinds.get(given["subject"])
        if given["id"] == f"subject:{given['subject']}" and "citations" not in given:
            described = {name: given[name] for name in ("title", "part_of", "aliases") if name in given}
            return {"subject": {"id": given["subject"], "kind": kind, **described}}
        if KINDS[entry.name].about is None:
            given["subject_kind"] = kind  # what opened the subject may be left out
        return {"fact": {"kind": entry.name, **given}}

    def _amendment(self, entry: Entry, stream: tuple[str, str], given: dict[str, Any]) -> Line | None:
        """The line of an amendment of a fact, source or subject; None where what it withdraws is left out."""
        about, name = stream
        del given[_ID[about]]
        own = given.pop(_OWN_IDS.get(entry.name, ""), None)
        line = {about: name, **given} if own is None else {about: name, "id": own, **given}
        if entry.name == VerdictGiven.__name__:
            if name in self._bereft:  # what it was about may not be contested without what is left out
                return None
            line["prefers"] = entry.data.get("prefers")
        if "withdraws" not in entry.data:
            return {"amendment": {"call": _CALLS[entry.name], **line}}
        before = about != "subject"  # the recording of a fact or source stands before what is numbered
        withdrawn = entry.data["withdraws"] + before
        missing = self._missing.get(stream, [])
        if withdrawn in missing:
            return None
        return {"amendment": {"withdraw": withdrawn - before - sum(each < withdrawn for each in missing), **line}}


def _event(entry: Entry) -> Line:
    """The line of an event that is for imports as recorded alone."""
    return {"event": {"event": entry.name, "data": {k: v for k, v in entry.data.items() if k not in RECORDERS}}}


def _given(entry: Entry) -> dict[str, Any]:
    """An event's values as they were sent."""
    given = {name: value for name, value in entry.data.items() if name not in _APART and value not in (None, [], {})}
    if "citations" in given:
        given["citations"] = [{name: each[name] for name in CITATION if name in each} for each in given["citations"]]
    return given
