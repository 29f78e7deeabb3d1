"""The vocabulary: every kind is whole, and adding one is one class."""

import re
from collections.abc import Iterator

import pytest

from events.facts import ENVELOPE, KINDS, Fact, own_fields, statuses_of
from events.field_types import Text
from events.kinds.swap import Swap
from events.kinds.vocabulary import KINDS as LOADED
from events.kinds.vocabulary import flaw_of
from events.labels import labelled, labels_of
from events.subject_kinds import SUBJECT_KINDS
from service.databases.chronology import Chronology
from tests.conftest import api_of


@pytest.mark.parametrize("kind", list(LOADED.values()), ids=list(LOADED))
def test_a_kind_says_what_it_is_and_names_only_what_it_has(kind: type[Fact]) -> None:
    assert flaw_of(kind) is None
    assert kind.__doc__
    assert kind.__doc__.endswith(".")
    assert kind.cameo is None or re.fullmatch(r"(0|1|2)\d{1,3}", kind.cameo)


@pytest.mark.parametrize("kind", list(LOADED.values()), ids=list(LOADED))
def test_a_kind_and_each_of_its_fields_are_called_something_by_people(kind: type[Fact]) -> None:
    labels = labels_of(kind)

    assert re.fullmatch(r"[A-Z].* .*[^.]", kind.words)
    assert own_fields(kind).keys() | ENVELOPE.keys() == labels.keys()
    assert all(re.fullmatch(r"[A-Z][a-z].*[^.]", label) for label in labels.values())
    assert kind.sentence


def test_a_kind_of_subject_is_called_something_by_people_and_a_finding_by_one_label_alone() -> None:
    assert all(re.fullmatch("[A-Z].*", kind.words) for kind in SUBJECT_KINDS.values())
    for about in SUBJECT_KINDS.values():
        findings: dict[str, set[str]] = {}
        for kind in (each for each in LOADED.values() if each.about in (about, None)):
            for name in own_fields(kind).keys() - {*kind.acts, kind.per}:
                findings.setdefault(name, set()).add(labels_of(kind)[name])
        assert {name: labels for name, labels in findings.items() if len(labels) > 1} == {}


def test_the_ladder_and_the_halts_of_a_subject_kind_are_its_statuses() -> None:
    assert "demand" in SUBJECT_KINDS
    assert statuses_of("demand") == ("made", "acknowledged", "partly met", "met", "refused", "withdrawn")


@pytest.fixture(scope="module")
def swap_verified() -> Iterator[type[Fact]]:
    class SwapVerified(Fact):
        """A monitor confirmed the exchange."""

        about = Swap
        words = "The swap was verified"
        reaches = "completed"
        sentence = "the swap was verified[ with {method}]"

        method: Text = labelled("How")

    yield SwapVerified
    del KINDS["SwapVerified"]
    own_fields.cache_clear()


def test_a_new_kind_is_in_the_document_the_fold_the_list_and_the_page_without_another_edit(
    swap_verified: type[Fact], chronology: Chronology
) -> None:
    api = api_of(chronology, "editor")
    api.posted(
        "/sources", {"id": "note", "title": "Note", "publisher": "Monitor", "published": "2024-01-02", "text": "Seen."}
    )
    fact = {
        "id": "seen",
        "kind": "SwapVerified",
        "subject": "swap",
        "occurred": "2024-01-01",
        "method": "two witnesses",
    }
    api.posted("/facts", fact | {"citations": [{"source": "note", "exact": "Seen."}]})

    document = api.get("/openapi.json").get_json()
    assert "SwapVerified" in document["components"]["schemas"]["Fact"]["discriminator"]["mapping"]
    state = api.get("/subjects/swap").get_json()
    assert (state["status"]["value"], state["fields"]["method"]["value"]) == ("completed", "two witnesses")
    assert [each["kind"] for each in api.get("/facts", subject="swap").get_json()["facts"]] == ["SwapVerified"]
    page = api.client.get("/subjects/swap").get_data(as_text=True)
    assert "completed" in page
    assert "two witnesses" in page
    assert "two witnesses" in api.client.get("/chronology").get_data(as_text=True)
