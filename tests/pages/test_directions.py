"""Words of others that turn the direction of writing turn no word of ours."""

import re

import pytest

from events.kinds.any_subject import StatementMade
from service.app import create_app
from service.databases.chronology import Chronology
from service.pages.wording.directions import within_itself
from tests.conftest import api_of

TURNED = "\u202efdp.exe\u2067 \u202b said"
ENDS = {**dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"), **dict.fromkeys("\u2066\u2067\u2068", "\u2069")}


def left_open(text: str) -> list[str]:
    """The controls of direction that the text does not end, or ends without having begun them."""
    stack = []
    for letter in text:
        if letter in ENDS:
            stack.append(ENDS[letter])
        elif letter in ENDS.values() and (not stack or stack.pop() != letter):
            return [letter]
    return stack


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("שלום", "שלום"),
        ("\u202eab", "\u2068\u202eab\u202c\u2069"),
        ("\u202ea\u202c b", "\u2068\u202ea\u202c b\u2069"),
        ("a\u202c\u2069b", "\u2068ab\u2069"),
        ("\u2067a\u202eb\u2069c", "\u2068\u2067a\u202eb\u202c\u2069c\u2069"),
    ],
    ids=["plain", "Hebrew", "left open", "ended", "ends what is not its own", "within one another"],
)
def test_a_text_ends_the_directions_that_it_begins_and_no_others(text: str, shown: str) -> None:
    assert within_itself(text) == shown
    assert left_open(shown) == []


def test_on_every_page_turned_words_end_within_their_element(sqlite_chronology: Chronology) -> None:
    api = api_of(sqlite_chronology, "editor")
    words = {"title": TURNED, "publisher": TURNED, "text": f"{TURNED} it is done.", "published": "2024-01-02"}
    api.posted("/sources", {"id": "paper", **words})
    api.posted("/subjects", {"id": "it", "kind": "swap", "title": TURNED})
    body = {
        "id": "said",
        "kind": StatementMade.__name__,
        "subject": "it",
        "by": "speaker",
        "gist": TURNED,
        "note": TURNED,
    }
    cited = {"citations": [{"source": "paper", "exact": f"{TURNED} it is done."}], "occurred": "2024-01-01"}
    api.posted("/facts", body | cited)
    client = create_app(sqlite_chronology).test_client()

    turned = 0
    for path in (
        "/",
        "/sources",
        "/sources/paper",
        "/facts/said",
        "/subjects/it",
        "/chronology",
        "/compare",
        "/search?q=done",
    ):
        page = client.get(path)
        assert page.status_code == 200
        for text in re.split(r"<[^>]*>", page.text):
            turned += "\u202e" in text
            assert left_open(text) == [], (path, text)
    assert turned > 10
