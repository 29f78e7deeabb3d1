"""The page that says of the links in an article which still hold, and of the others what changed and why."""

from typing import Any
from urllib.parse import urlencode

from flask import url_for

from events.errors import ChronologyError
from events.facts import subjects_named
from projections.clocks import Asked, clocks_for
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.following.followed import CitedAddress
from projections.queries.following.messages import Change
from projections.queries.history.checks import Check, check
from projections.queries.subjects.states import spelled
from projections.queries.subjects.values import labels
from projections.store.snapshots import Snapshot
from service.pages.following.pasted import Pasted
from service.wording.causes import cause_in_words
from service.wording.message_wording import changes_in_words
from service.wording.phrases import plain, sentence

_MOST_SHOWN = 12


def checks_page(snapshot: Snapshot, pasted: Pasted) -> dict[str, Any]:
    """What the page shows of the links: those that changed first, as they stand in the text."""
    rows, others = [], [*pasted.others]
    for each in pasted.cited:
        try:
            rows.append(_row(snapshot, each, check(snapshot, *each)))
        except ChronologyError as error:
            others.append((each.address, error.sentence))
    query = urlencode([("address", row["address"]) for row in rows])
    return {
        "rows": sorted(rows, key=lambda row: row["stands"]),
        "others": others,
        "is_cut": pasted.is_cut,
        "changed": sum(not row["stands"] for row in rows),
        "feeds": {
            name: url_for("feeds.show_feed", suffix=suffix) + f"?{query}"
            for name, suffix in (("Atom", "atom"), ("JSON Feed", "json"))
        },
        "again": url_for("following.checks") + f"?{query}",
    }


def _row(snapshot: Snapshot, of: CitedAddress, found: Check) -> dict[str, Any]:
    now = clocks_for(snapshot, Asked())
    differences = found["differences"]
    subjects = dict.fromkeys(each["subject"] for each in differences)
    return {
        "address": of.address,
        "href": _own(of.address),
        "title": _title(snapshot, of),
        "position": found["position"],
        "stands": found["stands"],
        "more": max(0, len(differences) - _MOST_SHOWN),
        "changes": [
            {"words": words, "causes": [cause_in_words(cause) for cause in each["causes"]]}
            for subject in subjects
            for each, words in _worded(snapshot, subject, found, now)
        ][:_MOST_SHOWN],
    }


def _worded(snapshot: Snapshot, subject: str, found: Check, now: Any) -> Any:
    of_it = [each for each in found["differences"] if each["subject"] == subject]
    changes: list[Change] = [
        {"finding": each["finding"], "before": each["from"], "after": each["to"]} for each in of_it
    ]
    return zip(of_it, changes_in_words(snapshot, subject, changes, now)[1], strict=True)


def _title(snapshot: Snapshot, of: CitedAddress) -> str:
    """What was cited is called, as of then; of a fact its sentence."""
    sort, name = of.cited.sort, of.cited.name
    if name is None:
        return "All matters, compared"
    then = clocks_for(snapshot, Asked(position=of.cited.position))
    facts = facts_named(snapshot, [name], then) if sort == "fact" else {}
    named = {subject for each in facts.values() for subject, _ in subjects_named(each.kind, each.values)}
    known = labels(snapshot, {name, *named}, then)

    def title(subject: str) -> str:
        return known[subject].title if subject in known else spelled(subject)

    if name in facts:
        return plain(sentence(facts[name].kind, facts[name].values, title))
    return f"{title(name)}, compared" if sort == "diff" else title(name)


def _own(address: str) -> str:
    """The address as a page of this service."""
    path = address[address.index("/", address.index("//") + 2) :] if "//" in address else address
    return path.replace("/api/v1/diff", "/compare", 1).removeprefix("/api/v1")
