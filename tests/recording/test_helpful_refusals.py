"""Refusals that help: all that is wrong with an array at once, the words that a text has instead, and warnings."""

import time
from typing import Any

import pytest

from events.commands.near_misses import nearest
from events.kinds.swap import SwapAgreed
from tests.conftest import Api
from tests.fixtures.stories import Chronicle

TEXT = (
    "On Friday both sides agreed to free 1,000 prisoners each, the minister\u2019s office said. Nothing else was said."
)
OURS = {"kind": "reassessment", "reason": "it turned out so"}


@pytest.fixture
def papered(api: Api) -> Api:
    api.posted(
        "/sources", {"id": "paper", "title": "A paper", "publisher": "Gazette", "text": TEXT, "published": "2024-01-03"}
    )
    return api


def fact(exact: str = "agreed to free 1,000", **values: Any) -> dict[str, Any]:
    citations = [{"source": values.pop("source", "paper"), "exact": exact}]
    return {"kind": "SwapAgreed", "subject": "swap", "occurred": "2024-01-02", "citations": citations, **values}


def test_all_faults_of_a_refused_array_are_named_at_once_and_nothing_is_recorded(papered: Api) -> None:
    papered.posted("/facts", fact(id="known"))
    before = papered.get("/facts").get_json()["asked"]["position"]
    array = [
        fact(id="fine"),
        fact(occurred="2024-02-30", zone="Nowhere"),
        fact("nobody agreed"),
        fact(source="nothing"),
        {"kind": "Nothing"},
        fact(subject="swap", kind="CeasefireAgreed"),
        fact(id="known", count_each=7),
        "no fact",
    ]

    refused = papered.post("/facts", array)

    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.get_json()["errors"]] == [
        "/1/occurred",
        "/1/zone",
        "/2/citations/0/exact",
        "/3/citations/0/source",
        "/4/kind",
        "/5",
        "/6",
        "/7",
    ]
    assert refused.get_json()["detail"].endswith("(and 7 more)")
    assert papered.get("/facts").get_json()["asked"]["position"] == before
    assert papered.post("/facts", [fact(id="known", count_each=7)] * 2).status_code == 409


@pytest.mark.parametrize(
    ("quote", "near"),
    [
        ("both sides agreed to free 1.000 prisoners each", "both sides agreed to free 1,000 prisoners each,"),
        ("the ministers office said", "the minister's office said."),
        ("agreed to release 1,000 prisoners", "agreed to free 1,000 prisoners"),
        ("prisonners", "prisoners"),
    ],
)
def test_a_quote_that_nearly_stands_is_refused_with_what_the_text_has(papered: Api, quote: str, near: str) -> None:
    refused = papered.post("/facts", fact(quote))

    assert refused.get_json()["type"].endswith("quote-not-found")
    assert refused.get_json()["errors"][0]["detail"].endswith(f"; the text has: {near!r}")
    amended = {"citations": [{"source": "paper", "exact": quote}]}
    papered.posted("/facts", fact(id="known"))
    assert repr(near) in papered.post("/facts/known/corroborations", amended).get_json()["detail"]


def test_a_quote_unlike_all_that_the_text_has_is_refused_without_more(papered: Api) -> None:
    detail = papered.post("/facts", fact("nothing like this was ever printed")).get_json()["detail"]

    assert detail == "the quote 'nothing like this was ever printed' does not stand in the text"


@pytest.mark.parametrize("text", ["word and " * 500_000, "a" * 4_000_000, "a " * 2_000_000, f"{TEXT} " * 40_000])
@pytest.mark.parametrize("quote", ["word or " * 600, "a" * 5_000, "b a " * 1_000, TEXT.replace("Friday", "Monday")])
def test_looking_for_what_a_text_has_takes_little_time(text: str, quote: str) -> None:
    began = time.thread_time()

    nearest(text, quote)

    assert time.thread_time() - began < 5


def test_an_array_of_wrong_quotes_is_refused_with_hints_for_the_first(papered: Api) -> None:
    array = [fact(f"both sides agreed to free {number} prisoners each") for number in range(100)]

    details = [each["detail"] for each in papered.post("/facts", array).get_json()["errors"]]

    assert len(details) == 100
    assert sum("the text has" in each for each in details) == 20


def test_receipts_warn_of_what_may_be_wrong(papered: Api) -> None:
    papered.posted(
        "/sources", {"id": "untold", "title": "Without text", "publisher": "Herald", "published": "2024-03-01"}
    )

    written = papered.posted(
        "/facts", [fact(id="fine"), fact(id="late", occurred="2024-01-09"), fact(source="untold", id="bare")]
    )

    warnings = [[each["warning"] for each in receipt.get("warnings", [])] for receipt in written]
    assert warnings == [[], ["reported_before_occurred"], ["unverified"]]
    assert "'late'" in written[1]["warnings"][0]["detail"]
    corrected = papered.posted("/facts/fine/corrections", {**OURS, "changes": {"occurred": "2024-01-08"}})
    assert [each["warning"] for each in corrected["warnings"]] == ["reported_before_occurred"]
    assert "warnings" not in papered.posted("/facts/late/corrections", {**OURS, "changes": {"occurred": "2024-01-02"}})


def test_a_fact_without_fault_is_recorded_without_warnings(chronicle: Chronicle, api: Api) -> None:
    cited = chronicle.report()

    assert "warnings" not in api.posted("/facts", {**fact(), "citations": [cited], "occurred": "2023-12-01"})
    chronicle.given(SwapAgreed)
