"""Citations that do not stand are listed, and `verify` puts each quote to its text again."""

from typing import Any

import pytest

from events.commands.record_sources import revise_source
from events.kinds.occurrence import Occurred
from service.auth.roles import COMMAND_LINE
from service.chronicle.evidence import examine
from service.databases.chronology import Chronology
from tests.conftest import api_of
from tests.fixtures.stories import Chronicle


@pytest.fixture
def api(chronology: Chronology) -> Any:
    return api_of(chronology, "editor")


def told(chronicle: Chronicle, name: str, **report: Any) -> str:
    """A fact with one citation; its source's id."""
    cited = chronicle.report(**report)
    chronicle.given(Occurred, name, name, what="it", occurred="2024-01-01", citations=[cited])
    return str(cited["source"])


def revised(chronicle: Chronicle, source: str, text: str) -> None:
    body = {"text": text, "retrieved_at": "2024-02-01T00:00:00Z"}
    chronicle.chronology.write(chronicle.by, lambda call: revise_source(call, source, body))


def listed(api: Any, standing: str, **clocks: Any) -> list[tuple[str, int, str]]:
    found = api.get("/citations", standing=standing, **clocks).get_json()["citations"]
    return [(each["fact"], each["n"], each["citation"]["source"]) for each in found]


def test_words_that_are_gone_from_the_latest_version_are_listed_from_when_it_was_published(
    chronicle: Chronicle, api: Any
) -> None:
    gone, kept = told(chronicle, "gone"), told(chronicle, "kept")
    before = chronicle.chronology.record.head()
    revised(chronicle, gone, "Nothing of the kind.")
    revised(chronicle, kept, "More. What report 2 says.")

    assert listed(api, "gone") == [("gone", 0, gone)]
    assert listed(api, "gone", position=before) == []
    assert listed(api, "gone", reported_until="2024-01-31") == []
    assert listed(api, "unverified") == []


def test_words_of_a_source_without_text_are_listed_and_those_of_amendments_too(chronicle: Chronicle, api: Any) -> None:
    told(chronicle, "read")
    body = {"id": "unread", "title": "Unread", "publisher": "Herald", "published": "2024-01-01"}
    api.posted("/sources", body)
    chronicle.amend("read", "corroborations", citations=[{"source": "unread", "exact": "it"}])

    assert listed(api, "unverified") == [("read", 1, "unread")]
    (found,) = api.get("/citations", standing="unverified").get_json()["citations"]
    assert found["citation"]["marks"] == [{"mark": "unverified"}]
    assert found["citation"]["publisher"] == "Herald"


def test_pages_of_them_follow_each_other(chronicle: Chronicle, api: Any) -> None:
    names = [f"fact-{number}" for number in range(5)]
    for name in names:
        revised(chronicle, told(chronicle, name), "Nothing of the kind.")

    found, cursor = [], {}
    while True:
        answer = api.get("/citations", standing="gone", limit=2, **cursor)
        page = answer.get_json()
        found += [each["fact"] for each in page["citations"]]
        assert ('rel="next"' in answer.headers.get("Link", "")) == (page["next"] is not None)
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert found == names


def test_another_standing_is_refused_by_name(api: Any) -> None:
    for query in ({}, {"standing": "well"}):
        answer = api.get("/citations", **query)

        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.get_json()["errors"]] == ["/standing"]


def test_verify_puts_each_quote_to_its_text_again(chronology: Chronology) -> None:
    chronicle = Chronicle(chronology, COMMAND_LINE)
    source = told(chronicle, "true")
    revised(chronicle, source, "Nothing of the kind.")  # a quote stands in the version that it is of
    assert examine(chronology).flaws == []

    forged = {"source": source, "version": 1, "exact": "never said", "verified": True, "start": 0, "end": 10}
    values = {"id": "forged", "subject": "true", "occurred": "2024-01-01", "what": "it", "citations": [forged]}
    position = chronology.write(COMMAND_LINE, lambda call: call.stage("fact", "forged", Occurred, values)).position

    assert examine(chronology).flaws == [
        f"a quote of the event at position {position} does not stand in version 1 of source {source!r} where it stood"
    ]
