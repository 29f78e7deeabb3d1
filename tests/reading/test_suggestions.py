"""What the API suggests of a text, sent or taken in, and of its marked words."""

import pytest

from events.kinds.actor import ActorNamed
from events.kinds.swap import SwapAgreed
from tests.conftest import ON_ONE_DATABASE, api_of

TEXT = "Velia met the press. On Monday Velia and Morland agreed to swap 900 prisoners each; more than 40 will follow by 20 June."
SENTENCE = (TEXT.index("On Monday"), TEXT.index(";"))


@pytest.fixture
def api(chronology, chronicle):
    chronicle.given(ActorNamed, "velia", name="Velia", type="state")
    chronicle.given(SwapAgreed, "may-swap", "agreed", parties=["velia"], count_each=900, occurred="2025-06-02")
    chronicle.given(SwapAgreed, "other", "else", count_each=5, occurred="2024-01-02")
    chronicle.report(id="press", text=TEXT, language="en", reported="2025-06-02")
    return api_of(chronology, "reader")


def suggested(api, **body):
    answer = api.post("/suggestions", body)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def words(found, name):
    return [TEXT[each["start"] : each["end"]] for each in found[name]]


def test_a_text_has_its_dates_numbers_and_names_with_their_places_and_marked_words_their_kinds_and_facts(api):
    found = suggested(api, text=TEXT, language="en", published="2025-06-02", marked=[SENTENCE])

    assert [(each["edtf"], each["rule"]) for each in found["dates"]] == [
        ("2025-06-02", "weekday before the report"),
        ("../2025-06-20", "until a date"),
    ]
    assert words(found, "numbers") == ["900", "more than 40"]
    assert [each["count"] for each in found["numbers"]] == [{"best": 900}, {"low": 41}]
    assert words(found, "names") == ["Velia", "Velia"]
    assert len(found["kinds"]) == 3
    assert found["kinds"][0]["kind"] == "SwapAgreed"
    fact = found["facts"][0]
    assert "else" not in {each["fact"] for each in found["facts"]}
    assert (fact["fact"], fact["shares"]["names"], fact["shares"]["numbers"], fact["shares"]["date"]) == (
        "agreed",
        ["velia"],
        [900],
        True,
    )
    assert suggested(api, text=TEXT, published="2025-06-02")["facts"] == []

    taken_in = suggested(api, source="press", marked=[SENTENCE])
    assert taken_in == found
    later = suggested(api, source="press", start=20)
    assert (later["start"], later["end"], later["length"]) == (20, len(TEXT), len(TEXT))
    assert words(later, "dates") == words(found, "dates")

    answer = api.get("/names", q="ve")
    assert answer.get_json()["names"] == [{"subject": "velia", "kind": "actor", "called": "name", "name": "Velia"}]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/text"),
        ({"text": "a", "source": "press"}, "/text"),
        ({"text": "a" * 30_001}, "/text"),
        ({"text": "abc", "marked": [[1, 9]]}, "/marked/0"),
        ({"text": "abc", "published": "yesterday"}, "/published"),
    ],
)
@ON_ONE_DATABASE
def test_what_cannot_be_read_is_refused_with_its_place(api, body, pointer):
    answer = api.post("/suggestions", body)

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer
