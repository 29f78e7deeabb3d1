"""What the answers must be: a brute-force reading of section 3 of the design, for every question that is asked.

It is the reading that the property tests hold the service against, and shares nothing with the service's fold. It is
slow, so it is asked about whole subjects one after the other, before or after anything is timed.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from benchmarks.scale import Workload
from events.kinds import vocabulary
from tests.truth.brute import EVER, Log, Recorded, fold

assert vocabulary.KINDS

Answer = dict[str, Any]
_Stored = tuple[str, str, int, bytes, int]
"""A call: its name, the fact's id, its position, its body as JSON, and an amendment's number."""
SUMS = "progress"
NOTHING: Answer = {"status": None, "fields": {}}


class Reference:
    """The calls about the subjects of interest, kept by subject.

    Args:
        workload: what the peers are given too.
        subjects: those that will be asked about; None for all.
    """

    def __init__(self, workload: Workload, subjects: Iterable[str] | None = None) -> None:
        wanted = None if subjects is None else set(subjects)
        self._sources = {
            source["id"]: Recorded("source", source["id"], position, position, {**source, "text": None})
            for position, source in enumerate(workload.sources(), start=1)
        }
        self._about: dict[str, list[_Stored]] = {}
        self._named: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        for position, told in enumerate(workload.calls(), start=workload.source_count + 1):
            if told.call == "facts":
                subject = told.body["subject"]
                if wanted is not None and subject not in wanted:
                    continue
                self._named[name := told.body["id"]] = subject
            else:
                name = f"fact-{told.number:09}"
                if name not in self._named:
                    continue
            self._keep(told.call, name, position, told.body)

    def _keep(self, call: str, name: str, position: int, body: dict[str, Any]) -> None:
        about = self._about.setdefault(self._named[name], [])
        if call == "facts":
            cited = [{**each, "version": 1} for each in body["citations"]]
            about.append(("fact", name, position, orjson.dumps({**body, "citations": cited}), 0))
        else:
            self._numbers[name] = self._numbers.get(name, 0) + 1
            about.append((call, name, position, orjson.dumps(body), self._numbers[name]))

    def state(self, subject: str, at: int | None, position: int | None = None, reported: int | None = None) -> Answer:
        """Status and fields of a subject at the exclusive bounds `at` and `reported`, and a position in the log."""
        about = [_recorded(*stored) for stored in self._about.get(subject, ())]
        cited = {each["source"] for call in about for each in call.body.get("citations", ())}
        log = Log([*(self._sources[source] for source in cited), *about], position)
        standings = log.standings(EVER if reported is None else reported)
        counting = [each for each in standings if each.stands and each.modality == "actual" and each.certain(at)]
        kind = "occurrence" if subject.startswith("timetable") else subject.partition("-")[0]
        found = fold(log, subject, counting, kind, at, lambda fact: fact.lo)
        return {
            "status": found.pop("status").value,
            "fields": told({name: finding.value for name, finding in sorted(found.items())}),
        }

    def subjects(self) -> list[str]:
        """Those about which something is kept."""
        return sorted(self._about)

    def touched(self, first: int, last: int) -> list[str]:
        """Those about which something was recorded after the position `first`, up to `last`."""
        return sorted(
            subject
            for subject, calls in self._about.items()
            if any(first < position <= last for _, _, position, _, _ in calls)
        )


def _recorded(call: str, name: str, position: int, body: bytes, number: int) -> Recorded:
    return Recorded(call, name, position, position, orjson.loads(body), n=number)


def told(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that facts set: without the sums over them, which no peer is asked for."""
    return {name: value for name, value in fields.items() if name != SUMS}


def differences(before: dict[str, Answer], after: dict[str, Answer]) -> list[list[Any]]:
    """Each finding whose value differs: subject, finding, value before, value after; in order."""
    found = []
    for subject in sorted(before.keys() | after.keys()):
        one, other = (_findings(each.get(subject, NOTHING)) for each in (before, after))
        found += [
            [subject, name, one.get(name), other.get(name)]
            for name in sorted(one.keys() | other.keys())
            if one.get(name) != other.get(name)
        ]
    return found


def _findings(answer: Answer) -> dict[str, Any]:
    return {"status": answer["status"], **answer["fields"]}
