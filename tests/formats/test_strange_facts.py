"""Formats take whatever the record takes: any date, words that were erased, words that would be computed or run."""

import json
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from events.commands.redact import redact
from events.dates.bounds import bounds_of
from events.dates.calendar import DAY
from events.kinds.occurrence import Occurred
from events.kinds.swap import SwapAgreed
from projections.clocks import Asked
from service.databases.chronology import Chronology
from service.formats.offer.days import days_of, instants_of, is_of_a_time
from service.formats.offer.known_formats import FORMATS
from service.formats.offer.lists import LISTS, Address, taken_out
from tests.fixtures.histories import dates
from tests.fixtures.stories import Chronicle

FAR = ("Y170000002", "Y-17000", "-0044-03-15", "9999-12-31", "0001-01-01", "../..", "202X", "2025-21", "2011-12-30")


def written(chronology: Chronology, name: str, of: str, **asked: str) -> bytes:
    taken = taken_out(partial(chronology.ask, patiently=True), of, Asked(**asked), {}, Address("http://here"))
    return b"".join(FORMATS[name].writes[of](taken))


@given(dates() | st.sampled_from(FAR))
def test_the_days_of_a_date_hold_all_instants_that_it_can_mean(text: str) -> None:
    first, last = days_of(text)

    lo, hi = bounds_of(text, "UTC")
    if "+" not in text and "Z" not in text:  # else the days are those of its own clock
        assert first == (None if lo is None else lo // DAY)
        assert last == (None if hi is None else (hi - 1) // DAY)
    if is_of_a_time(text):
        assert [each is None for each in instants_of(text, "UTC")] == [lo is None, hi is None]


def test_every_format_writes_dates_of_any_year(sqlite_chronology: Chronology) -> None:
    chronicle = Chronicle(sqlite_chronology)
    for number, occurred in enumerate(FAR):
        chronicle.given(
            Occurred, id=f"far-{number}", occurred=occurred, what="it rained", zone="Pacific/Apia", modality="planned"
        )

    for each in FORMATS.values():
        for of in set(each.writes) & (LISTS.keys() - {"chain"}):
            assert written(sqlite_chronology, each.name, of), (each.name, of)
    assert written(sqlite_chronology, "ics", "agenda", at="1990-01-01").count(b"BEGIN:VEVENT") == 5


def test_words_that_were_erased_are_quoted_nowhere(sqlite_chronology: Chronology) -> None:
    chronicle = Chronicle(sqlite_chronology)
    chronicle.given(SwapAgreed, id="agreed", count_each=5)
    sqlite_chronology.write("admin", lambda call: redact(call, "fact", "agreed", {"reason": "a name"}))

    annotations = json.loads(written(sqlite_chronology, "webannotation", "facts"))["items"]
    (claim,) = [
        each for each in json.loads(written(sqlite_chronology, "jsonld", "facts"))["@graph"] if each["@type"] == "Claim"
    ]
    (slide,) = json.loads(written(sqlite_chronology, "timelinejs", "facts"))["events"]

    assert annotations == []
    assert "appearance" not in claim
    assert "blockquote" not in slide["text"]["text"]


def test_words_are_no_formula_in_a_table_and_no_markup_on_a_slide(sqlite_chronology: Chronology) -> None:
    Chronicle(sqlite_chronology).given(
        Occurred, id="rain", what="=cmd()<img src=x onerror=alert(1)>", occurred="2024-01-01"
    )

    (slide,) = json.loads(written(sqlite_chronology, "timelinejs", "facts"))["events"]
    table = written(sqlite_chronology, "csv", "facts").decode()

    assert "<img" not in json.dumps(slide)
    assert ",'=cmd()" in table
    assert ",=cmd()" not in table
