"""At registration the receipt names the sources whose words a text seems to repeat; nothing else comes of it."""

import random
from typing import Any

import pytest

from projections.queries.evidence.reprints import LEAST_SHARE
from projections.read_models.texts.shingles import ComparedText, shared_passages
from service.databases.chronology import Chronology
from tests.conftest import api_of
from tests.running.test_followers import rows, rows_after_rebuild

WIRE = (
    "ISTANBUL (Wire) - Delegations of both sides met in a palace on the Bosphorus on Monday for a second round of "
    "talks. After little more than an hour they agreed to hand over all prisoners who are badly wounded or younger "
    "than twenty-five. A list of children who were taken away was passed across the table."
)
REPRINT = (
    "Our correspondent writes: rain fell on the city. After little more than an hour they agreed to hand over all "
    "prisoners who are badly wounded or younger than twenty-five. A list of children who were taken away was passed "
    "across the table."
)
OTHER = "The harvest was good this year, and the price of grain fell in all ports of the coast for the third week."


@pytest.fixture
def api(chronology: Chronology) -> Any:
    return api_of(chronology, "admin")


def taken_in(api: Any, name: str, text: str, **more: Any) -> list[dict[str, Any]]:
    answer = api.post("/sources", {"id": name, "title": name, "publisher": name, "text": text, **more})
    assert answer.status_code in (200, 201), answer.get_json()
    repeats: list[dict[str, Any]] = answer.get_json()["repeats"]
    return repeats


def test_a_reprint_is_told_from_what_and_in_which_passages(api: Any) -> None:
    assert taken_in(api, "wire", WIRE) == []
    assert taken_in(api, "harvest", OTHER) == []

    (repeated,) = taken_in(api, "reprint", REPRINT)

    assert repeated["source"] == "wire"
    assert repeated["share"] > LEAST_SHARE
    (passage,) = repeated["passages"]
    assert passage["words"].startswith("After little more")
    assert passage["words"].endswith("across the table.")
    assert REPRINT[passage["start"] : passage["end"]] == passage["words"]


def test_it_is_a_suggestion_without_effect_until_a_correction_accepts_it(api: Any) -> None:
    taken_in(api, "wire", WIRE)
    (repeated,) = taken_in(api, "reprint", REPRINT)
    assert api.get("/sources/reprint").get_json()["derived_from"] == []

    changes = {"derived_from": [repeated["source"]]}
    accepted = {"kind": "misattribution", "reason": "it repeats the wire", "changes": changes}
    api.posted("/sources/reprint/corrections", accepted)

    assert api.get("/sources/reprint").get_json()["derived_from"] == ["wire"]
    assert taken_in(api, "reprint", REPRINT) == [], "what is noted is not suggested again"


def test_what_is_said_to_derive_is_not_suggested(api: Any) -> None:
    taken_in(api, "wire", WIRE)

    assert taken_in(api, "reprint", REPRINT, derived_from=["wire"]) == []


def test_a_revision_is_compared_too_and_by_its_own_text_from_then_on(api: Any) -> None:
    taken_in(api, "wire", WIRE)
    taken_in(api, "outlet", OTHER)
    revision = {"text": REPRINT, "retrieved_at": "2026-01-01T12:00:00Z"}

    assert [each["source"] for each in api.posted("/sources/outlet/revisions", revision)["repeats"]] == ["wire"]
    assert {each["source"] for each in taken_in(api, "third", REPRINT)} == {"wire", "outlet"}
    assert taken_in(api, "fourth", OTHER) == []


def test_a_language_without_spaces_is_compared_by_its_characters(api: Any) -> None:
    told = "双方代表团星期一在伊斯坦布尔举行了第二轮会谈、一个多小时以后同意移交所有重伤和年轻的战俘。"
    taken_in(api, "wire", told)

    assert [each["source"] for each in taken_in(api, "reprint", f"本报讯。{told}会谈在皇宫里举行。")] == ["wire"]


def test_an_erased_text_leaves_no_hashes(api: Any, chronology: Chronology) -> None:
    taken_in(api, "wire", WIRE)
    taken_in(api, "kept", OTHER)
    api.post("/sources/wire/redactions", {"reason": "asked for"})

    assert taken_in(api, "reprint", REPRINT) == []
    followed = rows(chronology)["shingles"]
    assert {source for source, *_ in followed} == {"kept"}


def test_hashes_followed_step_by_step_are_those_made_anew(api: Any, chronology: Chronology) -> None:
    taken_in(api, "wire", WIRE)
    taken_in(api, "outlet", OTHER)
    for text in (WIRE, OTHER):
        api.posted("/sources/outlet/revisions", {"text": text + " Again.", "retrieved_at": "2026-01-01T12:00:00Z"})
    chronology.follower.catch_up()

    assert rows(chronology)["shingles"] == rows_after_rebuild(chronology)["shingles"]


def test_of_a_text_of_any_length_few_hashes_are_kept_and_its_beginning_is_compared() -> None:
    words = random.Random(1).choices([f"word{n}" for n in range(5_000)], k=60_000)
    long, head = ComparedText(" ".join(words)), ComparedText(" ".join(words[:300]))

    assert len(long.words) == 50_000
    assert len(long.smallest_hashes(32)) == 32
    assert shared_passages(head, long)[1] == 1.0
