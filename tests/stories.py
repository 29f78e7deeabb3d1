"""Telling a story in tests: facts given, something that happens, and the state that follows.

Only the values that matter are written; the rest is supplied here, fixed. Each report is a source of its own with one
sentence, published when the story says and recorded in the order told.
"""

from dataclasses import dataclass
from typing import Any

from events.amending import amend
from events.facts import Fact
from events.recording import correct_source, record_facts, register_source, revise_source
from events.writing import Receipt
from projections.clocks import Asked
from projections.states import state
from service.desk import Desk

SECOND = 1_000_000


class Ticking:
    """A clock that moves on by a second at each look, from noon on 1 January 2026."""

    def __init__(self, start: int = 1_767_268_800 * SECOND) -> None:
        self.at = start

    def __call__(self) -> int:
        self.at += SECOND
        return self.at


@dataclass(frozen=True)
class Known:
    """A state with its parts at hand."""

    raw: dict[str, Any]

    @property
    def status(self) -> str | None:
        return self.raw["status"]["value"]

    @property
    def contested(self) -> set[str]:
        findings = {"status": self.raw["status"], **self.raw["fields"]}
        return {name for name, finding in findings.items() if finding["rivals"]}

    def value(self, name: str) -> Any:
        return self.raw["fields"][name]["value"] if name in self.raw["fields"] else None

    def rivals(self, name: str) -> list[Any]:
        finding = self.raw["status"] if name == "status" else self.raw["fields"][name]
        return [rival["value"] for rival in finding["rivals"]]


class Chronicle:
    """A story told to a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._told = 0

    def report(self, publisher: str = "Gazette", reported: str | None = "2024-01-01", **given: Any) -> dict[str, Any]:
        """A source with one sentence of its own, and the citation of that sentence."""
        self._told += 1
        name, words = f"report-{self._told}", f"What report {self._told} says."
        source = {"id": name, "title": f"Report {self._told}", "publisher": publisher, "published": reported}
        source |= {"text": words, "zone": "UTC"} | given
        self.desk.write(
            "teller", lambda call: register_source(call, {k: v for k, v in source.items() if v is not None})
        )
        return {"source": name, "exact": source["text"]}

    def given(self, kind: type[Fact], subject: str = "it", id: str | None = None, **values: Any) -> str:
        """A fact as a report has it; answers with its id."""
        citations = values.pop("citations", None)
        if citations is None:
            citations = [self.report(values.pop("publisher", "Gazette"), values.pop("reported", "2024-01-01"))]
        body = {"kind": kind.__name__, "subject": subject, "citations": citations, **values}
        body["id"] = id or f"fact-{self._told}"
        if not kind.timeless:
            body.setdefault("occurred", "2024-01-01")
        receipts = self.desk.write("teller", lambda call: record_facts(call, [body], [""]))
        return receipts[0].id

    when = given

    def amend(
        self, fact: str, call: str, reported: str | None = None, withdraws: int | None = None, **body: Any
    ) -> Receipt:
        """An amendment: a source's act where `reported` says when, else ours, a reassessment."""
        if reported is not None:
            body["citations"] = [self.report(body.pop("publisher", "Gazette"), reported)]
        elif "citations" not in body:
            body = {"kind": "reassessment", "reason": "told so"} | body
        return self.desk.write("teller", lambda writing: amend(writing, fact, call, body, withdraws))

    def correct_source(self, source: str, **changes: Any) -> Receipt:
        body = {"kind": "transcription_error", "reason": "misread", "changes": changes}
        return self.desk.write("teller", lambda call: correct_source(call, source, body))

    def revise(self, source: str, **given: Any) -> Receipt:
        return self.desk.write("teller", lambda call: revise_source(call, source, given))

    def state(self, subject: str = "it", **clocks: Any) -> Known:
        """The state of the subject at the clocks."""
        with self.desk.ask(Asked(**clocks)) as (snapshot, bounds):
            return Known(state(snapshot, subject, bounds))

    @property
    def head(self) -> int:
        return self.desk.record.head()
