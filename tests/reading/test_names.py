"""Known names are found in texts of any alphabet, and completed from letters, as they are called now."""

import pytest

from events.kinds.actor import ActorNamed, OfficeAssumed, OfficeLeft
from events.kinds.any_subject import SubjectDescribed
from projections.clocks import Asked
from projections.queries.reading.names import names_beginning, names_in


@pytest.fixture
def named(chronicle):
    chronicle.given(ActorNamed, "umerov", name="Rustem Umerov", type="person")
    chronicle.given(ActorNamed, "velia", name="Velia", type="state", aliases=["Republic of Velia"])
    chronicle.given(ActorNamed, "kestrel", name="Anna Kestrel", type="person")
    chronicle.given(OfficeAssumed, "kestrel", office="foreign minister")
    chronicle.given(OfficeAssumed, "umerov", office="head of the delegation")
    chronicle.given(OfficeLeft, "umerov", office="head of the delegation", occurred="2024-02-01")
    chronicle.given(SubjectDescribed, "trieste", title="The Trieste round", subject_kind="talks")
    return chronicle


def found(chronicle, text):
    with chronicle.chronology.ask(Asked()) as (snapshot, _):
        return [(text[each["start"] : each["end"]], each["subject"]) for each in names_in(snapshot, text)]


def completed(chronicle, letters, kind=None):
    with chronicle.chronology.ask(Asked()) as (snapshot, _):
        return [each["subject"] for each in names_beginning(snapshot, letters, kind, 10)]


def test_names_are_found_as_whole_words_the_longest_first_in_any_alphabet(named):
    assert found(named, "The Republic of Velia named Rustem Umerov, not Umerovich of Velialand.")[:2] == [
        ("Republic of Velia", "velia"),
        ("Rustem Umerov", "umerov"),
    ]
    assert found(named, "Умеров прибыл на встречу.") == [("Умеров", "umerov")]
    assert found(named, "After the Trieste round the foreign minister spoke.") == [
        ("the Trieste round", "trieste"),
        ("foreign minister", "kestrel"),
    ]
    assert found(named, "the head of the delegation and some umbrellas") == []


def test_names_with_endings_and_in_other_spellings_are_found_as_near_ones(named):
    assert found(named, "Umerow met Oumerov") == [("Umerow", "umerov"), ("Oumerov", "umerov")]
    assert found(named, "Она встретила Анну Кестрел и Умерова в Велии") == [
        ("Кестрел", "kestrel"),
        ("Умерова", "umerov"),
        ("Велии", "velia"),
    ]
    with named.chronology.ask(Asked()) as (snapshot, _):
        exact, near = (names_in(snapshot, text)[0]["likeness"] for text in ("Umerov", "Umerow"))
    assert near < exact == 100


def test_two_letters_complete_names_aliases_and_offices_held(named):
    assert completed(named, "um") == ["umerov"]
    assert completed(named, "Ум") == ["umerov"]
    assert completed(named, "rep") == ["velia"]
    assert completed(named, "fo") == ["kestrel"]
    assert completed(named, "head") == []
    assert completed(named, "tr", "actor") == []
    assert completed(named, "tr") == ["trieste"]
    assert completed(named, "anna kes") == ["kestrel"]
    assert completed(named, "…") == []


def test_a_name_that_was_corrected_is_found_no_more(named):
    fact = named.given(ActorNamed, "sund", name="Mara Sund", type="person")
    assert found(named, "Mara Sund spoke") == [("Mara Sund", "sund")]

    named.amend(fact, "corrections", kind="transcription_error", reason="misread", changes={"name": "Maria Lind"})

    assert found(named, "Mara Sund spoke") == []
    assert found(named, "Maria Lind spoke") == [("Maria Lind", "sund")]
