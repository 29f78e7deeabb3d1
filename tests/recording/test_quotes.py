"""A quote is a gate: its words stand in the text, once, or the fact is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.commands.quotes import SearchableText, fold
from events.errors import QuoteAmbiguous, QuoteNotFound

TEXT = "The talks began.  On Monday,\n\nthe talks ended. No more was said of the talks."


def found(text: str, *quote: str | None) -> str:
    place = SearchableText(text).locate(*(*quote, None, None)[:3])  # type: ignore[arg-type]
    return text[place.start : place.end]


def test_white_space_is_folded_and_the_place_is_that_in_the_text_as_given() -> None:
    assert found(TEXT, "On Monday, the talks ended.") == "On Monday,\n\nthe talks ended."


def test_a_composed_letter_finds_a_decomposed_one() -> None:
    text = "Zu\u0308rich and Mu\u0308nchen agreed."

    assert found(text, "München agreed") == "Mu\u0308nchen agreed"


def test_one_letter_that_differs_is_not_found() -> None:
    with pytest.raises(QuoteNotFound, match="does not stand"):
        SearchableText(TEXT).locate("On monday", None, None)


def test_words_in_several_places_are_refused_with_the_places() -> None:
    with pytest.raises(QuoteAmbiguous, match=r"3 places \(characters 4 to 9, 34 to 39, 71 to 76\)"):
        SearchableText(TEXT).locate("talks", None, None)


def test_a_prefix_or_a_suffix_chooses_among_places() -> None:
    assert SearchableText(TEXT).locate("talks", "Monday, the ", None).start == 34
    assert SearchableText(TEXT).locate("talks", None, " began").start == 4


def test_a_prefix_that_does_not_stand_there_is_not_found() -> None:
    with pytest.raises(QuoteNotFound, match="between that prefix and suffix"):
        SearchableText(TEXT).locate("talks", "Sunday, the ", None)


@given(st.text(alphabet="ab \n\t\u0308\u00fcü.", min_size=1, max_size=40), st.data())
def test_every_piece_of_a_text_is_found_in_it_where_it_stands(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    piece = fold(text[start:end])
    whole = SearchableText(text)

    for place in whole.places(piece):
        assert piece in fold(text[place.start : place.end])
    if piece and fold(text).count(piece):
        assert whole.places(piece)
